package recent

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
)

// Life is how long what was read is kept, from the moment when the read began.
const Life = time.Second

// Read reads what belongs to a key, and names all of the database that it depends on.
type Read[K comparable, V any] func(ctx context.Context, key K) (value V, of []Name, err error)

// Cache keeps what was read. What it returns is shared: nobody changes it. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	changes *Changes
	read    Read[K, V]
	kept    *otter.Cache[any, *entry] // of any keys and values, since each kind of them would bring 300 KB of code
}

// entry is what was read; it is never changed.
type entry struct {
	value any
	since uint64   // the count of changes before the read began
	begun int64    // when it began
	of    []uint32 // the slots of what it depends on
}

// New makes a cache of at most so many values.
func New[K comparable, V any](changes *Changes, most int, read Read[K, V]) *Cache[K, V] {
	return &Cache[K, V]{changes, read, otter.Must(&otter.Options[any, *entry]{
		MaximumSize: most,
		Clock:       monotonic{},
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[any, *entry]) time.Duration {
			return max(Life-time.Duration(now()-e.Value.begun), 1)
		}),
	})}
}

// Find is what is kept under a key. It does not keep the key.
func (c *Cache[K, V]) Find(ctx context.Context, key K) (value V, ok bool) {
	if e, ok := c.kept.GetIfPresent(key); ok && c.changes.unchanged(e.since, e.of) && !readsAnew(ctx) {
		return e.value.(V), true
	}
	return value, false
}

// Get is what is kept under a key, or is read: once, however many ask at the same time. An error is not kept. Whatever this
// program had changed when Get was called, and named by Changes.Note, is in the answer.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (V, error) {
	if value, ok := c.Find(ctx, key); ok {
		return value, nil
	}
	if readsAnew(ctx) {
		return c.readAnew(ctx, key)
	}
	asked, at := c.changes.count.Load(), now()
	c.kept.ComputeIfPresent(key, func(e *entry) (*entry, otter.ComputeOp) {
		if c.changes.unchanged(e.since, e.of) {
			return e, otter.CancelOp
		}
		return e, otter.InvalidateOp
	})
	e, err := c.kept.Get(ctx, key, otter.LoaderFunc[any, *entry](c.load))
	switch {
	case err != nil:
		var none V
		return none, err
	case e.since < asked && !c.changes.unchanged(e.since, e.of), e.begun < at-int64(Life):
		// Somebody else began this read, before something changed that this caller may know of, or too long ago.
		return c.readAnew(ctx, key)
	}
	return e.value.(V), nil
}

// load reads. Its value tells what had changed before it began, at least.
func (c *Cache[K, V]) load(ctx context.Context, key any) (*entry, error) {
	e := &entry{since: c.changes.count.Load(), begun: now()}
	value, names, err := c.read(ctx, key.(K))
	if err != nil {
		return nil, err
	}
	e.value, e.of = value, make([]uint32, len(names))
	for i, n := range names {
		e.of[i] = n.slot
	}
	return e, nil
}

// readAnew reads, whatever is kept.
func (c *Cache[K, V]) readAnew(ctx context.Context, key K) (V, error) {
	e, err := c.load(ctx, key)
	if err != nil {
		var none V
		return none, err
	}
	c.kept.Set(key, e)
	return e.value.(V), nil
}

// Len is about how many values are kept.
func (c *Cache[K, V]) Len() int {
	c.kept.CleanUp()
	return c.kept.EstimatedSize()
}

type anew struct{}

// Anew is a context with which nothing is taken from what is kept: for somebody who has just changed something on another node.
func Anew(ctx context.Context) context.Context { return context.WithValue(ctx, anew{}, true) }

func readsAnew(ctx context.Context) bool { return ctx.Value(anew{}) != nil }

// monotonic is a clock that is never set, so that nothing is kept longer when the machine's clock is set back.
type monotonic struct{}

var start = time.Now()

func now() int64 { return int64(time.Since(start)) }

func (monotonic) NowNano() int64                        { return now() }
func (monotonic) Tick(d time.Duration) <-chan time.Time { return time.Tick(d) }
