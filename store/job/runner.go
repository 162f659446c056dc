package job

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"dashop/store/db"
)

// Times of the runner.
const (
	poll      = time.Second     // between two looks into an empty lane
	endGrace  = time.Second     // for a handler to heed the end of its context
	finishMax = 2 * time.Second // to write down what became of a job while the shop stops
	raceTries = 5               // how often a worker looks again when others took the job that it had seen
)

// Runner runs jobs. Its kinds are added before it is used.
type Runner struct {
	db      *db.DB
	clock   db.Clock
	log     *slog.Logger
	kinds   map[string]Kind
	trouble func() error
}

// New makes a Runner that knows no work yet.
func New(d *db.DB, clock db.Clock, log *slog.Logger) *Runner {
	return &Runner{db: d, clock: clock, log: log, kinds: map[string]Kind{}, trouble: func() error { return nil }}
}

// Add declares kinds of work. A second kind of the same name is a programmer's mistake.
func (r *Runner) Add(kinds ...Kind) {
	for _, k := range kinds {
		if _, ok := r.kinds[k.Name]; ok {
			panic("two kinds of jobs are called " + k.Name)
		}
		r.kinds[k.Name] = k
	}
}

// HoldWhile has the runner begin no job while trouble returns an error, such as a clock that is wrong.
func (r *Runner) HoldWhile(trouble func() error) { r.trouble = trouble }

// queue is the kinds that are taken from together, with the query that finds what is due among them.
type queue struct {
	workers int
	kinds   []string
	query   string
}

// queues are the lanes of all kinds, in a stable order.
func (r *Runner) queues() []queue {
	lanes := map[string]*queue{}
	var names []string
	for _, k := range r.all() {
		q := lanes[k.Lane.Name]
		if q == nil {
			q = &queue{workers: max(k.Lane.Workers, 1)}
			lanes[k.Lane.Name] = q
			names = append(names, k.Lane.Name)
		}
		q.kinds = append(q.kinds, k.Name)
	}
	out := make([]queue, 0, len(names))
	for _, name := range names {
		q := *lanes[name]
		q.query = dueQuery(len(q.kinds))
		out = append(out, q)
	}
	return out
}

// all are the kinds by name.
func (r *Runner) all() []Kind {
	list := make([]Kind, 0, len(r.kinds))
	for _, k := range r.kinds {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b Kind) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// dueQuery finds the job of each of n kinds that is due the longest: one step into the index a kind, however many wait.
func dueQuery(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(`SELECT * FROM (SELECT id, kind, job_key, payload, attempts, run_at FROM jobs
			WHERE status = ? AND kind = ? AND run_at <= ? ORDER BY run_at LIMIT 1) AS k%d`, i)
	}
	return strings.Join(parts, " UNION ALL ")
}

func dueArgs(kinds []string, now time.Time) (args []any) {
	for _, k := range kinds {
		args = append(args, StatusReady, k, now)
	}
	return args
}

// Run works until ctx ends, and returns when all that it had begun has ended.
func (r *Runner) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { r.maintain(ctx) })
	for _, q := range r.queues() {
		work.Go(func() { r.serve(ctx, q) })
	}
	work.Wait()
}

// serve runs the jobs of one lane, at most as many at once as it has workers.
func (r *Runner) serve(ctx context.Context, q queue) {
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, q.workers)
	for {
		select {
		case <-ctx.Done():
			return
		case places <- struct{}{}:
		}
		j, token, err := r.take(ctx, q)
		if err == nil && token != "" {
			running.Go(func() {
				defer func() { <-places }()
				r.complain(ctx, r.do(ctx, j, token))
			})
			continue
		}
		<-places
		r.complain(ctx, err)
		pause(ctx, poll)
	}
}

func (r *Runner) complain(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "job queue", "error", err)
	}
}

// pause waits about that long, so that nodes which started together do not ask together, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(jitter(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// jitter is between 75% and 100% of d.
func jitter(d time.Duration) time.Duration { return d - mathrand.N(d/4+1) }

// Once runs the job that is due the longest, of whichever lane, if there is one, and says whether there was.
func (r *Runner) Once(ctx context.Context) (worked bool, err error) {
	if err := r.maintainOnce(ctx); err != nil || len(r.kinds) == 0 {
		return false, err
	}
	every := queue{query: dueQuery(len(r.kinds))}
	for _, k := range r.all() {
		every.kinds = append(every.kinds, k.Name)
	}
	j, token, err := r.take(ctx, every)
	if err != nil || token == "" {
		return false, err
	}
	return true, r.do(ctx, j, token)
}

