package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

// A full queue refuses at once, those in it are served all the same, and the shop counts as ready.
func TestFullQueueRefuses(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	q := newQueue(t, d)
	var done atomic.Int32
	for range db.MostWaiting {
		q.group.Go(func() {
			if err := d.Tx(ctx, func(*db.Tx) error { return nil }); err == nil {
				done.Add(1)
			}
		})
	}
	wait(t, "a full queue", func() bool { n, _, _ := d.WriterStats(); return n == db.MostWaiting })
	began := time.Now()
	wantOutage(t, "one too many", d.Tx(ctx, func(*db.Tx) error { return nil }))
	if took := time.Since(began); took > time.Second {
		t.Errorf("refused after %v", took)
	}
	if err := d.Ping(ctx); err != nil {
		t.Errorf("not ready: %v", err)
	}
	q.release()
	if n := done.Load(); n != db.MostWaiting {
		t.Errorf("%d of %d were served", n, db.MostWaiting)
	}
}

// When the database is closed, what is being run is committed first, and those who wait are told.
func TestCloseWhileCallersWait(t *testing.T) {
	c := storetest.Config(t, db.SQLite)
	d := storetest.Open(t, c)
	ctx := context.Background()
	running, goOn := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := d.Tx(ctx, func(tx *db.Tx) error { close(running); <-goOn; return put(ctx, tx, "running") })
		if err != nil {
			t.Error(err)
		}
	})
	<-running
	var refused atomic.Int32
	for i := range 20 {
		group.Go(func() {
			if err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, fmt.Sprint(i)) }); errors.Is(err, db.ErrClosed) {
				refused.Add(1)
			}
		})
	}
	wait(t, "callers that wait", func() bool { n, _, _ := d.WriterStats(); return n == 20 })
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	wait(t, "the refusal of new ones", func() bool {
		gone, leave := context.WithTimeout(ctx, time.Millisecond)
		defer leave()
		return errors.Is(d.Tx(gone, func(*db.Tx) error { return nil }), db.ErrClosed)
	})
	close(goOn)
	group.Wait()
	if err := <-closed; err != nil || refused.Load() != 20 {
		t.Errorf("%v, %d were refused", err, refused.Load())
	}
	if got := names(t, storetest.Open(t, c)); got != "running" {
		t.Errorf("wrote %s", got)
	}
}

// Who has gone while it waits for its turn gets its answer at once, and its function never runs; one whose function is running
// waits for what comes of it.
func TestGoneCallers(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	q := newQueue(t, d)
	ctx, leave := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer leave()
	began := time.Now()
	err := d.Tx(ctx, func(*db.Tx) error { t.Error("the function of one who has gone ran"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	q.release()
	ctx, leave = context.WithCancel(context.Background())
	ended := false
	err = d.Tx(ctx, func(tx *db.Tx) error {
		leave()
		time.Sleep(50 * time.Millisecond)
		ended = true
		return put(ctx, tx, "a")
	})
	if !errors.Is(err, context.Canceled) || !ended || names(t, d) != "" {
		t.Errorf("%v, ended %t, wrote %s", err, ended, names(t, d))
	}
}

// A panic comes out in the goroutine of the caller as it was, also as the last in a group, and so does the end of a goroutine.
func TestPanicAndExitAreTheCallers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, value := context.Background(), &struct{ text string }{"as it was"}
		func() {
			defer func() {
				if p := recover(); p != any(value) {
					t.Errorf("panic: %v", p)
				}
			}()
			_ = d.Tx(ctx, func(tx *db.Tx) error { _ = put(ctx, tx, "a"); panic(value) })
			t.Error("the caller goes on after a panic")
		}()
		ended := make(chan bool)
		go func() {
			defer close(ended)
			_ = d.Tx(ctx, func(tx *db.Tx) error { _ = put(ctx, tx, "b"); runtime.Goexit(); return nil })
			ended <- false
		}()
		if _, goesOn := <-ended; goesOn {
			t.Error("the caller goes on after the end of its goroutine")
		}
		if err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, "c") }); err != nil || names(t, d) != "c" {
			t.Errorf("%v, wrote %s", err, names(t, d))
		}
	})
}

// Another process that writes for a moment costs nobody in the group anything but time.
func TestGroupWaitsForAnotherProcess(t *testing.T) {
	c := storetest.Config(t, db.SQLite)
	d, other := storetest.Open(t, c), storetest.Open(t, c)
	ctx := context.Background()
	holds := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		if err := other.Tx(ctx, func(*db.Tx) error { close(holds); time.Sleep(300 * time.Millisecond); return nil }); err != nil {
			t.Error(err)
		}
	})
	<-holds
	for i := range 30 {
		group.Go(func() {
			if err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, fmt.Sprint(i)) }); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(strings.Fields(names(t, d))); n != 30 {
		t.Errorf("%d are there", n)
	}
}

// Statements of transactions that come again are kept prepared on the connection that writes.
func TestWriterKeepsStatements(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	for i := range 4 {
		storetest.Exec(t, d, "INSERT INTO settings (name, value) VALUES (?, '1')", fmt.Sprint(i))
	}
	if !db.WriterKeeps(d, "INSERT INTO settings (name, value) VALUES (?, '1')") || !db.WriterKeeps(d, "COMMIT") {
		t.Error("a statement that came four times is not prepared")
	}
	if names(t, d) != "0 1 2 3" {
		t.Errorf("wrote %s", names(t, d))
	}
}
