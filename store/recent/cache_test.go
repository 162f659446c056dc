package recent

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shelf is a database of one number per key, and a cache of it.
type shelf struct {
	Changes
	*Cache[int, int64]
	numbers [8]atomic.Int64
	reads   atomic.Int64
	before  func() // called when a read has read, and before it ends
	err     error
}

func newShelf(most int) *shelf {
	s := &shelf{before: func() {}}
	s.Cache = New(&s.Changes, most, func(_ context.Context, key int) (int64, []Name, error) {
		s.reads.Add(1)
		n := s.numbers[key%8].Load()
		s.before()
		return n, []Name{NameOf("number", key%8)}, s.err
	})
	return s
}

func (s *shelf) change(key int) {
	s.numbers[key].Add(1)
	s.Note(NameOf("number", key))
}

func (s *shelf) want(t *testing.T, when string, key int, want, reads int64) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); got != want || err != nil || s.reads.Load() != reads {
		t.Errorf("%s: %d after %d reads, %v; want %d after %d", when, got, s.reads.Load(), err, want, reads)
	}
}

func TestKeptForASecond(t *testing.T) {
	s := newShelf(100)
	s.want(t, "at first", 1, 0, 1)
	s.want(t, "again", 1, 0, 1)
	s.numbers[1].Add(1) // by another node
	time.Sleep(Life / 2)
	s.want(t, "after half of its life", 1, 0, 1)
	time.Sleep(Life/2 + time.Millisecond)
	s.want(t, "after its life", 1, 1, 2)
}

// The life of what was read begins with the read, not with its end.
func TestASlowReadIsKeptForLess(t *testing.T) {
	s := newShelf(100)
	s.before = func() { time.Sleep(Life * 3 / 4) }
	s.want(t, "at first", 1, 0, 1)
	time.Sleep(Life/4 + 10*time.Millisecond)
	s.want(t, "a second after the read began", 1, 0, 2)
}

func TestChangesCountAtOnce(t *testing.T) {
	s := newShelf(100)
	s.want(t, "at first", 1, 0, 1)
	s.want(t, "another", 2, 0, 2)
	for i := range int64(100) {
		s.change(1)
		s.want(t, "after a change", 1, i+1, i+3)
	}
	s.want(t, "what did not change", 2, 0, 102)
	s.Note(Everything())
	s.want(t, "after a change of everything", 2, 0, 103)
}

// However much is sold of other products, what is kept of one that nobody buys stays.
func TestChangesOfOthersCostNothing(t *testing.T) {
	s := newShelf(100)
	s.want(t, "at first", 1, 0, 1)
	mine, others := NameOf("number", 1), 0
	for id := 1000; others < 10_000; id++ {
		if n := NameOf("number", id); n.slot != mine.slot {
			s.Note(n)
			others++
		}
	}
	s.want(t, "after changes of others", 1, 0, 1)
	if n := NameOf("other kind", 1); n.slot == mine.slot {
		t.Error("kinds are not told apart") // by chance once in 65536 runs
	}
}

// A read that began before a change is not kept after it, and nobody who may know of the change is given it.
func TestAReadFromBeforeAChange(t *testing.T) {
	s := newShelf(100)
	begun, end := make(chan struct{}), make(chan struct{})
	s.before = func() {
		if s.reads.Load() == 1 {
			close(begun)
			<-end
		}
	}
	old := make(chan int64)
	go func() {
		n, _ := s.Get(t.Context(), 1)
		old <- n
	}()
	<-begun
	s.change(1)
	joined := make(chan int64)
	go func() {
		n, _ := s.Get(t.Context(), 1) // waits for the first
		joined <- n
	}()
	time.Sleep(20 * time.Millisecond)
	close(end)
	if n := <-joined; n != 1 {
		t.Errorf("who asked after the change got %d", n)
	}
	<-old
	s.want(t, "afterwards", 1, 1, s.reads.Load())
}

// While numbers rise, nobody gets one that was past already when asking.
func TestNothingIsOlderThanWhenAsked(t *testing.T) {
	s := newShelf(4)
	var told [2]atomic.Int64 // what somebody was told that it is, at least
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i := range 8 {
		key, writes := i%2, i < 2
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if writes {
					s.change(key)
					told[key].Add(1)
				}
				least := told[key].Load()
				if got, err := s.Get(t.Context(), key); err != nil || got < least {
					t.Errorf("%d, %v; it was %d before", got, err, least)
					return
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	all.Wait()
}

func TestACrowdReadsOnce(t *testing.T) {
	s := newShelf(100)
	s.before = func() { time.Sleep(20 * time.Millisecond) }
	var crowd sync.WaitGroup
	for range 50 {
		crowd.Go(func() {
			if _, err := s.Get(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	if n := s.reads.Load(); n != 1 {
		t.Errorf("%d reads", n)
	}
}

func TestFaultsAreNotKept(t *testing.T) {
	s := newShelf(100)
	s.err = errors.New("wrong")
	if _, err := s.Get(t.Context(), 1); !errors.Is(err, s.err) {
		t.Errorf("%v", err)
	}
	s.err = nil
	s.want(t, "after a fault", 1, 0, 2)
}

func TestAnew(t *testing.T) {
	s := newShelf(100)
	s.want(t, "at first", 1, 0, 1)
	s.numbers[1].Add(1) // by another node
	if n, err := s.Get(Anew(t.Context()), 1); n != 1 || err != nil {
		t.Errorf("read anew: %d, %v", n, err)
	}
	s.want(t, "then for all", 1, 1, 2)
	if _, ok := s.Find(Anew(t.Context()), 1); ok {
		t.Error("found in what is kept")
	}
}

func TestBound(t *testing.T) {
	s := newShelf(1000)
	for key := range 20_000 {
		if _, err := s.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Len(); n > 1000 {
		t.Errorf("%d are kept", n)
	}
}
