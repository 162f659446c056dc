package limit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/limit"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx   = context.Background()
	three = limit.Rule{Max: 3, Window: time.Minute}
)

func take(t *testing.T, c *limit.Counter, name string, r limit.Rule) time.Duration {
	t.Helper()
	wait, err := c.Take(ctx, limit.NewName(name), r)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func count(t *testing.T, c *limit.Counter, name string) int {
	t.Helper()
	n, err := c.Count(ctx, limit.NewName(name))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTake(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := limit.New(d, clock.Now)
		for i := range 3 {
			if wait := take(t, c, "a", three); wait != 0 {
				t.Fatalf("time %d has to wait %v", i+1, wait)
			}
			clock.Advance(10 * time.Second)
		}
		for range 5 { // refused, and not counted
			if wait := take(t, c, "a", three); wait != 30*time.Second {
				t.Errorf("the fourth waits %v", wait)
			}
		}
		if n := count(t, c, "a"); n != 3 {
			t.Errorf("counted %d", n)
		}
		if wait := take(t, c, "b", three); wait != 0 {
			t.Errorf("another name waits %v", wait)
		}
		clock.Advance(30 * time.Second) // the window began with the first
		if n := count(t, c, "a"); n != 0 {
			t.Errorf("a window that is over counts %d", n)
		}
		if wait := take(t, c, "a", three); wait != 0 || count(t, c, "a") != 1 {
			t.Errorf("the next window: wait %v, count %d", wait, count(t, c, "a"))
		}
		if err := c.Reset(ctx, limit.NewName("a")); err != nil || count(t, c, "a") != 0 {
			t.Errorf("after a reset: %d, %v", count(t, c, "a"), err)
		}
		if wait := take(t, c, "never", limit.Rule{Max: 0, Window: time.Minute}); wait != time.Minute {
			t.Errorf("a rule that allows nothing: wait %v", wait)
		}
		var names []string
		if err := d.Select(ctx, &names, "SELECT name FROM limits"); err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if len(n) != 64 || strings.Contains(n, "a:") {
				t.Errorf("kept the name %q", n)
			}
		}
	})
}

// What a transaction counted that is given up is not counted, and what is given back is there for others.
func TestWithinATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c, giveUp := limit.New(d, clock.Now), errors.New("given up")
		err := d.Tx(ctx, func(tx *db.Tx) error {
			if wait, err := limit.Take(ctx, tx, limit.NewName("a"), three, clock.Now()); wait > 0 || err != nil {
				t.Errorf("take: %v, %v", wait, err)
			}
			return giveUp
		})
		if !errors.Is(err, giveUp) || count(t, c, "a") != 0 {
			t.Errorf("given up: %v, count %d", err, count(t, c, "a"))
		}
		err = d.Tx(ctx, func(tx *db.Tx) error {
			for want := 1; want <= 3; want++ {
				if n, err := limit.Add(ctx, tx, limit.NewName("b"), time.Minute, clock.Now()); n != want || err != nil {
					t.Errorf("add: %d, %v, want %d", n, err, want)
				}
			}
			return limit.GiveBack(ctx, tx, limit.NewName("b"), clock.Now())
		})
		if err != nil || count(t, c, "b") != 2 {
			t.Errorf("given back: %v, count %d", err, count(t, c, "b"))
		}
	})
}

func TestClean(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := limit.New(d, clock.Now)
		take(t, c, "short", limit.Rule{Max: 1, Window: time.Minute})
		take(t, c, "long", limit.Rule{Max: 1, Window: time.Hour})
		for i := range 1100 { // more than one batch
			storetest.Exec(t, d, "INSERT INTO limits (name, count, ends_at) VALUES (?, 1, ?)",
				"old"+string(rune('a'+i%26))+time.Duration(i).String(), clock.Now())
		}
		clock.Advance(time.Minute)
		if _, err := d.DeleteExpired(ctx, clock.Now(), limit.Expired); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := d.Get(ctx, &left, "SELECT COUNT(*) FROM limits"); err != nil || left != 1 || count(t, c, "long") != 1 {
			t.Errorf("left %d, %v", left, err)
		}
	})
}

// Of many at once, in two processes as it were, exactly as many get through as the rule allows; also when a window that
// is over is begun anew.
func TestManyAtOnce(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			config, clock := storetest.Config(t, driver), storetest.NewClock()
			counters := []*limit.Counter{limit.New(storetest.Open(t, config), clock.Now), limit.New(storetest.Open(t, config), clock.Now)}
			rule := limit.Rule{Max: 7, Window: time.Minute}
			for round := range 3 {
				var passed atomic.Int64
				var wg sync.WaitGroup
				for i := range 40 {
					wg.Add(1)
					go func() {
						defer wg.Done()
						wait, err := counters[i%2].Take(ctx, limit.NewName("a"), rule)
						if err != nil {
							t.Error(err)
						} else if wait == 0 {
							passed.Add(1)
						}
					}()
				}
				wg.Wait()
				if n := passed.Load(); n != 7 {
					t.Errorf("round %d: %d got through, want 7", round+1, n)
				}
				clock.Advance(time.Minute)
			}
		})
	}
}
