package db_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

// crooked is a node whose own clock is off by some time, and for which time passes when told to.
type crooked struct{ off, passed atomic.Int64 }

func (n *crooked) clock() db.NodeClock {
	start := time.Now()
	passed := func() time.Duration { return time.Since(start) + time.Duration(n.passed.Load()) }
	return db.NodeClock{
		Wall:   func() time.Time { return start.Round(0).Add(passed() + time.Duration(n.off.Load())) },
		Passed: passed,
	}
}

// set changes the node's clock, as a person or a time server does.
func (n *crooked) set(off time.Duration) { n.off.Store(int64(off)) }

func (n *crooked) wait(d time.Duration) { n.passed.Add(int64(d)) }

func openClock(t *testing.T, d *db.DB, n *crooked) *db.SharedClock {
	t.Helper()
	c, err := db.NewClock(context.Background(), d, n.clock(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// near says whether two times differ by no more than a loaded machine needs to ask for them.
func near(a, b time.Time) bool { return a.Sub(b).Abs() < 10*time.Minute }

// How ever wrong a node's clock is, the time is the database's; and a node that is off does nothing that is due.
func TestNodeWithAWrongClock(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.MySQL))
	for off, sound := range map[time.Duration]bool{
		0: true, time.Second: true, -time.Second: true,
		15 * time.Second: false, time.Hour: false, -time.Hour: false, -24 * time.Hour: false, 24 * time.Hour: false,
	} {
		n := &crooked{}
		n.set(off)
		c := openClock(t, d, n)
		if got := c.Now(); !near(got, time.Now()) || !got.Equal(db.Cut(got)) {
			t.Errorf("off by %v: it is %v", off, got)
		}
		if err := c.Trouble(); (err == nil) != sound {
			t.Errorf("off by %v: %v", off, err)
		}
		n.set(0)
		c.Measure(context.Background())
		if err := c.Trouble(); err != nil {
			t.Errorf("off by %v and set right: %v", off, err)
		}
	}
}

// Setting a node's clock changes nothing in the time, not even until the next measurement.
func TestJumpOfANode(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.MySQL))
	for _, jump := range []time.Duration{15 * time.Second, time.Hour, -time.Hour, -24 * time.Hour} {
		n := &crooked{}
		c := openClock(t, d, n)
		before := c.Now()
		n.set(jump)
		if got := c.Now(); got.Before(before) || !near(got, before) {
			t.Errorf("jumped by %v: from %v to %v", jump, before, got)
		}
		c.Measure(context.Background())
		if got := c.Now(); !near(got, before) || c.Trouble() == nil {
			t.Errorf("jumped by %v and measured: from %v to %v, %v", jump, before, got, c.Trouble())
		}
	}
}

// When the database's own clock jumps, as the machine's does under SQLite, the shop follows it, but does nothing that is due until it
// has held for a while: a jump that is taken back does no harm.
func TestJumpOfTheDatabase(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	for _, jump := range []time.Duration{15 * time.Second, time.Hour, -time.Hour, -24 * time.Hour} {
		n := &crooked{}
		c := openClock(t, d, n)
		before := c.Now()
		if c.Trouble() != nil {
			t.Fatal(c.Trouble())
		}
		n.set(jump)
		if got := c.Now(); !near(got, before) {
			t.Errorf("jumped by %v: it is %v before anybody measures", jump, got)
		}
		c.Measure(context.Background())
		if got := c.Now(); !near(got, before.Add(jump)) || c.Trouble() == nil {
			t.Errorf("jumped by %v: from %v to %v, %v", jump, before, got, c.Trouble())
		}
		n.wait(50 * time.Second)
		c.Measure(context.Background())
		if c.Trouble() == nil {
			t.Errorf("jumped by %v: trusted after less than a minute", jump)
		}
		n.wait(time.Minute)
		c.Measure(context.Background())
		if c.Trouble() != nil {
			t.Errorf("jumped by %v and held: %v", jump, c.Trouble())
		}
	}
}

// Between measurements the time goes on, also while the database does not answer.
func TestClockGoesOnByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		n := &crooked{}
		c := openClock(t, d, n)
		before := c.Now()
		n.wait(3 * time.Hour)
		if got := c.Now().Sub(before); got < 3*time.Hour || got > 3*time.Hour+10*time.Minute {
			t.Errorf("%v have passed", got)
		}
		if d.Driver() == db.MySQL {
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			c.Measure(gone)
			if got := c.Now().Sub(before); got < 3*time.Hour {
				t.Errorf("without an answer %v have passed", got)
			}
		}
	})
}
