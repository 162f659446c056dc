package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func put(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, '1')", name)
	return err
}

// names are those of all settings, in order.
func names(t *testing.T, d *db.DB) string {
	t.Helper()
	var list []string
	if err := d.Select(context.Background(), &list, "SELECT name FROM settings ORDER BY name"); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// A part that fails, or panics, undoes itself alone, with the parts within it and with what they asked for by BeforeCommit.
func TestPartIsUndoneAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, wrong := context.Background(), errors.New("wrong")
		var heard, called []string
		d.OnCommit(func(statements, names []string) { heard = append(slices.Clone(names), fmt.Sprint(len(statements))) })
		ask := func(tx *db.Tx, name string) {
			tx.BeforeCommit(name, func() error { called = append(called, name); return nil })
		}
		work := func(tx *db.Tx, name string, then error) func() error {
			return func() error {
				ask(tx, name)
				return errors.Join(put(ctx, tx, name), then)
			}
		}
		err := d.Tx(ctx, func(tx *db.Tx) error {
			if err := tx.Part(ctx, work(tx, "a", nil)); err != nil {
				return err
			}
			if err := tx.Part(ctx, work(tx, "b", wrong)); !errors.Is(err, wrong) {
				t.Errorf("a part that fails: %v", err)
			}
			if err := tx.Part(ctx, work(tx, "a", nil)); !db.IsDuplicate(err) {
				t.Errorf("a part that meets a duplicate: %v", err)
			}
			err := tx.Part(ctx, func() error {
				return errors.Join(tx.Part(ctx, work(tx, "c", nil)), put(ctx, tx, "d"), wrong)
			})
			if !errors.Is(err, wrong) {
				t.Errorf("a part around a good part: %v", err)
			}
			func() {
				defer func() {
					if p := recover(); p != "panic" {
						t.Errorf("a part that panics: %v", p)
					}
				}()
				_ = tx.Part(ctx, func() error { _ = work(tx, "e", nil)(); panic("panic") })
			}()
			return tx.Part(ctx, func() error { // the inner one fails, the outer goes on
				_ = tx.Part(ctx, work(tx, "f", wrong))
				return errors.Join(tx.Part(ctx, work(tx, "g", nil)), put(ctx, tx, "h"))
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(t, d); got != "a g h" {
			t.Errorf("what was written: %s", got)
		}
		if diff := cmp.Diff([]string{"a", "g"}, called); diff != "" {
			t.Errorf("before the commit:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a", "g", "3"}, heard); diff != "" {
			t.Errorf("heard by OnCommit:\n%s", diff)
		}
	})
}

// A name that a part asked for in vain can be asked for again by what comes after it.
func TestPartGivesItsNamesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, wrong := context.Background(), errors.New("wrong")
		var called []string
		err := d.Tx(ctx, func(tx *db.Tx) error {
			for _, then := range []error{wrong, nil, nil} {
				_ = tx.Part(ctx, func() error {
					tx.BeforeCommit("name", func() error { called = append(called, fmt.Sprint(then)); return nil })
					return then
				})
			}
			return nil
		})
		if err != nil || fmt.Sprint(called) != "[<nil>]" || d.Committed("name") != 1 {
			t.Errorf("%v, %v, %d", err, called, d.Committed("name"))
		}
	})
}

// After a deadlock nothing is left of the transaction. On a cluster ROLLBACK TO then fails and COMMIT answers OK, so nothing of
// this may reach them: the transaction is run again as a whole, also where its function makes nothing of the error.
func TestPartDoesNotHideTheEndOfTheTransaction(t *testing.T) {
	for name, end := range map[string]error{
		"deadlock":  &mysql.MySQLError{Number: 1213},
		"lock wait": &mysql.MySQLError{Number: 1205},
		"snapshot":  &mysql.MySQLError{Number: 1020},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
				runs, after := 0, 0
				var seen []string
				ctx := db.InjectFaults(context.Background(), func(statement string) error {
					seen = append(seen, statement)
					if strings.Contains(statement, "INSERT") && runs == 1 {
						return end
					}
					return nil
				})
				err := d.Tx(ctx, func(tx *db.Tx) error {
					runs++
					_ = tx.Part(ctx, func() error {
						_ = tx.Part(ctx, func() error { return put(ctx, tx, "inner") })
						return nil
					})
					if put(ctx, tx, "outer") != nil {
						after++
					}
					return nil
				})
				if err != nil || runs != 2 || after != 1 || names(t, d) != "inner outer" {
					t.Errorf("%v, %d runs, %d failed after the part, wrote %s", err, runs, after, names(t, d))
				}
				first := seen[:slices.Index(seen[1:], "SAVEPOINT part_1")+1]
				if got := strings.Join(first, "; "); strings.Contains(got, "ROLLBACK") || strings.Contains(got, "COMMIT") ||
					strings.Contains(got, "RELEASE") {
					t.Errorf("went on after the end: %s", got)
				}
			})
		})
	}
	t.Run("connection", func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
			ctx := db.InjectFaults(context.Background(), func(statement string) error {
				if strings.Contains(statement, "INSERT") {
					return mysql.ErrInvalidConn
				}
				return nil
			})
			err := d.Tx(ctx, func(tx *db.Tx) error {
				_ = tx.Part(ctx, func() error { return put(ctx, tx, "a") })
				return fault.Missing() // what the function makes of it is not what happened
			})
			if !errors.Is(err, mysql.ErrInvalidConn) || names(t, d) != "" {
				t.Errorf("%v, wrote %s", err, names(t, d))
			}
		})
	})
}

// What a part cannot undo is not committed with the rest.
func TestPartThatCannotBeUndone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		boom := errors.New("boom")
		for _, at := range []string{"SAVEPOINT part_1", "ROLLBACK TO SAVEPOINT part_1", "RELEASE SAVEPOINT part_1"} {
			ctx := db.InjectFaults(context.Background(), func(statement string) error {
				if statement == at {
					return boom
				}
				return nil
			})
			err := d.Tx(ctx, func(tx *db.Tx) error {
				return tx.Part(ctx, func() error { return errors.Join(put(ctx, tx, "a"), errors.New("wrong")) })
			})
			if err == nil || names(t, d) != "" {
				t.Errorf("fault at %s: %v, wrote %s", at, err, names(t, d))
			}
			err = d.Tx(ctx, func(tx *db.Tx) error {
				_ = tx.Part(ctx, func() error { return errors.Join(put(ctx, tx, "a"), errors.New("wrong")) })
				return nil
			})
			if at != "SAVEPOINT part_1" && !errors.Is(err, boom) || names(t, d) != "" {
				t.Errorf("fault at %s that nobody heeds: %v, wrote %s", at, err, names(t, d))
			}
		}
	})
}
