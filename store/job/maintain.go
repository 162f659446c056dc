package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dashop/store/db"
)

const (
	maintainPause = 5 * time.Second
	maintainRows  = 100 // at most so many rows of a sort in one round
)

// everyKey is the key of the one job of a recurring kind.
const everyKey = "every"

// maintain keeps the table in order until ctx ends.
func (r *Runner) maintain(ctx context.Context) {
	for ctx.Err() == nil {
		r.complain(ctx, r.maintainOnce(ctx))
		pause(ctx, maintainPause)
	}
}

// maintainOnce makes the jobs of recurring work, takes back leases of nodes that have died, and pulls back due times that lie further
// out than any plan sets them.
func (r *Runner) maintainOnce(ctx context.Context) error {
	if len(r.kinds) == 0 || r.trouble() != nil {
		return nil
	}
	for _, step := range []func(context.Context) error{r.schedule, r.takeBack, r.pullBack} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// schedule makes the rows of recurring work where they are not there yet.
func (r *Runner) schedule(ctx context.Context) error {
	var recurring []string
	for _, k := range r.all() {
		if k.Every > 0 {
			recurring = append(recurring, k.Name)
		}
	}
	if len(recurring) == 0 {
		return nil
	}
	var there []string
	query, args := db.In("SELECT kind FROM jobs WHERE kind IN (?) AND job_key = ?", recurring, everyKey)
	if err := r.db.Select(ctx, &there, query, args...); err != nil || len(there) == len(recurring) {
		return err
	}
	now := r.clock()
	return r.db.Tx(ctx, func(tx *db.Tx) error {
		for _, kind := range recurring {
			if slices.Contains(there, kind) {
				continue
			}
			if err := Enqueue(ctx, tx, kind, everyKey, "", now, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeBack ends the leases that have run out. What ended its node as often as a job may be tried is dead: else one job could bring down
// node after node for ever.
func (r *Runner) takeBack(ctx context.Context) error {
	now := r.clock()
	var lost []struct {
		Job
		Token string `db:"lease_token"`
	}
	err := r.db.Select(ctx, &lost, `SELECT id, kind, job_key, payload, attempts, run_at, lease_token FROM jobs
		WHERE status = ? AND run_at <= ? ORDER BY run_at LIMIT ?`, StatusRunning, now, maintainRows)
	if err != nil {
		return err
	}
	for _, j := range lost {
		status := StatusReady
		if k := r.kinds[j.Kind]; j.Attempts >= tries && k.Every == 0 {
			status = StatusDead
		}
		_, err := r.db.Exec(ctx, "UPDATE jobs SET status = ?, lease_token = '', last_error = ? WHERE id = ? AND status = ? AND lease_token = ?",
			status, "the node that ran it has ended", j.ID, StatusRunning, j.Token)
		if err != nil {
			return fmt.Errorf("take back %s %s: %w", j.Kind, j.Key, err)
		}
		r.log.WarnContext(ctx, "job taken back", "kind", j.Kind, "key", j.Key, "attempt", j.Attempts)
	}
	return nil
}

// farQuery finds rows of n pairs of a state and a kind that are due later than they can be.
func farQuery(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(`SELECT * FROM (SELECT id, kind, status, run_at FROM jobs
			WHERE status = ? AND kind = ? AND run_at > ? ORDER BY run_at LIMIT %d) AS k%d`, maintainRows, i)
	}
	return strings.Join(parts, " UNION ALL ")
}

// pullBack brings back due times that lie further out than anything sets them, as a node with a wrong clock may have written them:
// what waits is due now, and a lease ends when it would if it began now.
func (r *Runner) pullBack(ctx context.Context) error {
	now := r.clock()
	kinds := r.all()
	var args []any
	for _, k := range kinds {
		args = append(args, StatusReady, k.Name, now.Add(k.longest()+db.ClockSlack), StatusRunning, k.Name,
			now.Add(k.lease()+db.ClockSlack))
	}
	var far []Entry
	if err := r.db.Select(ctx, &far, farQuery(2*len(kinds)), args...); err != nil {
		return err
	}
	for _, e := range far {
		due := now
		if e.Status == StatusRunning {
			due = now.Add(r.kinds[e.Kind].lease())
		}
		r.log.WarnContext(ctx, "job was due later than it can be", "kind", e.Kind, "was", e.RunAt, "is", due)
		_, err := r.db.Exec(ctx, "UPDATE jobs SET run_at = ? WHERE id = ? AND status = ? AND run_at = ?", due, e.ID, e.Status, e.RunAt)
		if err != nil {
			return fmt.Errorf("pull back %s: %w", e.Kind, err)
		}
	}
	return nil
}
