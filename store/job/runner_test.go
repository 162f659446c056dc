package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/job"
	"dashop/store/storetest"
)

// row is a job as the table keeps it.
type row struct {
	Status   job.Status `db:"status"`
	Attempts int        `db:"attempts"`
	RunAt    time.Time  `db:"run_at"`
	Error    string     `db:"last_error"`
	Payload  string     `db:"payload"`
}

func read(t *testing.T, d *db.DB, kind, key string) (r row) {
	t.Helper()
	err := d.Get(context.Background(), &r,
		"SELECT status, attempts, run_at, last_error, payload FROM jobs WHERE kind = ? AND job_key = ?", kind, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ask(t *testing.T, d *db.DB, clock *storetest.Clock, kind, key, payload string) {
	t.Helper()
	err := d.Tx(context.Background(), func(tx *db.Tx) error {
		return job.Enqueue(context.Background(), tx, kind, key, payload, clock.Now(), clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start runs r until the end of the test.
func start(t *testing.T, r *job.Runner) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

// await waits for something that must come; how long it takes proves nothing.
func await(t *testing.T, what string, came <-chan string) string {
	t.Helper()
	select {
	case s := <-came:
		return s
	case <-time.After(time.Minute):
		t.Fatalf("%s does not come", what)
		return ""
	}
}

// What hangs in one lane holds up no other, nor the other workers of its own.
func TestLanesDoNotWaitForEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		began, said := make(chan string, 10), make(chan string, 10)
		r := job.New(d, clock.Now, quiet())
		hang := func(_ context.Context, j job.Job) error { began <- j.Key; <-release; return nil }
		say := func(_ context.Context, j job.Job) error { said <- j.Key; return nil }
		r.Add(
			job.Kind{Name: "report", Lane: job.Lane{Name: "slow", Workers: 2}, Limit: time.Hour, Do: hang},
			job.Kind{Name: "send", Lane: job.Lane{Name: "quick", Workers: 1}, Do: say},
		)
		for _, key := range []string{"a", "b", "c"} {
			ask(t, d, clock, "report", key, "")
		}
		clock.Advance(time.Second)
		t.Cleanup(func() { // after the runner has begun to stop
			if n := len(began); n != 0 {
				t.Errorf("%d more reports began than the lane has workers", n)
			}
		})
		start(t, r)
		await(t, "the first report", began)
		await(t, "the second report", began)
		for _, key := range []string{"x", "y"} {
			ask(t, d, clock, "send", key, "")
			if got := await(t, "the message", said); got != key {
				t.Errorf("sent %s, want %s", got, key)
			}
		}
	})
}

// A job past its time limit is ended, and its worker is free whether the job heeds that or not.
func TestTimeLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		lane := job.Lane{Name: "one", Workers: 1}
		said := make(chan string, 1)
		r := job.New(d, clock.Now, quiet())
		r.Add(
			job.Kind{Name: "deaf", Lane: lane, Limit: 20 * time.Millisecond,
				Do: func(context.Context, job.Job) error { <-release; return nil }},
			job.Kind{Name: "polite", Lane: lane, Limit: 20 * time.Millisecond,
				Do: func(ctx context.Context, _ job.Job) error { <-ctx.Done(); return ctx.Err() }},
			job.Kind{Name: "send", Lane: lane, Do: func(_ context.Context, j job.Job) error { said <- j.Key; return nil }},
		)
		for _, kind := range []string{"deaf", "polite", "send"} {
			ask(t, d, clock, kind, "a", "")
			clock.Advance(time.Millisecond)
		}
		start(t, r)
		await(t, "the message", said)
		for _, kind := range []string{"deaf", "polite"} {
			if got := read(t, d, kind, "a"); got.Status != job.StatusReady || got.Attempts != 1 ||
				!strings.Contains(got.Error, "deadline exceeded") {
				t.Errorf("%s: %+v", kind, got)
			}
		}
		if got := read(t, d, "deaf", "a"); got.RunAt.Before(clock.Now().Add(30 * time.Second)) {
			t.Errorf("runs again at %v, while its first run may still go on", got.RunAt)
		}
	})
}

// A job that failed for good can be asked for again; one that waits or runs is there already.
func TestDeadKeyIsRevived(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		fail, runs := true, 0
		r := greeter(d, clock, func(_ context.Context, j job.Job) error {
			runs++
			ask(t, d, clock, "greet", "a", "meanwhile")
			if fail {
				return errors.New("refused")
			}
			return nil
		})
		ask(t, d, clock, "greet", "a", "first")
		for range 20 {
			once(t, r)
			clock.Advance(time.Hour)
		}
		if got := read(t, d, "greet", "a"); got.Status != job.StatusDead || runs != 10 || got.Payload != "first" {
			t.Fatalf("after %d runs: %+v", runs, got)
		}
		fail = false
		ask(t, d, clock, "greet", "a", "second")
		if got := read(t, d, "greet", "a"); got.Status != job.StatusReady || got.Attempts != 0 || got.Payload != "second" ||
			got.Error != "" {
			t.Fatalf("asked for again: %+v", got)
		}
		if !once(t, r) || once(t, r) || runs != 11 {
			t.Fatalf("%d runs", runs)
		}
	})
}

