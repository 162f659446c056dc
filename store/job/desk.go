package job

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Entry is a job as staff see it. Its payload is left out, since it may contain personal data.
type Entry struct {
	ID        int64     `db:"id"`
	Kind      string    `db:"kind"`
	Key       string    `db:"job_key"`
	Status    Status    `db:"status"`
	Attempts  int       `db:"attempts"`
	RunAt     time.Time `db:"run_at"` // when it is due, when its lease ends, or when it died
	CreatedAt time.Time `db:"created_at"`
	LastError string    `db:"last_error"` // of the last try, or why it has to wait
	Title     string    `db:"-"`          // of its kind, in Chinese
}

// List is one page of jobs. After leads to the next one and is "" on the last.
type List struct {
	Entries []Entry
	After   string
}

const (
	listSize = 50
	// MaxCount is the most that Counts counts; more is reported as MaxCount + 1.
	MaxCount = 1000
)

// Counts says how many jobs are in each state, at most MaxCount + 1.
type Counts map[Status]int64

// List lists the jobs in a state: those that wait or run by when they are due, the dead the newest first. after is a List's, or "".
func (r *Runner) List(ctx context.Context, status Status, after string) (List, error) {
	query, args, err := listQuery(status, after)
	if err != nil {
		return List{}, err
	}
	var l List
	if err := r.db.Select(ctx, &l.Entries, query, args...); err != nil {
		return List{}, err
	}
	if len(l.Entries) > listSize {
		l.Entries = l.Entries[:listSize]
		last := l.Entries[listSize-1]
		l.After = fmt.Sprintf("%d-%d", last.RunAt.UnixMilli(), last.ID)
	}
	for i := range l.Entries {
		l.Entries[i].Title = r.kinds[l.Entries[i].Kind].Title
	}
	return l, nil
}

// listQuery reads one page and one row more.
func listQuery(status Status, after string) (query string, args []any, err error) {
	query, args = "SELECT id, kind, job_key, status, attempts, run_at, created_at, last_error FROM jobs WHERE status = ?", []any{status}
	order, beyond := "", ">"
	if status == StatusDead {
		order, beyond = " DESC", "<"
	}
	if after != "" {
		at, id, err := parseAfter(after)
		if err != nil {
			return "", nil, err
		}
		query += " AND run_at " + beyond + "= ? AND (run_at " + beyond + " ? OR id " + beyond + " ?)"
		args = append(args, at, at, id)
	}
	return query + " ORDER BY run_at" + order + ", id" + order + " LIMIT ?", append(args, listSize+1), nil
}

func parseAfter(text string) (at time.Time, id int64, err error) {
	ms, rest, _ := strings.Cut(text, "-")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n < 0 || n > maxMillis {
		return time.Time{}, 0, fault.Missing()
	}
	if id, err = strconv.ParseInt(rest, 10, 64); err != nil {
		return time.Time{}, 0, fault.Missing()
	}
	return time.UnixMilli(n).UTC(), id, nil
}

// maxMillis is the last time that both databases can keep: the end of the year 9999.
const maxMillis = 253402300799999

// Counts counts the jobs by state.
func (r *Runner) Counts(ctx context.Context) (Counts, error) {
	counts := Counts{}
	for _, s := range []Status{StatusReady, StatusRunning, StatusDead} {
		n, err := r.count(ctx, s)
		if err != nil {
			return nil, err
		}
		counts[s] = n
	}
	return counts, nil
}

func (r *Runner) count(ctx context.Context, s Status) (n int64, err error) {
	err = r.db.Get(ctx, &n, "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE status = ? LIMIT ?) AS found", s, MaxCount+1)
	return n, err
}

// Dead is how many jobs have failed for good and wait for a person, at most MaxCount + 1.
func (r *Runner) Dead(ctx context.Context) (int64, error) { return r.count(ctx, StatusDead) }

// Backlog is how many jobs should have been begun by now, and how many have failed for good and wait for a person, each at most
// MaxCount + 1.
func (r *Runner) Backlog(ctx context.Context) (due, dead int64, err error) {
	err = r.db.Get(ctx, &due, "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE status = ? AND run_at <= ? LIMIT ?) AS found", StatusReady,
		r.clock(), MaxCount+1)
	if err == nil {
		dead, err = r.Dead(ctx)
	}
	return due, dead, err
}

// Retry restarts a job that failed for good, and says whether it did: one that somebody else has retried or removed is left alone.
func (r *Runner) Retry(ctx context.Context, staffID, id int64) (bool, error) {
	return r.decide(ctx, staffID, id, "job.retry", func(tx *db.Tx, now time.Time) (int64, error) {
		return tx.Exec(ctx, "UPDATE jobs SET status = ?, run_at = ?, attempts = 0 WHERE id = ? AND status = ?", StatusReady, now, id,
			StatusDead)
	})
}

// GiveUp removes a job that failed for good, and says whether it did: one that somebody else has retried or removed is left alone.
func (r *Runner) GiveUp(ctx context.Context, staffID, id int64) (bool, error) {
	return r.decide(ctx, staffID, id, "job.give_up", func(tx *db.Tx, _ time.Time) (int64, error) {
		return tx.Exec(ctx, "DELETE FROM jobs WHERE id = ? AND status = ?", id, StatusDead)
	})
}

// decide does something to a dead job and writes down who did.
func (r *Runner) decide(ctx context.Context, staffID, id int64, action string,
	do func(tx *db.Tx, now time.Time) (int64, error)) (did bool, err error) {
	now := r.clock()
	err = r.db.Tx(ctx, func(tx *db.Tx) error {
		did = false
		var e Entry
		err := tx.Get(ctx, &e, "SELECT kind, job_key, last_error FROM jobs WHERE id = ? AND status = ?", id, StatusDead)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := do(tx, now)
		if err != nil || n == 0 {
			return err
		}
		did = true
		return audit.Log(ctx, tx, staffID, action, typed.Clip("job "+e.Kind+" "+e.Key, 80), e.LastError, now)
	})
	return did && err == nil, err
}

// What must not be kept of an error: phone numbers, and the path and query of an address.
var (
	phones    = regexp.MustCompile(`\b1[3-9][0-9]{9}\b`)
	addresses = regexp.MustCompile(`\b([a-z][a-z0-9+.-]*://)([^\s/"'?#]*@)?([^\s/"'?#]*)[^\s"']*`)
)

// harmless is the first line of an error without what is secret, short enough to be kept. The log has the rest.
func harmless(words string) string {
	words, _, _ = strings.Cut(words, "\n")
	words = addresses.ReplaceAllString(words, "$1$3")
	return typed.Clip(phones.ReplaceAllString(words, "…"), 500)
}
