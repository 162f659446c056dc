// Package keep holds on to rendered pages, so that what is the same for everybody is made once: a cache bounded by bytes, and
// pages with holes for what is not.
package keep

import (
	"context"
	"math"
	"time"

	"github.com/maypok86/otter/v2"
)

// Weighty knows how many bytes of memory it takes.
type Weighty interface{ Weight() int }

// Cache keeps values up to a number of bytes and lets go of those asked for least. It is safe for concurrent use.
type Cache[K comparable, V Weighty] struct{ inner *otter.Cache[K, V] }

// overhead is what an entry takes besides its value: its places in the cache's tables.
const overhead = 512

// New makes a cache of so many bytes, whose entries are gone after a time whatever happens.
func New[K comparable, V Weighty](bytes int, life time.Duration) *Cache[K, V] {
	return &Cache[K, V]{otter.Must(&otter.Options[K, V]{
		MaximumWeight:    uint64(bytes),
		Weigher:          func(_ K, v V) uint32 { return uint32(min(v.Weight()+overhead, math.MaxUint32)) },
		ExpiryCalculator: otter.ExpiryWriting[K, V](life),
	})}
}

// Kept is the value under a key, if there is one.
func (c *Cache[K, V]) Kept(key K) (V, bool) { return c.inner.GetIfPresent(key) }

// Get is the value under a key. Where there is none it is made: once, however many ask for it at the same time, and with
// the context of one of them; if that one gives up, another makes it. What fails is not kept, and all of them get the error.
func (c *Cache[K, V]) Get(ctx context.Context, key K, make func(context.Context) (V, error)) (V, error) {
	return c.inner.Get(ctx, key, otter.LoaderFunc[K, V](func(ctx context.Context, _ K) (V, error) { return make(ctx) }))
}

// Weight is how many bytes the cache holds now.
func (c *Cache[K, V]) Weight() int {
	c.inner.CleanUp()
	return int(c.inner.WeightedSize())
}
