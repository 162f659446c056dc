// Package job runs durable work behind the pages: a row in the database, leased by one node at a time, tried again after a failure.
package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Status says where a job stands.
type Status int

// The states of a job. A job that is done has no row any more.
const (
	StatusReady   Status = 1 // to be run at run_at
	StatusRunning Status = 2 // leased by a node until run_at
	StatusDead    Status = 3 // failed for good at run_at; a person must look
)

// Lane is a queue with workers of its own, so that what is slow or hangs in one lane delays no other.
type Lane struct {
	Name    string
	Workers int // how many of its jobs a node runs at once
}

// The lanes of the shop.
var (
	Messages = Lane{"messages", 8} // somebody waits at a form for the code
	Figures  = Lane{"figures", 2}  // what pages show, derived from other rows: short, and often
	Bulk     = Lane{"bulk", 2}     // what goes through much of the catalogue or of the orders
	Upkeep   = Lane{"upkeep", 1}   // what nobody waits for
)

// Kind is one kind of work, declared by the package that does it.
type Kind struct {
	Name  string
	Title string // what the merchant's people call it, in Chinese
	Lane  Lane
	Limit time.Duration // how long one run may take; 0 is a minute
	Every time.Duration // for recurring work: the pause between two runs. 0 is work that Enqueue asks for
	Ahead time.Duration // how far ahead of its time Enqueue may ask for it; 0 is up to half an hour
	Do    Handler
}

// Handler does one kind of work. It must do no harm when run twice, and end when ctx does.
type Handler func(ctx context.Context, j Job) error

// Figures of the retries.
const (
	tries       = 10               // then the job is dead
	maxPause    = 30 * time.Minute // between two tries
	everyPause  = time.Minute      // between two tries of recurring work that would come sooner anyway
	usualLimit  = time.Minute
	leaseMargin = 30 * time.Second // a lease outlives the time limit by this, so that two nodes never run a job at once
)

// limit is how long one run may take.
func (k Kind) limit() time.Duration {
	if k.Limit > 0 {
		return k.Limit
	}
	return usualLimit
}

func (k Kind) lease() time.Duration { return k.limit() + leaseMargin }

// longest is the furthest that anything sets run_at of a waiting job ahead.
func (k Kind) longest() time.Duration {
	if k.Every > 0 {
		return max(k.Every, everyPause, k.lease())
	}
	return max(k.Ahead, maxPause, k.lease())
}

// Job is one piece of work.
type Job struct {
	ID       int64     `db:"id"`
	Kind     string    `db:"kind"`
	Key      string    `db:"job_key"`
	Payload  string    `db:"payload"`
	Attempts int       `db:"attempts"`
	RunAt    time.Time `db:"run_at"`
}

// Enqueue adds a job within the transaction that causes it. A key that the kind has already is the same job: nothing is
// added while it waits or runs, and one that has failed for good begins anew.
func Enqueue(ctx context.Context, tx *db.Tx, kind, key, payload string, runAt, now time.Time) error {
	var status Status
	err := tx.Get(ctx, &status, "SELECT status FROM jobs WHERE kind = ? AND job_key = ?", kind, key)
	switch {
	case fault.Is(err, fault.NotFound):
		_, err = tx.Exec(ctx, "INSERT INTO jobs (kind, job_key, payload, status, run_at, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			kind, key, payload, StatusReady, runAt, now)
		if db.IsDuplicate(err) { // somebody else asked for it at the same moment
			return nil
		}
	case err == nil && status == StatusDead:
		_, err = tx.Exec(ctx, `UPDATE jobs SET status = ?, payload = ?, run_at = ?, created_at = ?, attempts = 0, last_error = ''
			WHERE kind = ? AND job_key = ? AND status = ?`, StatusReady, payload, runAt, now, kind, key, StatusDead)
	}
	if err != nil {
		return fmt.Errorf("enqueue %s %s: %w", kind, key, err)
	}
	return nil
}

// Drop removes the jobs of a kind that have failed for good and whose keys begin with prefix, which is plain ASCII and not empty. Those
// that still wait or run go on.
func Drop(ctx context.Context, tx *db.Tx, kind, prefix string) error {
	last := len(prefix) - 1
	_, err := tx.Exec(ctx, "DELETE FROM jobs WHERE kind = ? AND job_key >= ? AND job_key < ? AND status = ?",
		kind, prefix, prefix[:last]+string(rune(prefix[last]+1)), StatusDead)
	if err != nil {
		return fmt.Errorf("drop dead jobs %s %s…: %w", kind, prefix, err)
	}
	return nil
}

// Later is what a Handler returns for "not yet": the job runs again after pause, which is no failure and costs no attempt. why
// is shown to the merchant's people.
func Later(pause time.Duration, why string) error { return &later{pause, why} }

type later struct {
	pause time.Duration
	why   string
}

func (l *later) Error() string { return l.why }

// asLater finds what Later made within err.
func asLater(err error) *later {
	var l *later
	errors.As(err, &l)
	return l
}
