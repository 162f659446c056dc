package db_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/db"
	"dashop/store/storetest"
)

// fixtureVersion is the last migration of the program that wrote testdata/shop_0015.json: some of the demo shop with orders
// in each state, late money, and texts that are easily mistaken for each other.
const fixtureVersion = 15

type fixtureTable struct {
	Columns []string
	Rows    [][]any
}

// fixtureShop reads the rows, the times among them as times.
func fixtureShop(t *testing.T) map[string]fixtureTable {
	t.Helper()
	text, err := os.ReadFile("testdata/shop_0015.json")
	must(t, err)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var shop map[string]fixtureTable
	must(t, decoder.Decode(&shop))
	for _, table := range shop {
		for _, row := range table.Rows {
			for i, v := range row {
				switch v := v.(type) {
				case json.Number:
					row[i], err = v.Int64()
					must(t, err)
				case string:
					if at, err := time.Parse(time.RFC3339, v); err == nil {
						row[i] = at
					}
				}
			}
		}
	}
	return shop
}

// oldShop fills an empty database as the earlier program left it.
func oldShop(t *testing.T, d *db.DB, shop map[string]fixtureTable) {
	t.Helper()
	ctx := context.Background()
	must(t, d.MigrateAsGoose(ctx, fixtureVersion))
	storetest.Exec(t, d, "DELETE FROM catalog_version") // the fixture has the row
	for _, name := range slices.Sorted(maps.Keys(shop)) {
		table := shop[name]
		places := strings.Repeat(", ?", len(table.Columns))[2:]
		insert := "INSERT INTO " + name + " (" + strings.Join(table.Columns, ", ") + ") VALUES (" + places + ")"
		must(t, d.Tx(ctx, func(tx *db.Tx) error {
			for _, row := range table.Rows {
				if _, err := tx.Exec(ctx, insert, row...); err != nil {
					return fmt.Errorf("%s %v: %w", name, row, err)
				}
			}
			return nil
		}))
	}
}

// A shop of the program of 29 November 2026 keeps every value of every row, and its books, through all migrations since.
func TestMigrationsKeepAllData(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		shop := fixtureShop(t)
		d, err := db.Open(ctx, c) // without the watch of storetest.Open: what changes here changes no page
		must(t, err)
		defer d.Close()
		oldShop(t, d, shop)
		must(t, d.Migrate(ctx))

		states := map[int64]int{}
		var money int64
		for _, name := range slices.Sorted(maps.Keys(shop)) {
			table := shop[name]
			got := rowsOf(t, d, name, table.Columns)
			want := make([]string, len(table.Rows))
			for i, row := range table.Rows {
				want[i] = rowText(row)
				for j, column := range table.Columns {
					if n, ok := row[j].(int64); ok && strings.HasSuffix(column, "_fen") {
						money += n
					}
					if n, ok := row[j].(int64); ok && name == "orders" && column == "status" {
						states[n]++
					}
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s has changed (-before +after):\n%s", name, diff)
			}
		}
		if len(states) != 6 || money == 0 || len(shop["payments"].Rows) == 0 || len(shop["refunds"].Rows) == 0 {
			t.Fatalf("the fixture proves too little: orders by status %v, %d fen", states, money)
		}
		// Orders that were received before there were credits have earned none.
		storetest.CheckBooks(t, d, "received order has not earned its credits once")
		oldProgramWrites(t, d)
	})
}

// rowsOf reads the columns of all rows, each as one text, sorted.
func rowsOf(t *testing.T, d *db.DB, table string, columns []string) (lines []string) {
	t.Helper()
	_, pool := d.Pools()
	rows, err := pool.Queryx("SELECT " + strings.Join(columns, ", ") + " FROM " + table)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		row, err := rows.SliceScan()
		must(t, err)
		lines = append(lines, rowText(row))
	}
	must(t, rows.Err())
	slices.Sort(lines)
	return lines
}

// rowText is a row in words that do not depend on the driver's types.
func rowText(row []any) string {
	words := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case time.Time:
			words[i] = v.UTC().Format(time.RFC3339Nano)
		case []byte:
			words[i] = string(v)
		case bool:
			words[i] = map[bool]string{true: "1", false: "0"}[v]
		default:
			words[i] = fmt.Sprint(v)
		}
	}
	return fmt.Sprintf("%q", words)
}

