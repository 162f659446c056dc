package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// ClockSlack is by how much nodes may differ when they write a due time: one further out than its plan and this was written by a
// wrong clock.
const ClockSlack = 5 * time.Second

// Figures of the clock.
const (
	measureEvery = 5 * time.Second
	measureWait  = 2 * time.Second
	slowAnswer   = time.Second     // an answer that took longer says too little about the time
	mostSkew     = 3 * time.Second // by which the clocks of a node and of the database may differ
	settleTime   = time.Minute     // how long a clock that has jumped is not trusted
)

// NodeClock is how a node tells the time by itself.
type NodeClock struct {
	Wall   func() time.Time     // the time of day, which may be wrong and may be set
	Passed func() time.Duration // time that has passed since some moment, which nobody sets
}

// SystemNode is the machine's own clock.
func SystemNode() NodeClock {
	start := time.Now()
	return NodeClock{
		Wall:   func() time.Time { return time.Now().Round(0) }, // without the monotonic reading
		Passed: func() time.Duration { return time.Since(start) },
	}
}

// SharedClock tells the time of the database, by which all nodes judge what is due. Between two measurements it goes on by the time that
// has passed, so setting the clock of the node changes nothing. It is safe for concurrent use.
type SharedClock struct {
	db   *DB
	node NodeClock
	log  *slog.Logger

	mu      sync.RWMutex
	base    time.Time     // the database's time …
	at      time.Duration // … at this moment of node.Passed
	trouble error         // of the last measurement; nil: the node agrees with the database
	settled time.Duration // the moment of node.Passed from which on the clock is trusted
}

// NewClock measures the database's time for the first time. Run then has to keep it right.
func NewClock(ctx context.Context, d *DB, node NodeClock, log *slog.Logger) (*SharedClock, error) {
	c := &SharedClock{db: d, node: node, log: log}
	now, at, _, err := c.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the database's clock: %w", err)
	}
	c.base, c.at = now, at
	c.judge(ctx)
	return c, nil
}

// Now is the database's time, cut as the database keeps it. It is a Clock.
func (c *SharedClock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Cut(c.now())
}

func (c *SharedClock) now() time.Time { return c.base.Add(c.node.Passed() - c.at) }

// Trouble is why nothing that is due should be done on this node now, or nil: its clock and the database's disagree, or the
// database's clock has just jumped.
func (c *SharedClock) Trouble() error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.trouble == nil && c.node.Passed() < c.settled {
		return errJumped
	}
	return c.trouble
}

var errJumped = errors.New("the database's clock has jumped a moment ago")

// Run measures every few seconds until ctx ends.
func (c *SharedClock) Run(ctx context.Context) {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		c.Measure(ctx)
	}
}

// Measure compares the clock with the database's and follows it. Without an answer the clock continues unchanged.
func (c *SharedClock) Measure(ctx context.Context) {
	now, at, took, err := c.read(ctx)
	if err != nil || took > slowAnswer {
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, "the database did not tell the time", "took", took, "error", err)
		}
		return
	}
	c.mu.Lock()
	off := now.Sub(c.base.Add(at - c.at))
	if off.Abs() > took+2*time.Millisecond { // closer than that nobody can tell
		c.base, c.at = now, at
	}
	if off.Abs() > mostSkew {
		c.settled = at + settleTime
	}
	c.mu.Unlock()
	if off.Abs() > mostSkew {
		c.log.ErrorContext(ctx, "the database's clock has jumped; what is due waits a minute", "by", off)
	}
	c.judge(ctx)
}

// read asks the database for its time. at is the moment of node.Passed at which it was so late, took how long the answer took.
func (c *SharedClock) read(ctx context.Context) (now time.Time, at, took time.Duration, err error) {
	began := c.node.Passed()
	if c.db.driver == SQLite { // it has no other clock than the machine
		return c.node.Wall().UTC(), began, 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, measureWait)
	defer cancel()
	err = c.db.Get(ctx, &now, "SELECT UTC_TIMESTAMP(3)")
	took = c.node.Passed() - began
	return now, began + took/2, took, err
}

// judge compares the node's own clock with the database's. It logs when that begins and when it ends.
func (c *SharedClock) judge(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.trouble
	skew := c.node.Wall().Sub(c.now()).Round(time.Millisecond)
	if skew.Abs() <= mostSkew {
		c.trouble = nil
		if was != nil {
			c.log.InfoContext(ctx, "the clocks of this node and of the database agree again")
		}
		return
	}
	c.trouble = fmt.Errorf("the clock of this node is %v off the database's", skew)
	if was == nil {
		c.log.ErrorContext(ctx, "this node does nothing that is due until its clock is set right", "off", skew)
	}
}
