package db_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

// Whatever must not be done within a transaction is found by the test in which it is done, on both databases.
func TestMisuseOfATransactionPanics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		var n int
		client := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
		for what, do := range map[string]func(){
			"a transaction within":            func() { _ = d.Tx(ctx, func(*db.Tx) error { return nil }) },
			"a transaction of one statement":  func() { _, _ = d.Exec(ctx, "DELETE FROM settings") },
			"a read of one row by the side":   func() { _ = d.Get(ctx, &n, "SELECT COUNT(*) FROM settings") },
			"a read of many rows by the side": func() { _ = d.Select(ctx, &[]int64{}, "SELECT sku_id FROM stocks") },
			"something slow":                  func() { db.OutsideTx("slow") },
			"a call abroad":                   func() { _, _ = client.Get("http://127.0.0.1:1/") },
		} {
			panicked := func(in func(func())) (p any) {
				defer func() { p = recover() }()
				in(do)
				return nil
			}
			for where, in := range map[string]func(func()){
				"function": func(do func()) { _ = d.Tx(ctx, func(*db.Tx) error { do(); return nil }) },
				"before the commit": func(do func()) {
					_ = d.Tx(ctx, func(tx *db.Tx) error { tx.BeforeCommit("x", func() error { do(); return nil }); return nil })
				},
			} {
				if p := panicked(in); p == nil || !strings.Contains(fmt.Sprint(p), "within a transaction") {
					t.Errorf("%s, in %s: %v", what, where, p)
				}
			}
			if p := panicked(func(do func()) { do() }); p != nil {
				t.Errorf("%s, outside: %v", what, p)
			}
			if p := panicked(func(do func()) { _ = d.Tx(ctx, func(tx *db.Tx) error { tx.AfterCommit(do); return nil }) }); p != nil {
				t.Errorf("%s, after the commit: %v", what, p)
			}
		}
	})
}

// In production a transaction within a transaction ends with an error after a moment, without a deadline too, and the outer one and
// all others go on.
func TestNestedTransactionEnds(t *testing.T) {
	defer db.Unwatch()()
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	began := time.Now()
	err := d.Tx(ctx, func(tx *db.Tx) error {
		if _, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('inner', '1')"); !errors.Is(err, db.ErrNested) {
			t.Errorf("the inner one: %v", err)
		}
		return put(ctx, tx, "outer")
	})
	if took := time.Since(began); err != nil || took > 20*time.Second {
		t.Errorf("%v after %v", err, took)
	}
	if err := d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, "next") }); err != nil || names(t, d) != "next outer" {
		t.Errorf("%v, wrote %s", err, names(t, d))
	}
}