// "Not yet" is no failure: it costs no attempt, however often it is said, and waits no longer than the kind may.
func TestLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		runs := 0
		r := greeter(d, clock, func(_ context.Context, j job.Job) error {
			if runs++; j.Attempts != 1 {
				t.Errorf("run %d is attempt %d", runs, j.Attempts)
			}
			if runs <= 30 {
				return fmt.Errorf("ask: %w", job.Later(10*time.Minute, "the bank is still at it"))
			}
			return job.Later(1000*time.Hour, "far")
		})
		ask(t, d, clock, "greet", "a", "")
		for range 30 {
			if !once(t, r) || once(t, r) {
				t.Fatal("it does not run once each time")
			}
			clock.Advance(10 * time.Minute)
		}
		got := read(t, d, "greet", "a")
		if got.Status != job.StatusReady || got.Attempts != 0 || got.Error != "the bank is still at it" || !got.RunAt.Equal(clock.Now()) {
			t.Fatalf("%+v at %v", got, clock.Now())
		}
		once(t, r)
		if got := read(t, d, "greet", "a"); got.RunAt.After(clock.Now().Add(30 * time.Minute)) {
			t.Errorf("put off until %v", got.RunAt)
		}
	})
}

// The pauses between tries grow, differ, and have an end.
func TestRetriesAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		r := greeter(d, clock, func(context.Context, job.Job) error { return errors.New("no") })
		pauses := map[time.Duration]bool{}
		for i := range 8 {
			ask(t, d, clock, "greet", fmt.Sprint(i), "")
			once(t, r)
			pauses[read(t, d, "greet", fmt.Sprint(i)).RunAt.Sub(clock.Now())] = true
		}
		if len(pauses) < 2 {
			t.Errorf("all that failed together is tried again together: %v", pauses)
		}
		storetest.Exec(t, d, "UPDATE jobs SET attempts = 8, run_at = ? WHERE job_key = '0'", clock.Now())
		once(t, r)
		if got := read(t, d, "greet", "0"); got.Status != job.StatusReady || got.RunAt.Before(clock.Now().Add(2*time.Minute)) ||
			got.RunAt.After(clock.Now().Add(30*time.Minute)) {
			t.Errorf("the ninth failure: %+v at %v", got, clock.Now())
		}
	})
}

// Whoever lost the lease writes nothing down any more.
func TestLostLeaseFinishesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		for _, result := range []error{nil, errors.New("failed")} {
			ask(t, d, clock, "greet", "a", "")
			var seen row
			other := greeter(d, clock, func(context.Context, job.Job) error {
				seen = read(t, d, "greet", "a")
				return job.Later(time.Minute, "mine")
			})
			slow := greeter(d, clock, func(context.Context, job.Job) error {
				clock.Advance(10 * time.Minute)
				once(t, other)
				return result
			})
			if _, err := slow.Once(context.Background()); err == nil {
				t.Error("nobody hears of the lost lease")
			}
			if got := read(t, d, "greet", "a"); seen.Status != job.StatusRunning || got.Status != job.StatusReady || got.Error != "mine" {
				t.Errorf("the other saw %+v and left %+v", seen, got)
			}
			storetest.Exec(t, d, "DELETE FROM jobs")
		}
	})
}

// A job that ends the node that runs it is not run for ever.
func TestJobThatKillsItsNodeDies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		for attempts, want := range map[int]job.Status{9: job.StatusReady, 10: job.StatusDead} {
			storetest.Exec(t, d, "DELETE FROM jobs")
			ask(t, d, clock, "greet", "a", "")
			storetest.Exec(t, d, "UPDATE jobs SET status = ?, lease_token = 'gone', attempts = ?", job.StatusRunning, attempts)
			runs := 0
			once(t, greeter(d, clock, func(context.Context, job.Job) error { runs++; return job.Later(time.Minute, "") }))
			if got := read(t, d, "greet", "a"); got.Status != want || (runs == 1) != (want == job.StatusReady) {
				t.Errorf("taken back after %d attempts: %+v, and ran %d times", attempts, got, runs)
			}
		}
	})
}

// A node that stops gives back what it had begun, so that another goes on at once.
func TestStoppedNodeGivesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ask(t, d, clock, "greet", "a", "")
		stopping, stop := context.WithCancel(context.Background())
		r := greeter(d, clock, func(ctx context.Context, _ job.Job) error { stop(); <-ctx.Done(); return ctx.Err() })
		if _, err := r.Once(stopping); err != nil {
			t.Fatal(err)
		}
		if got := read(t, d, "greet", "a"); got.Status != job.StatusReady || got.Attempts != 0 || !got.RunAt.Equal(clock.Now()) {
			t.Errorf("%+v", got)
		}
	})
}

