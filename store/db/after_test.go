package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
	"dashop/store/storetest"
)

// What is to be done after a commit is done when the rows can be seen, or when nobody knows; never when nothing was done.
func TestAfterCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, wrong := context.Background(), errors.New("wrong")
		var done []string
		ask := func(tx *db.Tx, name string, then error) func() error {
			return func() error {
				tx.AfterCommit(func() { done = append(done, name+": "+names(t, d)) })
				return errors.Join(put(ctx, tx, name), then)
			}
		}
		err := d.Tx(ctx, func(tx *db.Tx) error {
			if err := tx.Part(ctx, ask(tx, "b", wrong)); !errors.Is(err, wrong) {
				t.Errorf("a part that fails: %v", err)
			}
			return ask(tx, "a", nil)()
		})
		if got := strings.Join(done, ", "); err != nil || got != "a: a" {
			t.Errorf("after a commit: %q, %v", got, err)
		}
		done = nil
		if err := d.Tx(ctx, func(tx *db.Tx) error { return ask(tx, "c", wrong)() }); !errors.Is(err, wrong) || done != nil {
			t.Errorf("after a failure: %v, %v", done, err)
		}
		lost := db.InjectFaults(ctx, func(statement string) error {
			if statement == "COMMITTED" {
				return fault.New(fault.Unknown, 0, "lost")
			}
			return nil
		})
		if err := d.Tx(lost, func(tx *db.Tx) error { return ask(tx, "d", nil)() }); !fault.Is(err, fault.Unknown) || len(done) != 1 {
			t.Errorf("when nobody knows: %v, %v", done, err)
		}
	})
}

// What a transaction changes of what is kept is read anew when it is committed, or may have been, and not when it was given up.
func TestChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, wrong, name := context.Background(), errors.New("wrong"), recent.NameOf("settings", "all")
		kept := recent.New(d.Changes(), 10, func(context.Context, string) (string, []recent.Name, error) {
			return names(t, d), []recent.Name{name}, nil
		})
		want := func(when, want string) {
			t.Helper()
			if got, err := kept.Get(ctx, "all"); got != want || err != nil {
				t.Errorf("%s: %q, %v, want %q", when, got, err, want)
			}
		}
		write := func(ctx context.Context, setting string, then error, changed ...recent.Name) error {
			return d.Tx(ctx, func(tx *db.Tx) error {
				tx.Changed(changed...)
				return errors.Join(put(ctx, tx, setting), then)
			})
		}
		want("at first", "")
		if err := write(ctx, "a", nil); err != nil {
			t.Fatal(err)
		}
		want("after a change that nobody named", "")
		if err := write(ctx, "b", wrong, name); !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		want("after a change that was given up", "")
		if err := write(ctx, "b", nil, name); err != nil {
			t.Fatal(err)
		}
		want("after a change", "a b")
		lost := db.InjectFaults(ctx, func(statement string) error {
			if statement == "COMMITTED" {
				return fault.New(fault.Unknown, 0, "lost")
			}
			return nil
		})
		if err := write(lost, "c", nil, name); !fault.Is(err, fault.Unknown) {
			t.Fatal(err)
		}
		want("when nobody knows", "a b c")
	})
}
