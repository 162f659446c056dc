package job_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/job"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func enqueue(t *testing.T, d *db.DB, clock *storetest.Clock, key string) {
	t.Helper()
	err := d.Tx(context.Background(), func(tx *db.Tx) error {
		return job.Enqueue(context.Background(), tx, "greet", key, "hello", clock.Now(), clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func once(t *testing.T, r *job.Runner) bool {
	t.Helper()
	worked, err := r.Once(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return worked
}

// greeter is a runner that knows one kind of work.
func greeter(d *db.DB, clock *storetest.Clock, do job.Handler) *job.Runner {
	r := job.New(d, clock.Now, quiet())
	r.Add(job.Kind{Name: "greet", Do: do})
	return r
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestJobRunsOnceAndIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		enqueue(t, d, clock, "a")
		enqueue(t, d, clock, "a") // the same job
		var runs int
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "greet", Do: func(_ context.Context, j job.Job) error {
			if j.Payload != "hello" {
				t.Errorf("payload %q", j.Payload)
			}
			runs++
			return nil
		}})
		if !once(t, r) || once(t, r) || runs != 1 {
			t.Fatalf("runs: %d", runs)
		}
	})
}

func TestFailedJobIsTriedAgainLaterAndDiesInTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		enqueue(t, d, clock, "a")
		var runs int
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "greet", Do: func(context.Context, job.Job) error { runs++; panic("boom") }})
		once(t, r)
		if once(t, r) {
			t.Fatal("tried again without a pause")
		}
		backlog := func(due, dead int64) {
			t.Helper()
			if gotDue, gotDead, err := r.Backlog(context.Background()); err != nil || gotDue != due || gotDead != dead {
				t.Errorf("%d due, %d dead, %v; want %d and %d", gotDue, gotDead, err, due, dead)
			}
		}
		backlog(0, 0)
		clock.Advance(time.Hour)
		backlog(1, 0)
		for range 20 {
			clock.Advance(time.Hour)
			once(t, r)
		}
		var status job.Status
		if err := d.Get(context.Background(), &status, "SELECT status FROM jobs"); err != nil || status != job.StatusDead || runs != 10 {
			t.Fatalf("after %d runs: status %d, %v", runs, status, err)
		}
		backlog(0, 1)
	})
}

func TestTwoNodesNeverRunOneJobAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		const jobs = 20
		for i := range jobs {
			enqueue(t, d, clock, string(rune('a'+i)))
		}
		var runs atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r := job.New(d, clock.Now, quiet())
				r.Add(job.Kind{Name: "greet", Do: func(context.Context, job.Job) error { runs.Add(1); return nil }})
				for range 10 * jobs {
					if _, err := r.Once(context.Background()); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		wg.Wait()
		if runs.Load() != jobs {
			t.Fatalf("%d jobs ran %d times", jobs, runs.Load())
		}
	})
}

func TestLeaseOfADeadNodeRunsOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		enqueue(t, d, clock, "a")
		dying, cancel := context.WithCancel(context.Background())
		never := make(chan struct{})
		defer close(never)
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "greet", Do: func(context.Context, job.Job) error { cancel(); <-never; return nil }})
		if _, err := r.Once(dying); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		r = greeter(d, clock, func(context.Context, job.Job) error { return nil })
		if once(t, r) {
			t.Fatal("the lease did not hold")
		}
		clock.Advance(3 * time.Minute)
		if !once(t, r) {
			t.Fatal("the job is lost")
		}
	})
}

func TestRecurringWorkComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		var runs int
		r := job.New(d, clock.Now, quiet())
		r.Add(job.Kind{Name: "sweep", Every: time.Minute, Do: func(context.Context, job.Job) error { runs++; return nil }})
		once(t, r)
		once(t, r)
		clock.Advance(time.Minute)
		once(t, r)
		if runs != 2 {
			t.Fatalf("runs: %d", runs)
		}
	})
}
