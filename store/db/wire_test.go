package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// wired opens a database of the MariaDB server at the end of a faulty wire, and the same database without the wire.
func wired(t *testing.T) (w *storetest.Wire, d, direct *db.DB) {
	t.Helper()
	c := storetest.Config(t, db.MySQL)
	direct = storetest.Open(t, c)
	w, near := storetest.NewWire(t, c)
	return w, storetest.Open(t, near), direct
}

func refuse(statements ...string) func(query string) storetest.Verdict {
	return on(storetest.Refuse, statements...)
}

func on(v storetest.Verdict, statements ...string) func(query string) storetest.Verdict {
	return func(query string) storetest.Verdict {
		for _, s := range statements {
			if strings.HasPrefix(query, s) {
				return v
			}
		}
		return storetest.Pass
	}
}

// A node of a cluster that loses its group in the middle of a transaction refuses everything, also ROLLBACK. What is open on
// that connection must never be committed by the next to use it.
func TestHalfATransactionIsNeverCommitted(t *testing.T) {
	for name, refused := range map[string][]string{
		"lost its group":    {"INSERT INTO settings (name, value) VALUES ('second'", "ROLLBACK", "COMMIT"},
		"only ROLLBACK":     {"ROLLBACK"},
		"COMMIT":            {"COMMIT", "ROLLBACK"},
		"COMMIT but not it": {"COMMIT"},
	} {
		t.Run(name, func(t *testing.T) {
			w, d, direct := wired(t)
			ctx := context.Background()
			write, _ := d.Pools()
			write.SetMaxOpenConns(1) // so that the next comes to the same connection, if it is still there
			w.Judge(refuse(refused...))
			wrong := errors.New("wrong")
			err := d.Tx(ctx, func(tx *db.Tx) error {
				if err := put(ctx, tx, "first"); err != nil {
					return err
				}
				if err := put(ctx, tx, "second"); err != nil {
					return err
				}
				if name == "only ROLLBACK" {
					return wrong
				}
				return nil
			})
			if name == "only ROLLBACK" && !errors.Is(err, wrong) || name != "only ROLLBACK" && !fault.Is(err, fault.Unavailable) {
				t.Errorf("the transaction: %v", err)
			}
			w.Heal()
			for range 3 { // each START TRANSACTION commits what is open
				if err := d.Ping(ctx); err != nil && name == "only ROLLBACK" {
					t.Error(err)
				}
				if err := d.Tx(ctx, func(*db.Tx) error { return nil }); err != nil {
					t.Error(err)
				}
			}
			if got := names(t, direct); got != "" {
				t.Errorf("half of it was committed: %s", got)
			}
		})
	}
}

// A refused BEGIN leaves nothing behind on a connection either.
func TestRefusedBegin(t *testing.T) {
	w, d, _ := wired(t)
	ctx := context.Background()
	write, _ := d.Pools()
	write.SetMaxOpenConns(1)
	connection := func() (id int64) {
		if err := d.Get(ctx, &id, "SELECT CONNECTION_ID()"); err != nil {
			t.Fatal(err)
		}
		return id
	}
	before := connection()
	w.Judge(refuse("START TRANSACTION"))
	err := d.Tx(ctx, func(*db.Tx) error { return nil })
	if !fault.Is(err, fault.Unavailable) || fault.Of(err).RetryAfter == 0 {
		t.Errorf("BEGIN was refused: %v", err)
	}
	w.Heal()
	if after := connection(); after == before {
		t.Error("a connection whose BEGIN failed is used again")
	}
	if err := d.Ping(ctx); err == nil {
		t.Error("ready a moment after a write was refused")
	}
	if err := d.Tx(ctx, func(*db.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
	d.ForgetRefusal()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("not ready some seconds later: %v", err)
	}
}

// A transaction is a round trip to begin and one to commit: how it is isolated was said once, when the connection was made.
func TestTransactionIsTwoRoundTripsMore(t *testing.T) {
	w, d, _ := wired(t)
	write, _ := d.Pools()
	write.SetMaxOpenConns(1)
	var mu sync.Mutex
	var sent []string
	w.Judge(func(query string) storetest.Verdict {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, query)
		return storetest.Pass
	})
	for range 3 {
		if err := d.Tx(t.Context(), func(*db.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(sent[max(0, len(sent)-4):], "; "); got != "START TRANSACTION; COMMIT; START TRANSACTION; COMMIT" {
		t.Errorf("sent: %s", got)
	}
}

// An answer to COMMIT that is lost leaves the outcome unknown: nothing is done again, and nobody waits for ever.
func TestAnswerToCommitIsLost(t *testing.T) {
	for name, verdict := range map[string]storetest.Verdict{"answer lost": storetest.Blackhole, "question lost": storetest.Mute,
		"cut": storetest.Reset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d, direct := wired(t)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			w.Judge(on(verdict, "COMMIT"))
			runs, start := 0, time.Now()
			err := d.Tx(ctx, func(tx *db.Tx) error { runs++; return put(ctx, tx, "a") })
			if !fault.Is(err, fault.Unknown) || runs != 1 {
				t.Errorf("%v after %d runs", err, runs)
			}
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("it took %v", took)
			}
			w.Heal()
			if got := names(t, direct); verdict == storetest.Blackhole && got != "a" || verdict == storetest.Mute && got != "" {
				t.Errorf("found afterwards: %q", got)
			}
			if _, err := d.Exec(context.Background(), "INSERT INTO settings (name, value) VALUES ('b', '1')"); err != nil {
				t.Errorf("the next transaction: %v", err)
			}
		})
	}
}

