// Package limit counts in the database how often something was done recently, so that a limit holds for all nodes together.
package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Name says what is counted. It is a type of its own so that a package makes all its names in one place. The zero Name is no name.
type Name struct{ text string }

// NewName makes the name of one thing of a kind, such as the logins from one address. A kind with only one thing has no parts.
func NewName(kind string, parts ...string) Name {
	if len(parts) == 0 {
		return Name{kind}
	}
	return Name{kind + ":" + strings.Join(parts, " ")}
}

// Under is the name of another count for the same thing.
func (n Name) Under(kind string) Name { return NewName(kind, n.text) }

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

// Take counts once more under a name, or returns how long to wait when the rule does not allow it; 0 means allowed. A refused call is
// not counted.
func (c *Counter) Take(ctx context.Context, name Name, r Rule) (wait time.Duration, err error) {
	// A read finds most of those to refuse, so a flood of requests does not hold up writers.
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

// Wait is how long until the rule allows one more; 0 is now. It counts nothing.
func (c *Counter) Wait(ctx context.Context, name Name, r Rule) (time.Duration, error) {
	now := c.clock()
	w, err := read(ctx, c.db, name)
	if err != nil || w.Count < r.Max || !w.EndsAt.After(now) {
		return 0, err
	}
	return w.EndsAt.Sub(now), nil
}

// Count is how often it was done within the current window.
func (c *Counter) Count(ctx context.Context, name Name) (n int, err error) {
	return CountIn(ctx, c.db, name, c.clock())
}

// Reset deletes what was counted under a name.
func (c *Counter) Reset(ctx context.Context, name Name) error {
	return c.db.Tx(ctx, func(tx *db.Tx) error { return Reset(ctx, tx, name) })
}

// Expired are the windows that have ended.
var Expired = db.Expired{Table: "limits", Key: []string{"name"}, At: "ends_at"}

// makeTries bounds the retries when others create or delete the same window concurrently.
const makeTries = 5

// Take is Counter.Take within a transaction. Roll it back when there is a wait, so that what it counted under other names is not
// counted either. Take names in the same order everywhere, so that two transactions cannot deadlock.
func Take(ctx context.Context, tx *db.Tx, name Name, r Rule, now time.Time) (wait time.Duration, err error) {
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
		if w.Count > 0 { // it ended or was reduced meanwhile
			continue
		}
		_, err = tx.Exec(ctx, "INSERT INTO limits (name, count, ends_at) VALUES (?, 1, ?)", name.hash(), now.Add(r.Window))
		if !db.IsDuplicate(err) {
			return 0, err
		}
	}
	return 0, fmt.Errorf("limit: the window changed at each try")
}

// count adds one to the current window, or replaces one that has ended by a new one.
func count(ctx context.Context, tx *db.Tx, name Name, r Rule, now time.Time) (counted bool, err error) {
	n, err := tx.Exec(ctx, "UPDATE limits SET count = count + 1 WHERE name = ? AND ends_at > ? AND count < ?", name.hash(), now, r.Max)
	if err != nil || n > 0 {
		return n > 0, err
	}
	n, err = tx.Exec(ctx, "UPDATE limits SET count = 1, ends_at = ? WHERE name = ? AND ends_at <= ?", now.Add(r.Window), name.hash(), now)
	return n > 0, err
}

// Add counts once more without a limit and returns the count, this one included.
func Add(ctx context.Context, tx *db.Tx, name Name, window time.Duration, now time.Time) (n int, err error) {
	if _, err := Take(ctx, tx, name, Rule{math.MaxInt32, window}, now); err != nil {
		return 0, err
	}
	w, err := read(ctx, tx, name)
	return w.Count, err
}

// CountIn is Counter.Count within a transaction.
func CountIn(ctx context.Context, q db.Queryer, name Name, now time.Time) (n int, err error) {
	w, err := read(ctx, q, name)
	if err != nil || !w.EndsAt.After(now) {
		return 0, err
	}
	return w.Count, nil
}

// GiveBack subtracts one from the current window, for what turned out not to count.
func GiveBack(ctx context.Context, tx *db.Tx, name Name, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE limits SET count = count - 1 WHERE name = ? AND ends_at > ? AND count > 0", name.hash(), now)
	return err
}

// Reset deletes what was counted under a name.
func Reset(ctx context.Context, tx *db.Tx, name Name) error {
	_, err := tx.Exec(ctx, "DELETE FROM limits WHERE name = ?", name.hash())
	return err
}

type window struct {
	Count  int       `db:"count"`
	EndsAt time.Time `db:"ends_at"`
}

// read returns the window of a name, or a zero one.
func read(ctx context.Context, q db.Queryer, name Name) (w window, err error) {
	err = q.Get(ctx, &w, "SELECT count, ends_at FROM limits WHERE name = ?", name.hash())
	if fault.Is(err, fault.NotFound) {
		return window{}, nil
	}
	return w, err
}

// hash keeps addresses and phone numbers out of the table.
func (n Name) hash() string {
	sum := sha256.Sum256([]byte(n.text))
	return hex.EncodeToString(sum[:])
}

// TooMany asks somebody to wait, and says how long.
func TooMany(wait time.Duration) *fault.Error {
	e := fault.New(fault.TooMany, 0, "操作太频繁，请 %d 小时后再试", UpTo(wait, time.Hour))
	switch {
	case wait <= time.Minute:
		e = fault.New(fault.TooMany, 0, "操作太频繁，请 %d 秒后再试", UpTo(wait, time.Second))
	case wait <= time.Hour:
		e = fault.New(fault.TooMany, 0, "操作太频繁，请 %d 分钟后再试", UpTo(wait, time.Minute))
	}
	e.RetryAfter = wait
	return e
}

// UpTo is a wait in units, rounded up.
func UpTo(wait, unit time.Duration) int { return int((wait + unit - 1) / unit) }
