package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// patience is after what time a test gives up waiting.
const patience = time.Minute

// queue has callers wait in their order while the writer is busy, and lets them go all at once.
type queue struct {
	t     *testing.T
	d     *db.DB
	gate  chan struct{}
	group sync.WaitGroup
}

// newQueue keeps the writer busy until release.
func newQueue(t *testing.T, d *db.DB) *queue {
	t.Helper()
	q := &queue{t: t, d: d, gate: make(chan struct{})}
	busy, begun := make(chan struct{}), sync.Once{}
	q.group.Go(func() { // what comes of it is what comes of the group
		_ = d.Tx(context.Background(), func(*db.Tx) error { begun.Do(func() { close(busy) }); <-q.gate; return nil })
	})
	<-busy
	return q
}

// add puts a caller at the end of the queue, and returns when it stands there.
func (q *queue) add(caller func()) {
	q.t.Helper()
	before, _, _ := q.d.WriterStats()
	q.group.Go(caller)
	wait(q.t, "the caller to stand in the queue", func() bool { now, _, _ := q.d.WriterStats(); return now > before })
}

// release lets them go and waits until all have their answer.
func (q *queue) release() {
	q.t.Helper()
	close(q.gate)
	ended := make(chan struct{})
	go func() { q.group.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		q.t.Fatal("some callers still wait")
	}
}