// take leases the job that is due the longest. The guarded update lets one node have it; the others look again. Without a
// token there was none.
func (r *Runner) take(ctx context.Context, q queue) (j Job, token string, err error) {
	if r.trouble() != nil {
		return Job{}, "", nil // the cause is logged where it is found
	}
	for range raceTries {
		now := r.clock()
		var due []Job
		if err := r.db.Select(ctx, &due, q.query, dueArgs(q.kinds, now)...); err != nil || len(due) == 0 {
			return Job{}, "", err
		}
		j = slices.MinFunc(due, func(a, b Job) int { return a.RunAt.Compare(b.RunAt) })
		token = rand.Text()
		n, err := r.db.Exec(ctx, `UPDATE jobs SET status = ?, lease_token = ?, run_at = ?, attempts = attempts + 1
			WHERE id = ? AND status = ? AND run_at = ?`,
			StatusRunning, token, now.Add(r.kinds[j.Kind].lease()), j.ID, StatusReady, j.RunAt)
		if err != nil {
			return Job{}, "", err
		}
		if n > 0 {
			j.Attempts++
			return j, token, nil
		}
	}
	return Job{}, "", nil
}

// do runs a leased job and writes down what became of it.
func (r *Runner) do(ctx context.Context, j Job, token string) error {
	k := r.kinds[j.Kind]
	failure := r.call(ctx, k, j)
	if stopping := ctx.Err(); stopping != nil && failure != nil {
		if errors.Is(failure, errGoesOn) { // nobody else may have it before the lease runs out
			return stopping
		}
		failure = Later(0, "the node that ran it was stopped")
	}
	finishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishMax)
	defer cancel()
	return r.finish(finishing, k, j, token, failure)
}

// call runs the handler within its time limit. A handler that does not stop then is abandoned, and its worker is free again.
func (r *Runner) call(ctx context.Context, k Kind, j Job) error {
	ctx, cancel := context.WithTimeout(ctx, k.limit())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				ended <- fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		ended <- k.Do(ctx, j)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(endGrace):
		return fmt.Errorf("%w (limit %s): %w", errGoesOn, k.limit(), ctx.Err())
	}
}

// errGoesOn is a handler that does not heed the end of its context.
var errGoesOn = errors.New("goes on after its time")

// errLeaseLost means that another worker has taken over the job.
var errLeaseLost = errors.New("a job took longer than its lease")

// finish writes down what became of a job that this node still holds.
func (r *Runner) finish(ctx context.Context, k Kind, j Job, token string, failure error) error {
	now := r.clock()
	if failure == nil && k.Every == 0 {
		n, err := r.db.Exec(ctx, "DELETE FROM jobs WHERE id = ? AND status = ? AND lease_token = ?", j.ID, StatusRunning, token)
		return held(j, n, err)
	}
	next := r.after(k, j, failure)
	if next.failed {
		r.log.ErrorContext(ctx, "job failed", "kind", j.Kind, "key", j.Key, "attempt", j.Attempts, "error", failure)
	}
	n, err := r.db.Exec(ctx, `UPDATE jobs SET status = ?, run_at = ?, attempts = ?, lease_token = '', last_error = ?
		WHERE id = ? AND status = ? AND lease_token = ?`,
		next.status, now.Add(next.pause), next.attempts, next.words, j.ID, StatusRunning, token)
	return held(j, n, err)
}

func held(j Job, rows int64, err error) error {
	if err == nil && rows == 0 {
		return fmt.Errorf("%s %s: %w", j.Kind, j.Key, errLeaseLost)
	}
	return err
}

// outcome is what happens to a job after a run.
type outcome struct {
	status   Status
	pause    time.Duration
	attempts int
	words    string
	failed   bool
}

// after is the outcome of a job that is not finished.
func (r *Runner) after(k Kind, j Job, failure error) outcome {
	if failure == nil {
		return outcome{status: StatusReady, pause: k.Every}
	}
	if l := asLater(failure); l != nil {
		return outcome{status: StatusReady, pause: min(max(l.pause, 0), k.longest()), attempts: j.Attempts - 1, words: harmless(l.why)}
	}
	out := outcome{status: StatusReady, attempts: j.Attempts, words: harmless(failure.Error()), failed: true}
	out.pause = jitter(min(time.Second<<min(j.Attempts, 20), maxPause, k.longest()))
	if errors.Is(failure, errGoesOn) { // it may still be at work
		out.pause = max(out.pause, k.lease())
	}
	if j.Attempts >= tries && k.Every == 0 {
		out.status, out.pause = StatusDead, 0
	}
	return out
}
