package keep

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

// doorkeeper knows what was asked for in the last minutes, so that only what is asked for again is kept: who walks through a large shop
// fills no memory with pages that nobody wants twice. It is a table of fixed size; where two fall upon one place, the earlier is forgotten.
// It is safe for concurrent use.
type doorkeeper struct {
	seed   maphash.Seed
	places [1 << 15]atomic.Uint64 // the upper bits of a hash, and a time
}

// askedWithin is how long the doorkeeper remembers. What is wanted at least once in pagesLife has been made, and so been asked for here,
// within twice that time, and thus is kept without a break.
const askedWithin = 2 * pagesLife

const timeBits = 24 // of seconds, which come round after half a year

func newDoorkeeper() *doorkeeper { return &doorkeeper{seed: maphash.MakeSeed()} }

// again says whether a page was asked for before, and remembers that it is now. A page that has changed since is the same page.
func (d *doorkeeper) again(k pageKey, now time.Time) bool {
	k.version, k.live = 0, ""
	h := maphash.Comparable(d.seed, k)
	const mask = 1<<timeBits - 1
	mark := h&^mask | uint64(now.Unix())&mask
	before := d.places[h%uint64(len(d.places))].Swap(mark)
	age := (mark - before) & mask
	return before&^mask == mark&^mask && age <= uint64(askedWithin/time.Second)
}