func wait(t *testing.T, what string, until func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !until(); time.Sleep(50 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Whoever came first is served first, and what has queued up shares one COMMIT, at most 128.
func TestWriterServesInOrderWithOneCommit(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	q := newQueue(t, d)
	var order, want []int
	_, _, before := d.WriterStats()
	for i := range db.MostGrouped + 9 { // the first to be served is the one that keeps the writer busy
		want = append(want, i)
		q.add(func() {
			err := d.Tx(context.Background(), func(tx *db.Tx) error {
				order = append(order, i)
				return put(context.Background(), tx, fmt.Sprint(i))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	q.release()
	if !slices.Equal(order, want) {
		t.Errorf("served in the order %v", order)
	}
	if _, _, after := d.WriterStats(); after-before < 2 || after-before > 20 { // more than two where the machine is slow
		t.Errorf("%d commits", after-before)
	}
}

// What a caller of the test below does.
const (
	works = iota
	fails
	failsInPart
	panics
	exits
	leavesBefore // while it is in the queue
	leavesWithin
	leavesAtCommit
	ways
)

// In one group some fail, panic, end their goroutine or have gone. Exactly those who were told that it is done find what they
// wrote, nobody finds it twice, money is conserved, and nobody waits for ever.
func TestGroupWithTroubles(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d := storetest.Open(t, storetest.Config(t, db.SQLite))
			storetest.Exec(t, d, "CREATE TABLE purses (id INTEGER PRIMARY KEY, money INT NOT NULL)")
			storetest.Exec(t, d, "CREATE TABLE moves (caller INT NOT NULL, amount INT NOT NULL)") // which no key keeps from being there twice
			storetest.Exec(t, d, "INSERT INTO purses (id, money) VALUES (1, 100000), (2, 100000), (3, 100000)")
			random := rand.New(rand.NewPCG(seed, 1))
			q := newQueue(t, d)
			var told, ran [db.MostGrouped]atomic.Bool
			gone := errors.New("gone")
			for i := range db.MostGrouped {
				way, from, amount := random.IntN(ways), 1+random.IntN(3), 1+random.IntN(50)
				if random.IntN(2) == 0 {
					way = works
				}
				ctx, leave := context.WithCancelCause(context.Background())
				at := ""
				if way == leavesAtCommit {
					at = "COMMIT"
				}
				ctx = db.InjectFaults(ctx, func(s string) error {
					if s == at {
						leave(gone)
					}
					return nil
				})
				move := func(tx *db.Tx) error {
					ran[i].Store(true)
					_, err := tx.Exec(ctx, "INSERT INTO moves (caller, amount) VALUES (?, ?)", i, amount)
					for _, step := range []struct{ purse, delta int }{{from, -amount}, {from%3 + 1, amount}} {
						if err != nil {
							return err
						}
						_, err = tx.Exec(ctx, "UPDATE purses SET money = money + ? WHERE id = ?", step.delta, step.purse)
						if way == leavesWithin {
							leave(gone)
						}
					}
					return err
				}
				q.add(func() {
					defer func() {
						if p := recover(); (p == fmt.Sprint("panic ", i)) != (way == panics) {
							t.Errorf("caller %d, way %d: panic %v", i, way, p)
						}
					}()
					err := d.Tx(ctx, func(tx *db.Tx) error {
						switch way {
						case fails:
							return errors.Join(move(tx), errors.New("wrong"))
						case failsInPart:
							wrong := errors.New("wrong")
							if err := tx.Part(ctx, func() error { return errors.Join(move(tx), move(tx), wrong) }); !errors.Is(err, wrong) {
								return err
							}
						case panics:
							_ = move(tx)
							panic(fmt.Sprint("panic ", i))
						case exits:
							_ = move(tx)
							runtime.Goexit()
						}
						return move(tx)
					})
					told[i].Store(err == nil)
					if good := way == works || way == failsInPart; good != (err == nil) {
						t.Errorf("caller %d, way %d: %v", i, way, err)
					}
					if left := way >= leavesBefore; left != errors.Is(err, context.Canceled) {
						t.Errorf("caller %d, way %d: %v", i, way, err)
					}
				})
				if way == leavesBefore {
					leave(gone)
					defer func() {
						if ran[i].Load() {
							t.Errorf("caller %d had gone, and its function ran", i)
						}
					}()
				}
			}
			q.release()
			var there []int
			if err := d.Select(context.Background(), &there, "SELECT caller FROM moves ORDER BY caller"); err != nil {
				t.Fatal(err)
			}
			var want []int
			for i := range told {
				if told[i].Load() {
					want = append(want, i)
				}
			}
			if !slices.Equal(there, want) {
				t.Errorf("there are %v,\nwere told %v", there, want)
			}
			var sum, most int
			if err := errors.Join(d.Get(context.Background(), &sum, "SELECT SUM(money) FROM purses"),
				d.Get(context.Background(), &most, "SELECT MAX(money) FROM purses")); err != nil || sum != 300000 || most == 100000 {
				t.Errorf("sum %d, most %d, %v", sum, most, err)
			}
		})
	}
}

// Nobody is told anything before the COMMIT: not who is done, nor who failed, since it may have failed at what another wrote.
func TestNobodyIsToldBeforeTheCommit(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	committing, commit := make(chan struct{}), make(chan struct{})
	var armed atomic.Bool
	db.AroundCommit(d, func(real func() error) error {
		if armed.Load() {
			committing <- struct{}{}
			<-commit
		}
		return real()
	})
	q := newQueue(t, d)
	var told atomic.Int32
	for range 3 { // the second and third fail at the name that the first has taken
		q.add(func() {
			err := d.Tx(context.Background(), func(tx *db.Tx) error { return put(context.Background(), tx, "a") })
			if told.Add(1) > 1 != db.IsDuplicate(err) && names(t, d) != "a" {
				t.Errorf("%v, while others see %q", err, names(t, d))
			}
		})
	}
	armed.Store(true)
	close(q.gate)
	<-committing
	time.Sleep(20 * time.Millisecond)
	if n := told.Load(); n != 0 {
		t.Errorf("%d know before the COMMIT", n)
	}
	commit <- struct{}{}
	q.group.Wait()
	if told.Load() != 3 || names(t, d) != "a" {
		t.Errorf("%d know, wrote %q", told.Load(), names(t, d))
	}
}

// fullDisk is what SQLite says when the disk is full.
func fullDisk(t *testing.T) error {
	t.Helper()
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	write, _ := d.Pools()
	if _, err := write.Exec("PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	_, err := write.Exec("INSERT INTO settings (name, value) VALUES ('a', ?)", strings.Repeat("x", 1_000_000))
	if err == nil {
		t.Fatal("the disk is not full")
	}
	return err
}

// A COMMIT that fails fails all that are in it: as an outage where nothing was written, and as unknown where it may have been.
// Nothing is run again then.
func TestCommitOfAGroupFails(t *testing.T) {
	full := fullDisk(t)
	for name, c := range map[string]struct {
		commit func(real func() error) error
		kind   fault.Kind
		there  string
	}{
		"full disk":      {func(func() error) error { return full }, fault.Unavailable, ""},
		"unknown, was":   {func(real func() error) error { return errors.Join(real(), errors.New("I/O error")) }, fault.Unknown, "0 1 3"},
		"unknown, never": {func(func() error) error { return errors.New("I/O error") }, fault.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := storetest.Open(t, storetest.Config(t, db.SQLite))
			var broken atomic.Bool
			db.AroundCommit(d, func(real func() error) error {
				if broken.Load() {
					return c.commit(real)
				}
				return real()
			})
			var after, runs [4]atomic.Int32
			q := newQueue(t, d)
			broken.Store(true)
			for i := range 4 {
				q.add(func() {
					err := d.Tx(context.Background(), func(tx *db.Tx) error {
						runs[i].Add(1)
						tx.AfterCommit(func() { after[i].Add(1) })
						if i == 2 {
							return put(context.Background(), tx, "0") // which the first has taken
						}
						return put(context.Background(), tx, fmt.Sprint(i))
					})
					want := c.kind
					if i == 2 { // who failed has certainly done nothing
						want = fault.Unavailable
					}
					if !fault.Is(err, want) || want == fault.Unavailable && fault.Of(err).RetryAfter == 0 {
						t.Errorf("caller %d: %v", i, err)
					}
					if db.IsDuplicate(err) {
						t.Errorf("caller %d takes what is not there as done before: %v", i, err)
					}
				})
			}
			close(q.gate)
			q.group.Wait()
			broken.Store(false)
			for i := range 4 {
				if n := runs[i].Load(); n != 1 {
					t.Errorf("caller %d ran %d times", i, n)
				}
				if n := after[i].Load(); c.kind == fault.Unknown && i != 2 && n != 1 || i == 2 && n != 0 {
					t.Errorf("caller %d: what was asked for after the commit ran %d times", i, n)
				}
			}
			if got := names(t, d); got != c.there {
				t.Errorf("wrote %q", got)
			}
			if _, err := d.Exec(context.Background(), "INSERT INTO settings (name, value) VALUES ('later', '1')"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// Where SQLite gives up the whole transaction because of one, that one gets the error and the others run again, each alone.
func TestOthersRunAgainAfterARollback(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	write, _ := d.Pools()
	var pages int
	if err := write.Get(&pages, "PRAGMA page_count"); err != nil {
		t.Fatal(err)
	}
	if _, err := write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2)); err != nil {
		t.Fatal(err)
	}
	var runs [5]int
	q := newQueue(t, d)
	for i := range 5 {
		q.add(func() {
			err := d.Tx(ctx, func(tx *db.Tx) error {
				runs[i]++
				if i == 3 {
					_, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('big', ?)", strings.Repeat("x", 100_000))
					_ = put(ctx, tx, "after the end") // must not come into being by itself
					return errors.Join(err, put(ctx, tx, "again after the end"))
				}
				if err := put(ctx, tx, fmt.Sprint(i)); err != nil || i != 1 {
					return err
				}
				return errors.New("wrong")
			})
			switch {
			case i == 3:
				wantOutage(t, "the one that does not fit", err)
			case i == 1 && (err == nil || err.Error() != "wrong"), i != 1 && err != nil:
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	q.release()
	if got := names(t, d); got != "0 2 4" {
		t.Errorf("wrote %s", got)
	}
	if fmt.Sprint(runs) != "[2 2 2 1 1]" {
		t.Errorf("runs: %v", runs)
	}
}

// Who failed at what another wrote is not told so when all is given up, since the other runs again, and may come to another end.
func TestFailureIsInDoubtWhenAllIsGivenUp(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	db.Around(d, "ROLLBACK TO SAVEPOINT call", func(func() error) error { return errors.New("I/O error") })
	q := newQueue(t, d)
	q.add(func() {
		if err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, "a") }); err != nil {
			t.Error(err)
		}
	})
	q.add(func() {
		err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, "a") })
		if !fault.Is(err, fault.Unavailable) || db.IsDuplicate(err) {
			t.Errorf("the second is told: %v", err)
		}
	})
	q.release()
	if got := names(t, d); got != "a" {
		t.Errorf("wrote %q", got)
	}
}
