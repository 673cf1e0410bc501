//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// job measures something, and adds it to the report. The order is that of the document.
type job struct {
	name string
	run  func(*bench, *report) error
}

var jobs = []job{
	{"orientation", (*bench).orientation},
	{"env", (*bench).envAgainstAge},
	{"allocated", (*bench).allocated},
	{"get", (*bench).getOne},
	{"sops", (*bench).envAgainstSops},
	{"hybrid", (*bench).hybridIdentity},
	{"profiles", (*bench).manyProfiles},
	{"recipients", (*bench).manyRecipients},
	{"remembered", (*bench).manyFiles},
	{"set", (*bench).setAgainstSops},
	{"rotate", (*bench).rotateAgainstSops},
	{"large", (*bench).largeFile},
	{"memory", (*bench).peakMemory},
	{"size", (*bench).size},
	{"peers", (*bench).peers},
	{"derivation", (*bench).derivation},
	{"unlocked", (*bench).unlocked},
	{"session", (*bench).session},
}

// compare measures contestants and adds what they used to the figures.
func (b *bench) compare(r *report, list ...*contestant) ([]samples, error) {
	all, err := b.measure(list...)
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		r.Figures = append(r.Figures, figure{name: c.name, samples: all[i]})
	}
	return all, nil
}

// orientation is what starting a program costs, and opening one age file.
func (b *bench) orientation(r *report) error {
	age, err := b.age()
	if err != nil {
		return err
	}
	x, err := b.person(b.credfile, classic)
	if err != nil {
		return err
	}
	list := []*contestant{
		{name: "true", args: []string{truePath}, box: x},
		{name: "a Go program that becomes true", args: []string{b.bin("exec"), truePath}, box: x},
		{name: "age --version", args: []string{age, "--version"}, box: x},
		b.version(b.credfile, x),
	}
	for _, k := range []kind{classic, hybrid} {
		x, err := b.person(b.credfile, k)
		if err != nil {
			return err
		}
		if _, err := b.encrypt(x, "key.age", "fake-key-of-thirty-two-bytes----"); err != nil {
			return err
		}
		list = append(list, &contestant{
			name: fmt.Sprintf("a Go program that opens 32 bytes with age (%s identity) and becomes true", k),
			args: []string{b.bin("open"), x.identity(), "key.age", truePath},
			box:  x,
		})
	}
	all, err := b.measure(list...)
	for i := range all {
		r.Orient = append(r.Orient, figure{name: list[i].name, samples: all[i]})
	}
	return err
}

// encrypt writes a file with age, for the identity of a box, and returns the program.
func (b *bench) encrypt(x *box, name, text string) (string, error) {
	age, err := b.age()
	if err != nil {
		return "", err
	}
	recipient, err := x.recipient()
	if err != nil {
		return "", err
	}
	_, err = x.output(text, age, "-r", recipient, "-o", name)
	return age, err
}

// against are credfile, stock age and the bare reader on the same n credentials.
func (b *bench) against(n int) ([]*contestant, error) {
	x, err := b.filled(b.credfile, classic, n)
	if err != nil {
		return nil, err
	}
	text := dotenv(credentials(n))
	age, err := b.encrypt(x, "x.age", text)
	if err != nil {
		return nil, err
	}
	decrypt := []string{age, "-d", "-i", x.identity(), "x.age"}
	reader := []string{b.bin("read"), x.identity(), credfileName}
	all := func(out string) error { return hasAll(out, credentials(n)) }
	return []*contestant{
		b.env(fmt.Sprintf("credfile env, %d credentials", n), b.credfile, x, n),
		{name: fmt.Sprintf("age -d, %d credentials", n), args: decrypt, box: x, check: printing(x, all, decrypt...)},
		{name: fmt.Sprintf("the bare reader, %d credentials", n), args: append(reader, truePath), box: x,
			check: printing(x, all, append(reader, envPath)...)},
	}, nil
}

func (b *bench) envAgainstAge(r *report) error {
	for _, c := range []struct {
		n     int
		limit float64
	}{{10, 1.25}, {100, 1.3}, {1000, 1.6}} {
		list, err := b.against(c.n)
		if err != nil {
			return err
		}
		s, err := b.compare(r, list...)
		if err != nil {
			return err
		}
		r.goals = append(r.goals, atMost(fmt.Sprintf("`env -- true`, %d credentials: CPU in times of `age -d`", c.n), c.limit, ratio(s[0], s[1], cpu)))
		r.ratios = append(r.ratios, goal{what: fmt.Sprintf("`env -- true` against the bare reader, %d credentials", c.n), got: ratio(s[0], s[2], cpu)})
		if c.n == 1000 {
			r.thousand = s[0]
		}
	}
	return nil
}

// getOne looks at what get does beside reading the file, which nobody can avoid: get of 1000
// may cost as much as get of 10 and the larger file's bytes.
func (b *bench) getOne(r *report) error {
	var list []*contestant
	for _, n := range []int{1000, 10} {
		x, err := b.filled(b.credfile, classic, n)
		if err != nil {
			return err
		}
		list = append(list, b.get(b.credfile, x, n),
			&contestant{name: fmt.Sprintf("reading and hashing the file of %d", n), args: []string{b.bin("hash"), credfileName}, box: x})
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	got := combine(s, func(s []sample) float64 { return s[0].cpu / (s[2].cpu + s[1].cpu - s[3].cpu) })
	r.goals = append(r.goals, atMost("`get`, one of 1000: CPU in times of one of 10 and the hashing of the larger file", 1.15, got))
	return nil
}

func (b *bench) hybridIdentity(r *report) error {
	var list []*contestant
	for _, k := range []kind{hybrid, classic} {
		x, err := b.filled(b.credfile, k, 100)
		if err != nil {
			return err
		}
		list = append(list, b.env(fmt.Sprintf("credfile env, 100 credentials, %s identity", k), b.credfile, x, 100))
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	r.goals = append(r.goals, atMost("`env -- true` with a hybrid identity: CPU in times of a classic one", 1.2, ratio(s[0], s[1], cpu)))
	return nil
}

// peakMemory was measured with the CPU time.
func (b *bench) peakMemory(r *report) error {
	g := atMost("`env -- true`, 1000 credentials: peak memory", 14,
		r.thousand.spread(func(s sample) float64 { return s.memory / 1024 })).in("MiB")
	if r.thousand == nil {
		g.skipped = "measured with env"
	}
	r.goals = append(r.goals, g)
	return nil
}

func (b *bench) size(r *report) error {
	info, err := os.Stat(b.credfile)
	if err != nil {
		return err
	}
	megabytes := float64(info.Size()) / 1e6
	b.say("  %-68s %9.2f MB", filepath.Base(b.credfile), megabytes)
	r.goals = append(r.goals, atMost("size of the program", 12, spread{}).in("MB").counts(megabytes))
	return nil
}
