// Package job runs durable work behind the pages: a row in the database, leased by one node at a time, tried again after a failure.
package job

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"dashop/store/db"
)

// Status says where a job stands.
type Status int

// The states of a job.
const (
	StatusReady Status = 1 // to be run at run_at, or leased until then
	StatusDead  Status = 3 // failed for good; a person must look
)

// Figures of the runner.
const (
	lease    = 2 * time.Minute // how long a node may work on a job before another takes it over
	tries    = 10              // then the job is dead
	poll     = 2 * time.Second
	maxPause = 30 * time.Minute
)

// Job is one piece of work.
type Job struct {
	ID       int64     `db:"id"`
	Kind     string    `db:"kind"`
	Key      string    `db:"job_key"`
	Payload  string    `db:"payload"`
	Attempts int       `db:"attempts"`
	RunAt    time.Time `db:"run_at"`
}

// Handler does one kind of work. It must do no harm when run twice, and end when ctx does.
type Handler func(ctx context.Context, j Job) error

// Runner runs jobs.
type Runner struct {
	db       *db.DB
	clock    db.Clock
	log      *slog.Logger
	handlers map[string]Handler
	every    map[string]time.Duration
}

// New makes a Runner that knows no work yet.
func New(d *db.DB, clock db.Clock, log *slog.Logger) *Runner {
	return &Runner{db: d, clock: clock, log: log, handlers: map[string]Handler{}, every: map[string]time.Duration{}}
}

// Handle names the handler of a kind. Call it before Run.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

// Every has work of a kind done again and again, with a pause between, on one node at a time. Call it before Run.
func (r *Runner) Every(kind string, pause time.Duration, h Handler) {
	r.handlers[kind], r.every[kind] = h, pause
}

// Enqueue adds a job within the transaction that causes it. A key that the kind has already is the same job: nothing is added.
func Enqueue(ctx context.Context, tx *db.Tx, kind, key, payload string, runAt, now time.Time) error {
	var known int
	if err := tx.Get(ctx, &known, "SELECT COUNT(*) FROM jobs WHERE kind = ? AND job_key = ?", kind, key); err != nil || known > 0 {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO jobs (kind, job_key, payload, status, run_at, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		kind, key, payload, StatusReady, runAt, now)
	if db.IsDuplicate(err) {
		return nil
	}
	return err
}

// Run works until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		worked, err := r.Once(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "job queue", "error", err)
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(poll):
		}
	}
}

// Once runs the job that is due the longest, if there is one, and says whether there was.
func (r *Runner) Once(ctx context.Context) (worked bool, err error) {
	if err := r.schedule(ctx); err != nil {
		return false, err
	}
	j, token, err := r.take(ctx)
	if err != nil || token == "" {
		return false, err
	}
	failure := r.call(ctx, j)
	if ctx.Err() != nil { // stopped in the middle: the lease runs out, and it is done again
		return true, ctx.Err()
	}
	return true, r.finish(ctx, j, token, failure)
}

// Backlog is how many jobs should have been begun by now, and how many have failed for good and wait for a person.
func (r *Runner) Backlog(ctx context.Context) (due, dead int64, err error) {
	var n struct{ Due, Dead int64 }
	err = r.db.Get(ctx, &n, "SELECT (SELECT COUNT(*) FROM jobs WHERE status = ? AND run_at <= ?) AS due, (SELECT COUNT(*) FROM jobs WHERE status = ?) AS dead",
		StatusReady, r.clock(), StatusDead)
	return n.Due, n.Dead, err
}

// schedule makes the rows of recurring work, where they are not there yet.
func (r *Runner) schedule(ctx context.Context) error {
	if len(r.every) == 0 {
		return nil
	}
	var there []string
	if err := r.db.Select(ctx, &there, "SELECT kind FROM jobs WHERE job_key = 'every'"); err != nil || len(there) >= len(r.every) {
		return err
	}
	now := r.clock()
	return r.db.Tx(ctx, func(tx *db.Tx) error {
		for kind := range r.every {
			if err := Enqueue(ctx, tx, kind, "every", "", now, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// take leases a due job. The guarded update lets one node have it; the loser looks again later.
func (r *Runner) take(ctx context.Context) (j Job, token string, err error) {
	now := r.clock()
	kinds := make([]string, 0, len(r.handlers))
	for k := range r.handlers {
		kinds = append(kinds, k)
	}
	if len(kinds) == 0 {
		return Job{}, "", nil
	}
	var due []Job
	query, args := db.In("SELECT id, kind, job_key, payload, attempts, run_at FROM jobs WHERE status = ? AND run_at <= ? AND kind IN (?) ORDER BY run_at LIMIT 1",
		StatusReady, now, kinds)
	if err := r.db.Select(ctx, &due, query, args...); err != nil || len(due) == 0 {
		return Job{}, "", err
	}
	j = due[0]
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	token = hex.EncodeToString(b)
	n, err := r.db.Exec(ctx, "UPDATE jobs SET lease_token = ?, run_at = ?, attempts = attempts + 1 WHERE id = ? AND status = ? AND run_at = ?",
		token, now.Add(lease), j.ID, StatusReady, j.RunAt)
	if err != nil || n == 0 {
		return Job{}, "", err
	}
	j.Attempts++
	return j, token, nil
}

func (r *Runner) call(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	return r.handlers[j.Kind](ctx, j)
}

// finish settles a job that this node still holds.
func (r *Runner) finish(ctx context.Context, j Job, token string, failure error) error {
	now := r.clock()
	pause, recurs := r.every[j.Kind]
	if failure == nil && !recurs {
		_, err := r.db.Exec(ctx, "DELETE FROM jobs WHERE id = ? AND lease_token = ?", j.ID, token)
		return err
	}
	status, attempts, last := StatusReady, j.Attempts, ""
	switch {
	case failure == nil:
		attempts = 0
	default:
		r.log.ErrorContext(ctx, "job failed", "kind", j.Kind, "key", j.Key, "attempt", j.Attempts, "error", failure)
		last = clip(failure.Error(), 500)
		pause = min(time.Second<<min(j.Attempts, 20), maxPause)
		if j.Attempts >= tries && !recurs {
			status = StatusDead
		}
	}
	_, err := r.db.Exec(ctx, "UPDATE jobs SET status = ?, run_at = ?, attempts = ?, lease_token = '', last_error = ? WHERE id = ? AND lease_token = ?",
		status, now.Add(pause), attempts, last, j.ID, token)
	return err
}

// clip keeps the first n runes.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