// oldProgramWrites runs the statements with which the earlier program went on selling: an update migrates first, and the
// earlier program serves until it is stopped. So each new column has a default.
func oldProgramWrites(t *testing.T, d *db.DB) {
	t.Helper()
	const no = "20260305000000000001"
	now := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	for _, s := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO users (username, mobile, nickname, avatar, password_hash, role, disabled, created_at)
			VALUES ('late_user', NULL, '', '', '', 'shopper', 0, ?)`, []any{now}},
		{`INSERT INTO sessions (id_hash, user_id, data, user_agent, ip, created_at, last_seen_at, expires_at, remember)
			VALUES ('x', NULL, '', '', '', ?, ?, ?, 0)`, []any{now, now, now}},
		{"INSERT INTO cart_lines (owner, sku_id, count, selected, created_at) VALUES ('v:late', 1, 1, 1, ?)", []any{now}},
		{`INSERT INTO orders (order_no, user_id, status, checkout_token, digest,
			goods_fen, freight_fen, discount_fen, payable_fen, item_count, pay_method,
			receiver, mobile, area, place, address_title, postal_code, note, created_at, pay_deadline)
			VALUES (?, 1, 1, 'late', 'd', 100, 0, 0, 100, 1, 'alipay', 'r', '13912345678', 'a', 'p', '', '', '', ?, ?)`,
			[]any{no, now, now}},
		{`INSERT INTO order_items (order_id, line, sku_id, spu_id, name, name_en, spec, spec_en, image, unit_fen, count, payable_fen)
			SELECT id, 1, 1, 1, 'n', '', '', '', '', 100, 1, 100 FROM orders WHERE order_no = ?`, []any{no}},
		{`INSERT INTO order_events (order_id, kind, from_status, to_status, actor, actor_id, detail, created_at)
			SELECT id, 'placed', 0, 1, 'shopper', 1, '', ? FROM orders WHERE order_no = ?`, []any{now, no}},
		{`INSERT INTO stock_ledger (sku_id, kind, delta, order_id, created_at)
			SELECT 1, 'placed', -1, id, ? FROM orders WHERE order_no = ?`, []any{now, no}},
		{"INSERT INTO stocks (sku_id, quantity, sold) VALUES (1, 0, 0)", nil},
		{`INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, open_key, amount_fen, status,
			created_at, expires_at, next_query_at)
			SELECT id, order_no, 1, 'alipay', 'late01', 'late:alipay', 100, 1, ?, ?, ? FROM orders WHERE order_no = ?`,
			[]any{now, now, now, no}},
		{`INSERT INTO notices (method, source, digest, verified, out_trade_no, outcome, body, created_at)
			VALUES ('alipay', 'notify', 'late', 1, 'late01', 'paid', '', ?)`, []any{now}},
		{`INSERT INTO refunds (payment_id, order_id, order_no, out_request_no, amount_fen, reason, status, created_at)
			SELECT id, order_id, order_no, 'lateR', amount_fen, 'late', 1, ? FROM payments WHERE out_trade_no = 'late01'`, []any{now}},
		{`INSERT INTO shipments (order_id, carrier, tracking_no, created_at)
			SELECT id, 'sf', 'LATE', ? FROM orders WHERE order_no = ?`, []any{now, no}},
		{`INSERT INTO jobs (kind, job_key, payload, status, run_at, created_at)
			VALUES ('send_sms', 'late', '', 0, ?, ?)`, []any{now, now}},
		{"UPDATE jobs SET lease_token = 't', run_at = ?, attempts = attempts + 1 WHERE job_key = 'late' AND status = 0", []any{now}},
		{"INSERT INTO limits (name, count, ends_at) VALUES ('late', 1, ?)", []any{now}},
		{"INSERT INTO settings (name, value) VALUES ('late', '1')", nil},
		{"INSERT INTO audit_log (actor_id, action, subject, detail, created_at) VALUES (1, 'a', 's', '', ?)", []any{now}},
	} {
		n, err := d.Exec(context.Background(), s.text, s.args...)
		if err != nil || n != 1 {
			t.Errorf("the earlier program cannot run (%d rows, %v): %s", n, err, s.text)
		}
	}
}
