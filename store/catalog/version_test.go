package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/storetest"
)

// The version moves once with each transaction that changes the catalogue and with no other: on the node that made the
// change at once, on another within a second. A transaction that is undone moves nothing.
func TestVersion(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d := storetest.Open(t, c)
			here, there := catalog.New(d, clock.Now), catalog.New(storetest.Open(t, c), clock.Now)
			version := func(s *catalog.Service) int64 {
				t.Helper()
				v, err := s.Version(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			was := version(here)
			if version(there) != was {
				t.Fatal("two nodes disagree")
			}
			change := func(then error) {
				err := d.Tx(ctx, func(tx *db.Tx) error {
					catalog.MarkChanged(ctx, tx)
					catalog.MarkChanged(ctx, tx)
					return then
				})
				if !errors.Is(err, then) {
					t.Fatal(err)
				}
			}
			change(nil)
			if got := version(here); got != was+1 {
				t.Errorf("here: %d after a change of %d", got, was)
			}
			if got := version(there); got != was {
				t.Errorf("there: asked again before its time")
			}
			clock.Advance(time.Second)
			if got := version(there); got != was+1 {
				t.Errorf("there: %d a second after a change of %d", got, was)
			}
			change(errors.New("undone"))
			storetest.Exec(t, d, "INSERT INTO stocks (sku_id, quantity, sold) VALUES (1, 1, 0)")
			storetest.Exec(t, d, "UPDATE stocks SET quantity = quantity - 1 WHERE sku_id = 1")
			clock.Advance(time.Second)
			if got := version(here); got != was+1 {
				t.Errorf("here: %d after nothing of the catalogue changed", got)
			}
			change(nil)
			clock.Advance(-time.Hour) // the machine's clock is set back
			if got := version(there); got != was+2 {
				t.Errorf("there: %d with a clock that was set back, want %d", got, was+2)
			}
		})
	}
}

// The row of the version is written last, so that it is locked for a moment only.
func TestVersionIsWrittenLast(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	var statements []string
	d.OnCommit(func(s, _ []string) { statements = s })
	err := d.Tx(ctx, func(tx *db.Tx) error {
		catalog.MarkChanged(ctx, tx)
		_, err := tx.Exec(ctx, "INSERT INTO brands (name) VALUES (?)", "x")
		return err
	})
	if err != nil || len(statements) != 2 || !strings.HasPrefix(statements[1], "UPDATE catalog_version") {
		t.Errorf("%q, %v", statements, err)
	}
}