// Nothing waits longer than its kind ever does, as after a node's clock was wrong; what may wait long is left alone.
func TestFarDueTimesArePulledBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		var ran []string
		do := func(_ context.Context, j job.Job) error { ran = append(ran, j.Kind+" "+j.Key); return nil }
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "cards", Every: 10 * time.Second, Do: do}, job.Kind{Name: "drop", Ahead: 24 * time.Hour, Do: do},
			job.Kind{Name: "send", Do: do})
		at := func(kind, key string, status job.Status, ahead time.Duration) {
			storetest.Exec(t, d, "INSERT INTO jobs (kind, job_key, payload, status, lease_token, run_at, created_at) VALUES (?, ?, '', ?, 'x', ?, ?)",
				kind, key, status, clock.Now().Add(ahead), clock.Now())
		}
		at("cards", "every", job.StatusReady, time.Hour)
		at("drop", "soon", job.StatusReady, 24*time.Hour)
		at("drop", "far", job.StatusReady, 48*time.Hour)
		at("send", "soon", job.StatusReady, 29*time.Minute)
		at("send", "far", job.StatusReady, time.Hour)
		at("send", "leased", job.StatusRunning, time.Hour)
		at("send", "dead", job.StatusDead, time.Hour)
		for once(t, r) {
		}
		slices.Sort(ran)
		if got := strings.Join(ran, ", "); got != "cards every, drop far, send far" {
			t.Errorf("ran %s", got)
		}
		if got := read(t, d, "send", "leased"); got.Status != job.StatusRunning || got.RunAt.After(clock.Now().Add(2*time.Minute)) ||
			!got.RunAt.After(clock.Now().Add(time.Minute)) {
			t.Errorf("the lease: %+v", got)
		}
		if got := read(t, d, "send", "dead"); got.Status != job.StatusDead {
			t.Errorf("the dead: %+v", got)
		}
	})
}

// While something is wrong with the node nothing is begun.
func TestHeldRunnerBeginsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ask(t, d, clock, "greet", "a", "")
		r := greeter(d, clock, func(context.Context, job.Job) error { return nil })
		wrong := errors.New("the clock is wrong")
		r.HoldWhile(func() error { return wrong })
		if once(t, r) {
			t.Error("a job ran")
		}
		wrong = nil
		if !once(t, r) {
			t.Error("no job runs afterwards")
		}
	})
}

// However many jobs wait, the next one of a lane is found by one step into an index a kind.
func TestTakingReadsOnlyWhatIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		kinds := []string{"greet", "send", "clean"}
		const waiting = 100_000
		err := d.Tx(ctx, func(tx *db.Tx) error {
			rows := make([][]any, waiting)
			for i := range rows {
				rows[i] = []any{kinds[i%len(kinds)], fmt.Sprint(i), "", job.StatusReady, clock.Now().Add(-time.Duration(i) * time.Second),
					clock.Now()}
			}
			for i := range waiting / 10 {
				rows = append(rows, []any{kinds[i%len(kinds)], fmt.Sprint("dead ", i), "", job.StatusDead,
					clock.Now().Add(-time.Duration(i) * time.Second), clock.Now()})
			}
			return tx.InsertMany(ctx, "jobs", []string{"kind", "job_key", "payload", "status", "run_at", "created_at"}, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, d, map[string]string{db.SQLite: "ANALYZE", db.MySQL: "ANALYZE TABLE jobs"}[d.Driver()])
		for name, make := range map[string]func([]string, time.Time) (string, []any){"due": job.DueQuery, "far": job.FarQuery} {
			query, args := make(kinds, clock.Now())
			plan := storetest.Explain(t, d, query, args...)
			if n := strings.Count(plan, "jobs_kind_due"); n < len(kinds) || strings.Contains(plan, "filesort") ||
				strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s: %s", name, plan)
			}
		}
		for _, after := range []string{"", fmt.Sprintf("%d-1", clock.Now().Add(-time.Hour).UnixMilli())} {
			for _, status := range []job.Status{job.StatusReady, job.StatusDead} {
				query, args, err := job.ListQuery(status, after)
				if err != nil {
					t.Fatal(err)
				}
				if plan := storetest.Explain(t, d, query, args...); !strings.Contains(plan, "jobs_due") ||
					strings.Contains(plan, "filesort") || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("list of %d after %q: %s", status, after, plan)
				}
			}
		}
		var order atomic.Int64
		r := job.New(d, clock.Now, quiet())
		for _, k := range kinds {
			r.Add(job.Kind{Name: k, Do: func(_ context.Context, j job.Job) error {
				if want := fmt.Sprint(waiting - order.Add(1)); j.Key != want {
					t.Errorf("job %s runs, but %s has waited longest", j.Key, want)
				}
				return nil
			}})
		}
		for range 5 {
			once(t, r)
		}
	})
}
