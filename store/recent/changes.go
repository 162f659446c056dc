// Package recent keeps for a second what was read from the database, so that who asks again within it costs no query. What this
// program changes counts at once; what another node changes counts when the second is over.
package recent

import (
	"hash/maphash"
	"sync/atomic"
)

// Name names a part of what the database holds, such as the stock of one SKU: what is kept says of which parts it tells, and who
// changes one says so.
type Name struct {
	Kind string // such as "stock"
	slot uint32
}

// slots is how many names can be told apart. Two names that share a slot cost a read more now and then, and nothing else.
const slots = 1 << 16

var seed = maphash.MakeSeed()

// NameOf names one of a kind, by its id.
func NameOf[ID comparable](kind string, id ID) Name {
	type named struct {
		kind string
		id   ID
	}
	return Name{kind, uint32(maphash.Comparable(seed, named{kind, id}) % slots)}
}

// Everything stands for all names at once.
func Everything() Name { return Name{"everything", slots} }

// Changes remembers when what was changed by this program, in an order of its own that has nothing to do with clocks. The zero
// value is ready; it is safe for concurrent use.
type Changes struct {
	count atomic.Uint64
	last  [slots + 1]atomic.Uint64 // by slot, the count at its last change
}

// Note notes that these have changed. It is called after the change is committed, and before anybody is told of it.
//
// A read that began before the commit took a lower count than the change gets, and so counts as old from now on, whenever it
// ends. One that took this count or a higher one began after the commit, and saw the change.
func (c *Changes) Note(names ...Name) {
	for _, n := range names {
		now := c.count.Add(1)
		for last := &c.last[n.slot]; ; {
			before := last.Load()
			if before >= now || last.CompareAndSwap(before, now) {
				break
			}
		}
	}
}

// unchanged says that none of the slots has changed since the count was that.
func (c *Changes) unchanged(since uint64, of []uint32) bool {
	for _, slot := range of {
		if c.last[slot].Load() > since {
			return false
		}
	}
	return c.last[slots].Load() <= since
}
