package job_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/storetest"
)

// dead makes a job that has failed for good, some time ago.
func dead(t *testing.T, d *db.DB, clock *storetest.Clock, key string, ago time.Duration) (id int64) {
	t.Helper()
	storetest.Exec(t, d, `INSERT INTO jobs (kind, job_key, payload, status, attempts, run_at, created_at, last_error)
		VALUES ('greet', ?, '', ?, 10, ?, ?, 'refused')`, key, job.StatusDead, clock.Now().Add(-ago), clock.Now())
	if err := d.Get(context.Background(), &id, "SELECT id FROM jobs WHERE kind = 'greet' AND job_key = ?", key); err != nil {
		t.Fatal(err)
	}
	return id
}

func audits(t *testing.T, d *db.DB) (list []string) {
	t.Helper()
	if err := d.Select(context.Background(), &list,
		"SELECT CONCAT(actor_id, ' ', action, ' ', subject, ' ', detail) FROM audit_log ORDER BY id"); err != nil {
		t.Fatal(err)
	}
	return list
}

// The merchant's people retry and give up what died, once each however often they click, and it is known who did.
func TestRetryAndGiveUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		one, two := dead(t, d, clock, "one", time.Minute), dead(t, d, clock, "two", 0)
		runs := 0
		r := greeter(d, clock, func(context.Context, job.Job) error { runs++; return nil })
		click := func(do func(context.Context, int64, int64) (bool, error), id int64, want bool) {
			t.Helper()
			if did, err := do(ctx, 7, id); err != nil || did != want {
				t.Errorf("did %v, %v; want %v", did, err, want)
			}
		}
		click(r.Retry, one, true)
		click(r.Retry, one, false)
		click(r.GiveUp, one, false) // it waits again
		if !once(t, r) || once(t, r) || runs != 1 {
			t.Errorf("%d runs", runs)
		}
		click(r.GiveUp, two, true)
		click(r.GiveUp, two, false)
		click(r.Retry, two, false)
		if got := strings.Join(audits(t, d), "; "); got != "7 job.retry job greet one refused; 7 job.give_up job greet two refused" {
			t.Errorf("audited: %s", got)
		}
		if _, dead, err := r.Backlog(ctx); dead != 0 || err != nil {
			t.Errorf("%d dead, %v", dead, err)
		}
	})
}

// Of several clerks who click at once one decides; and what is not written down is not done.
func TestDecisionsAreGuarded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		r := greeter(d, clock, func(context.Context, job.Job) error { return nil })
		id := dead(t, d, clock, "one", 0)
		failing := db.InjectFaults(context.Background(), func(statement string) error {
			if strings.Contains(statement, "audit_log") {
				return errors.New("no room")
			}
			return nil
		})
		if did, err := r.GiveUp(failing, 7, id); did || err == nil || read(t, d, "greet", "one").Status != job.StatusDead {
			t.Errorf("given up without a word: %v, %v", did, err)
		}
		results := make(chan bool, 8)
		for i := range cap(results) {
			go func() {
				do := r.Retry
				if i%2 == 1 {
					do = r.GiveUp
				}
				did, err := do(context.Background(), 7, id)
				if err != nil {
					t.Error(err)
				}
				results <- did
			}()
		}
		decided := 0
		for range cap(results) {
			if <-results {
				decided++
			}
		}
		if decided != 1 || len(audits(t, d)) != 1 {
			t.Errorf("%d clerks decided; audited %q", decided, audits(t, d))
		}
	})
}

// Each list is paged to its end without a gap: the dead the newest first, what waits the soonest first.
func TestListsArePaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "greet", Title: "问候", Do: func(context.Context, job.Job) error { return nil }})
		const many = 123
		for i := range many {
			dead(t, d, clock, fmt.Sprintf("d%03d", i), time.Duration(i/3)*time.Second) // threes die together
		}
		storetest.Exec(t, d, "INSERT INTO jobs (kind, job_key, payload, status, run_at, created_at) SELECT 'wait', job_key, 'secret', 1, run_at, created_at FROM jobs")
		for status, newest := range map[job.Status]bool{job.StatusDead: true, job.StatusReady: false} {
			seen, pages, after := map[int64]bool{}, 0, ""
			var last time.Time
			for {
				l, err := r.List(ctx, status, after)
				if err != nil {
					t.Fatal(err)
				}
				pages++
				for _, e := range l.Entries {
					if seen[e.ID] || e.Status != status || !last.IsZero() && last != e.RunAt && e.RunAt.After(last) == newest {
						t.Fatalf("status %d, page %d: %+v after %v", status, pages, e, last)
					}
					if (e.Title == "问候") != (e.Kind == "greet") {
						t.Errorf("%s is called %q", e.Kind, e.Title)
					}
					seen[e.ID], last = true, e.RunAt
				}
				if after = l.After; after == "" {
					break
				}
			}
			if len(seen) != many || pages != 3 {
				t.Errorf("status %d: %d jobs on %d pages", status, len(seen), pages)
			}
		}
		counts, err := r.Counts(ctx)
		if err != nil || counts[job.StatusDead] != many || counts[job.StatusReady] != many || counts[job.StatusRunning] != 0 {
			t.Errorf("%v, %v", counts, err)
		}
		for _, bad := range []string{"x", "1", "-1-2", "1-x", "99999999999999999-1", "1-2-3"} {
			if _, err := r.List(ctx, job.StatusDead, bad); !fault.Is(err, fault.NotFound) {
				t.Errorf("after %q: %v", bad, err)
			}
		}
	})
}

// Drop removes the dead of one prefix alone.
func TestDrop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		for _, key := range []string{"7-1", "7-2", "77-1", "7", "8-1", "7.-"} {
			dead(t, d, clock, key, 0)
		}
		ask(t, d, clock, "greet", "7-3", "")
		err := d.Tx(context.Background(), func(tx *db.Tx) error { return job.Drop(context.Background(), tx, "greet", "7-") })
		var left []string
		if e := d.Select(context.Background(), &left, "SELECT job_key FROM jobs ORDER BY job_key"); err != nil || e != nil {
			t.Fatal(err, e)
		}
		if got := strings.Join(left, " "); got != "7 7-3 7.- 77-1 8-1" {
			t.Errorf("left: %s", got)
		}
	})
}

func TestErrorsAreKeptWithoutSecrets(t *testing.T) {
	for words, want := range map[string]string{
		"send to 13912345678: refused":                             "send to …: refused",
		`Get "https://me:pw@sms.example/send?key=s3cr3t": timeout`: `Get "https://sms.example": timeout`,
		"panic: boom\ngoroutine 1 [running]":                       "panic: boom",
		"order 20260304123456789012 is gone":                       "order 20260304123456789012 is gone",
		strings.Repeat("长", 600):                                   strings.Repeat("长", 500),
		`Duplicate entry '13912345678' for key 'users.mobile'`:     `Duplicate entry '…' for key 'users.mobile'`,
	} {
		if got := job.Harmless(words); got != want {
			t.Errorf("%q is kept as %q, want %q", words, got, want)
		}
	}
}
