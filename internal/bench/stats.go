//go:build unix

package main

import (
	"math"
	"slices"
)

// spread is the median of a list and its quartiles.
type spread struct {
	median, low, high float64
	n                 int
}

// spreadOf interpolates between neighbours, as R and numpy do by default.
func spreadOf(list []float64) spread {
	s := slices.Sorted(slices.Values(list))
	at := func(q float64) float64 {
		if len(s) == 0 {
			return math.NaN()
		}
		i := q * float64(len(s)-1)
		lower := int(i)
		upper := min(lower+1, len(s)-1)
		return s[lower] + (i-float64(lower))*(s[upper]-s[lower])
	}
	return spread{median: at(0.5), low: at(0.25), high: at(0.75), n: len(s)}
}

// sample is what one run used.
type sample struct {
	round  int
	user   float64 // milliseconds
	cpu    float64 // milliseconds, user and system
	memory float64 // KiB, at the peak
	faults float64 // minor page faults
}

func cpu(s sample) float64    { return s.cpu }
func user(s sample) float64   { return s.user }
func memory(s sample) float64 { return s.memory }
func faults(s sample) float64 { return s.faults }

type samples []sample

func (l samples) spread(of func(sample) float64) spread {
	var list []float64
	for _, s := range l {
		list = append(list, of(s))
	}
	return spreadOf(list)
}

// ratio compares runs of the same round, since what else the machine does slows both down. A
// round in which either didn't run is left out.
func ratio(a, b samples, of func(sample) float64) spread {
	return combine([]samples{a, b}, func(s []sample) float64 { return of(s[0]) / of(s[1]) })
}

// differs tells whether runs of a are slower (1) or faster (-1) than those of b in so many rounds
// that it is hardly chance: more than three standard deviations of a fair coin.
func differs(a, b samples, of func(sample) float64) int {
	var more, less float64
	combine([]samples{a, b}, func(s []sample) float64 {
		if of(s[0]) > of(s[1]) {
			more++
		} else if of(s[0]) < of(s[1]) {
			less++
		}
		return 0
	})
	z := (more - less) / math.Sqrt(max(more+less, 1))
	switch {
	case z > 3:
		return 1
	case z < -3:
		return -1
	}
	return 0
}

// combine computes a figure from the samples of each round in which all of the lists have one.
func combine(lists []samples, figure func([]sample) float64) spread {
	var figures []float64
	for _, first := range lists[0] {
		of := []sample{first}
		for _, list := range lists[1:] {
			if i := slices.IndexFunc(list, func(s sample) bool { return s.round == first.round }); i >= 0 {
				of = append(of, list[i])
			}
		}
		if len(of) == len(lists) {
			figures = append(figures, figure(of))
		}
	}
	return spreadOf(figures)
}
