package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dashop/store/db"
	"dashop/store/fault"
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