// Whatever statement the answer to which is lost: a request ends with its deadline, or a little later.
func TestNoRequestHangs(t *testing.T) {
	for _, at := range []string{"START TRANSACTION", "INSERT", "SELECT", "COMMIT", "ROLLBACK", "SAVEPOINT"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w, d, _ := wired(t)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			w.Judge(on(storetest.Blackhole, at))
			start := time.Now()
			var n int
			_ = d.Get(ctx, &n, "SELECT COUNT(*) FROM settings")
			_ = d.Tx(ctx, func(tx *db.Tx) error {
				err := tx.Part(ctx, func() error { return put(ctx, tx, "a") })
				if at == "ROLLBACK" {
					return errors.New("wrong")
				}
				return err
			})
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A read outside of a transaction that meets a dead connection is made once more, on another; one that finds none is an outage.
func TestReadIsTriedOnceMore(t *testing.T) {
	w, d, _ := wired(t)
	ctx := context.Background()
	var tries atomic.Int32
	once := func(query string) storetest.Verdict {
		if strings.HasPrefix(query, "SELECT name") && tries.Add(1) == 1 {
			return storetest.Reset
		}
		return storetest.Pass
	}
	storetest.Exec(t, d, "INSERT INTO settings (name, value) VALUES ('a', '1'), ('b', '2')")
	for _, read := range []func() (string, error){
		func() (one string, err error) {
			return one, d.Get(ctx, &one, "SELECT name FROM settings WHERE name = 'a'")
		},
		func() (string, error) {
			list := []string{"before"}
			err := d.Select(ctx, &list, "SELECT name FROM settings ORDER BY name")
			return fmt.Sprint(list), err
		},
	} {
		tries.Store(0)
		w.Judge(once)
		if got, err := read(); err != nil || tries.Load() != 2 {
			t.Errorf("%v, %v after %d tries", got, err, tries.Load())
		}
	}
	tries.Store(0)
	w.Judge(func(query string) storetest.Verdict {
		if strings.HasPrefix(query, "SELECT name") {
			tries.Add(1)
			return storetest.Reset
		}
		return storetest.Pass
	})
	var one string
	if err := d.Get(ctx, &one, "SELECT name FROM settings"); !fault.Is(err, fault.Unavailable) || tries.Load() != 2 {
		t.Errorf("a read that always fails: %v after %d tries", err, tries.Load())
	}
	w.Heal()
	w.Cut()
	if err := d.Get(ctx, &one, "SELECT name FROM settings"); !fault.Is(err, fault.Unavailable) || fault.Of(err).RetryAfter == 0 {
		t.Errorf("no database: %v", err)
	}
	if err := d.Ping(ctx); err == nil {
		t.Error("ready without a database")
	}
	if _, err := d.Exec(ctx, "DELETE FROM settings"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a write without a database: %v", err)
	}
}

// Connections that died in the pool cost nobody anything.
func TestDeadConnectionsInThePool(t *testing.T) {
	w, d, _ := wired(t)
	ctx := context.Background()
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			var n int
			_ = d.Get(ctx, &n, "SELECT SLEEP(0.1)")
		})
	}
	crowd.Wait()
	w.Cut()
	w.Heal()
	for i := range 20 {
		if _, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, '1')", fmt.Sprint(i)); err != nil {
			t.Error(err)
		}
	}
}
