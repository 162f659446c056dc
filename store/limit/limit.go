// Package limit counts how often something was done of late, in the database, so that a limit holds on all nodes together.
package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Rule allows something Max times within Window, which begins with the first time.
type Rule struct {
	Max    int
	Window time.Duration
}

// Counter counts. It is safe for concurrent use.
type Counter struct {
	db    *db.DB
	clock db.Clock
}

// New makes a Counter.
func New(d *db.DB, clock db.Clock) *Counter { return &Counter{db: d, clock: clock} }

// Take counts one time more under a name and says how long to wait when the rule does not allow it; 0 is allowed. The
// refused are not counted.
func (c *Counter) Take(ctx context.Context, name string, r Rule) (wait time.Duration, err error) {
	// Most of the refused are told by reading: whoever hammers makes no writer wait.
	if wait, err = c.Wait(ctx, name, r); wait > 0 || err != nil {
		return wait, err
	}
	now := c.clock()
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		wait, err = Take(ctx, tx, name, r, now)
		return err
	})
	return wait, err
}

// Wait is how long until the rule allows one time more; 0 is now. It counts nothing.
func (c *Counter) Wait(ctx context.Context, name string, r Rule) (time.Duration, error) {
	now := c.clock()
	w, err := read(ctx, c.db, name)
	if err != nil || w.Count < r.Max || !w.EndsAt.After(now) {
		return 0, err
	}
	return w.EndsAt.Sub(now), nil
}

// Count is how often it was done within the window that runs now.
func (c *Counter) Count(ctx context.Context, name string) (n int, err error) {
	return CountIn(ctx, c.db, name, c.clock())
}

// Reset forgets a name.
func (c *Counter) Reset(ctx context.Context, name string) error {
	return c.db.Tx(ctx, func(tx *db.Tx) error { return Reset(ctx, tx, name) })
}

// Expired are the windows that are over.
var Expired = db.Expired{Table: "limits", Key: []string{"name"}, At: "ends_at"}

// makeTries bounds how often a window that others begin and remove at the same moment is looked at.
const makeTries = 5

// Take is Counter.Take within a transaction, which ought to be given up when there is a wait: what it counted under
// other names then is not counted either. Take names always in the same order, so that no two wait for each other.
func Take(ctx context.Context, tx *db.Tx, name string, r Rule, now time.Time) (wait time.Duration, err error) {
	if r.Max < 1 {
		return r.Window, nil
	}
	for range makeTries {
		counted, err := count(ctx, tx, name, r, now)
		if counted || err != nil {
			return 0, err
		}
		w, err := read(ctx, tx, name)
		if err != nil {
			return 0, err
		}
		if w.EndsAt.After(now) && w.Count >= r.Max {
			return w.EndsAt.Sub(now), nil
		}
		if w.Count > 0 { // it ended or was given back meanwhile
			continue
		}
		_, err = tx.Exec(ctx, "INSERT INTO limits (name, count, ends_at) VALUES (?, 1, ?)", hash(name), now.Add(r.Window))
		if !db.IsDuplicate(err) {
			return 0, err
		}
	}
	return 0, fmt.Errorf("limit: a window that is never the same")
}

// count adds one to a window that runs, or begins a new one in place of one that is over.
func count(ctx context.Context, tx *db.Tx, name string, r Rule, now time.Time) (counted bool, err error) {
	n, err := tx.Exec(ctx, "UPDATE limits SET count = count + 1 WHERE name = ? AND ends_at > ? AND count < ?", hash(name), now, r.Max)
	if err != nil || n > 0 {
		return n > 0, err
	}
	n, err = tx.Exec(ctx, "UPDATE limits SET count = 1, ends_at = ? WHERE name = ? AND ends_at <= ?", now.Add(r.Window), hash(name), now)
	return n > 0, err
}

// Add counts one time more without a limit and says how many there are now, this one included.
func Add(ctx context.Context, tx *db.Tx, name string, window time.Duration, now time.Time) (n int, err error) {
	if _, err := Take(ctx, tx, name, Rule{math.MaxInt32, window}, now); err != nil {
		return 0, err
	}
	w, err := read(ctx, tx, name)
	return w.Count, err
}

// CountIn is Counter.Count within a transaction.
func CountIn(ctx context.Context, q db.Queryer, name string, now time.Time) (n int, err error) {
	w, err := read(ctx, q, name)
	if err != nil || !w.EndsAt.After(now) {
		return 0, err
	}
	return w.Count, nil
}

// GiveBack takes one time off a window that runs, for what turned out not to count.
func GiveBack(ctx context.Context, tx *db.Tx, name string, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE limits SET count = count - 1 WHERE name = ? AND ends_at > ? AND count > 0", hash(name), now)
	return err
}

// Reset forgets a name.
func Reset(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, "DELETE FROM limits WHERE name = ?", hash(name))
	return err
}

type window struct {
	Count  int       `db:"count"`
	EndsAt time.Time `db:"ends_at"`
}

// read finds the window of a name, or a zero one.
func read(ctx context.Context, q db.Queryer, name string) (w window, err error) {
	err = q.Get(ctx, &w, "SELECT count, ends_at FROM limits WHERE name = ?", hash(name))
	if fault.Is(err, fault.NotFound) {
		return window{}, nil
	}
	return w, err
}

// hash keeps addresses and numbers out of the table.
func hash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}
