package scan

import (
	"encoding/binary"
	"math/bits"
)

// An automaton with a state for each byte of 20,000 patterns takes tens of megabytes, and
// misses the cache at nearly every byte of the text. This index looks at four bytes at every
// fifth position instead: of eight bytes in a row, four such bytes begin at one of the first
// five. So each pattern has a window of eight bytes whose five groups of four are known. Nearly
// all positions end at the filter, which fits into the second-level cache.
const (
	window = MinLength
	group  = 4
	stride = window - group + 1

	filterBits = 20 // 128 KiB
)

type index struct {
	filter  []uint64
	groups  []groupSlot  // a hash table with open addressing
	windows []windowSlot // likewise
	next    []int32      // pattern with the same window, or -1
	at      []int32      // where in its key a pattern's window begins
	keys    []string     // "" for one that is not in the index
}

// groupSlot says at which positions in windows a group is. No position: the slot is free.
type groupSlot struct {
	group uint32
	at    uint8 // a bit for each
}

type windowSlot struct {
	window uint64
	first  int32 // pattern, plus 1
}

func (x *index) empty() bool { return x.filter == nil }

// build indexes patterns by the keys that key returns. Shorter ones than a window are left out.
func (x *index) build(patterns []pattern, key func(*pattern) string) {
	n := 0
	x.keys = make([]string, len(patterns))
	for i := range patterns {
		if k := key(&patterns[i]); len(k) >= window {
			x.keys[i] = k
			n++
		}
	}
	if n == 0 {
		return
	}
	x.filter = make([]uint64, 1<<filterBits/64)
	x.groups = make([]groupSlot, 1<<bits.Len(uint(2*n*stride)))
	x.windows = make([]windowSlot, 1<<bits.Len(uint(2*n)))
	x.next, x.at = make([]int32, len(patterns)), make([]int32, len(patterns))
	used := map[uint64]int{}
	for i, k := range x.keys {
		if k != "" {
			x.add(i, k, bestWindow(k, used))
		}
	}
}

// bestWindow returns where the window of a key is that text and other keys have least.
func bestWindow(key string, used map[uint64]int) (best int) {
	step := max(1, len(key)/64)
	least := -1
	for at := 0; at+window <= len(key); at += step {
		score := plainness(key[at:at+window]) + 8*used[word(key[at:])]
		if least < 0 || score < least {
			best, least = at, score
		}
	}
	used[word(key[best:])]++
	return best
}

func word(s string) uint64 {
	return binary.LittleEndian.Uint64([]byte(s[:window]))
}

func (x *index) add(i int, key string, at int) {
	x.at[i] = int32(at)
	for n := range stride {
		g := binary.LittleEndian.Uint32([]byte(key[at+n : at+n+group]))
		h := hash32(g)
		x.filter[h>>6] |= 1 << (h & 63)
		slot := x.groupSlot(g)
		slot.group = g
		slot.at |= 1 << n
	}
	w := word(key[at:])
	slot := x.windowSlot(w)
	x.next[i] = slot.first - 1
	slot.window, slot.first = w, int32(i)+1
}

func hash32(g uint32) uint32 { return g * 0x9e3779b1 >> (32 - filterBits) }

func (x *index) groupSlot(g uint32) *groupSlot {
	mask := uint32(len(x.groups) - 1)
	for i := g * 0x85ebca6b >> 7 & mask; ; i = (i + 1) & mask {
		if s := &x.groups[i]; s.at == 0 || s.group == g {
			return s
		}
	}
}

func (x *index) windowSlot(w uint64) *windowSlot {
	mask := uint64(len(x.windows) - 1)
	for i := w * 0x9e3779b97f4a7c15 >> 32 & mask; ; i = (i + 1) & mask {
		if s := &x.windows[i]; s.first == 0 || s.window == w {
			return s
		}
	}
}

// search calls found for each key in text, with its position and the pattern.
func (x *index) search(text []byte, found func(at, pattern int)) {
	filter := (*[1 << filterBits / 64]uint64)(x.filter)
	for i := 0; i+group <= len(text); i += stride {
		g := binary.LittleEndian.Uint32(text[i:])
		if h := hash32(g); filter[h>>6]>>(h&63)&1 != 0 {
			x.look(text, i, g, found)
		}
	}
}

// look compares what is around a group that may be in a window.
func (x *index) look(text []byte, i int, g uint32, found func(at, pattern int)) {
	slot := x.groupSlot(g)
	for at := slot.at; at != 0; at &= at - 1 {
		begin := i - bits.TrailingZeros8(at)
		if begin < 0 || begin+window > len(text) {
			continue
		}
		w := x.windowSlot(binary.LittleEndian.Uint64(text[begin:]))
		for p := w.first - 1; p >= 0; p = x.next[p] {
			from, key := begin-int(x.at[p]), x.keys[p]
			if from >= 0 && from+len(key) <= len(text) && string(text[from:from+len(key)]) == key {
				found(from, int(p))
			}
		}
	}
}
