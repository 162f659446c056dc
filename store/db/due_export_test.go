package db

import (
	"context"
	"testing"
	"time"
)

// FindExpired is the query for the keys of a piece that begins at a time.
func FindExpired(e Expired, now, from time.Time) (query string, args []any) {
	c := &cleaning{Expired: e, before: now.Add(-e.Keep), from: from}
	return c.find()
}

// FindThenRemove finds the rows of a piece and gives the statement that removes them.
func FindThenRemove(t *testing.T, d *DB, e Expired, now time.Time) (query string, args []any) {
	t.Helper()
	c := &cleaning{Expired: e, before: now.Add(-e.Keep)}
	query, args = c.find()
	var rows []keyRow
	if err := d.Select(context.Background(), &rows, query, args...); err != nil {
		t.Fatal(err)
	}
	return c.remove(d.driver, rows)
}
