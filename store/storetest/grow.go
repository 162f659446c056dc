package storetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dashop/store/db"
)

// growth says how a table grows with the shop: each of some rows is copied so many times. What a copy has of its own is named; all else
// stays, so that a category gets thousands of products, a user thousands of orders, and a product thousands of reviews.
type growth struct {
	table  string
	of     string   // which rows are copied; "" is all
	own    []string // columns that differ in each copy; those that name rows of other tables name their copies
	copies int
}

// Seeds of growth: one product with what belongs to it.
const (
	grownProduct = "1001"
	grownSKUs    = "sku_id IN (SELECT id FROM skus WHERE spu_id = " + grownProduct + ")"
	someCopies   = 600
	manyCopies   = 3000
)

// growths are all tables that grow with the shop, with its customers, or with time.
var growths = []growth{
	// What belongs to a product goes before the product's SKUs, by which it is found.
	{"sku_images", grownSKUs, []string{"id", "sku_id"}, manyCopies},
	{"sku_specs", grownSKUs, []string{"sku_id", "spec_id", "option_id"}, manyCopies},
	{"stocks", grownSKUs, []string{"sku_id"}, manyCopies},
	{"spec_options", "spec_id IN (SELECT id FROM specs WHERE spu_id = " + grownProduct + ")", []string{"id", "spec_id"}, manyCopies},
	{"specs", "spu_id = " + grownProduct, []string{"id", "spu_id"}, manyCopies},
	{"search_terms", "spu_id = " + grownProduct + " AND place < 512", []string{"spu_id"}, manyCopies},
	{"search_docs", "spu_id = " + grownProduct, []string{"spu_id"}, manyCopies},
	{"skus", "spu_id = " + grownProduct, []string{"id", "spu_id"}, manyCopies},
	{"materials", "", []string{"id", "spu_id"}, someCopies},
	{"course_counts", "", []string{"spu_id"}, someCopies},
	{"spus", "id = " + grownProduct, []string{"id"}, manyCopies},
	{"search_counts", "term % 20 = 0", []string{"term"}, 30},
	{"search_misses", "words NOT LIKE 'miss %'", []string{"words"}, 10}, // it keeps a thousand
	{"stock_deliveries", "", []string{"token"}, someCopies},
	{"stock_ledger", "order_id IS NOT NULL", []string{"id", "order_id"}, someCopies},

	{"orders", "", []string{"id", "order_no", "checkout_token"}, someCopies},
	{"order_items", "", []string{"order_id"}, someCopies},
	{"order_shares", "", []string{"order_id"}, someCopies},
	{"order_events", "", []string{"id", "order_id"}, someCopies},
	{"shipments", "", []string{"id", "order_id"}, someCopies},
	{"payments", "", []string{"id", "order_id", "order_no", "out_trade_no", "open_key", "trade_no"}, someCopies},
	{"refunds", "", []string{"id", "payment_id", "order_id", "order_no", "out_request_no"}, someCopies},
	{"notices", "", []string{"id", "digest", "out_trade_no"}, someCopies},
	{"reviews", "order_id IS NOT NULL OR spu_id = " + grownProduct, []string{"id", "order_id"}, someCopies},
	{"review_pictures", "", []string{"review_id"}, someCopies},

	{"users", "role = 'shopper'", []string{"id", "username", "mobile"}, someCopies},
	{"addresses", "", []string{"id", "user_id"}, someCopies}, // a user has a few
	{"sessions", "", []string{"id_hash", "user_id"}, 200},    // a user has a few dozen
	{"identities", "", []string{"id", "user_id", "subject"}, someCopies},
	{"favourites", "", []string{"user_id"}, someCopies}, // a user has a few hundred, and a product any number
	{"browse_history", "", []string{"user_id"}, someCopies},
	{"cart_lines", "", []string{"owner"}, someCopies}, // a cart holds a hundred
	{"coupons", "", []string{"id", "code"}, 100},      // a merchant makes a few a month
	{"coupon_targets", "", []string{"coupon_id"}, 100},
	{"user_coupons", "", []string{"id", "user_id"}, manyCopies}, // a user has a few dozen, and a coupon any number
	{"entitlements", "", []string{"id", "user_id", "order_id"}, someCopies},
	{"learners", "", []string{"id", "user_id"}, someCopies},
	{"cart_undos", "", []string{"owner"}, someCopies}, // of each cart two
	{"captchas", "", []string{"id", "browser"}, someCopies},
	{"sms_codes", "", []string{"id", "mobile"}, someCopies}, // a number gets a few a day
	{"oauth_states", "", []string{"state_hash"}, manyCopies},
	{"limits", "", []string{"name"}, someCopies},
	{"credit_entries", "order_id <> 0", []string{"number", "order_id"}, someCopies}, // the merchant gives a user a few
	{"credits", "", []string{"user_id"}, someCopies},

	{"promotions", "", []string{"id"}, 20}, // a merchant makes some hundred, of which some dozen are on
	{"promotion_targets", "", []string{"target_id"}, someCopies},
	{"promotion_steps", "", []string{"from_fen"}, 5},
	{"promotion_skus", "", []string{"promotion_id"}, 20},
	{"promotion_buyers", "", []string{"user_id"}, someCopies},
	{"flash_takings", "", []string{"order_id"}, someCopies},

	{"jobs", "", []string{"id", "job_key"}, someCopies},
	{"audit_log", "", []string{"id"}, someCopies},
}

// fixed are the tables that somebody fills by hand, or that have a row for a thing that does.
var fixed = []string{"ads", "areas", "brands", "catalog_version", "categories", "category_facets", "channel_groups", "channels",
	"goose_db_version", "migration_lease", "migration_progress", "promotion_version", "settings", "sqlite_sequence"}

// due are columns of times to come; of the copies half are due.
var due = []string{"expires_at", "ends_at", "run_at", "next_query_at", "pay_deadline", "receipt_due", "review_due", "code_until", "due_at"}

// apart is the distance between the numbers of the copies of a row.
const apart = 10_000_000

// Grow makes a shop large, by copying what it has. A table that it does not know fails the test.
func Grow(t testing.TB, d *db.DB) {
	t.Helper()
	tables := columnsOf(t, d)
	var known []string
	for _, g := range growths {
		known = append(known, g.table)
		if len(tables[g.table]) == 0 {
			t.Errorf("there is no table %s to grow", g.table)
		}
	}
	for table := range tables {
		if !slices.Contains(known, table) && !slices.Contains(fixed, table) {
			t.Errorf("say in storetest/grow.go how the table %s grows", table)
		}
	}
	write, _ := d.Pools()
	run := func(statement string) {
		if _, err := write.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	numbers := make([]string, manyCopies)
	for i := range numbers {
		numbers[i] = "(" + strconv.Itoa(i+1) + ")"
	}
	run("CREATE TABLE copies (n INT NOT NULL PRIMARY KEY)")
	run("INSERT INTO copies (n) VALUES " + strings.Join(numbers, ","))
	for _, g := range growths {
		run(g.statement(d.Driver(), tables[g.table]))
		if d.Driver() == db.MySQL {
			run("ANALYZE TABLE " + g.table)
		}
	}
	run("DROP TABLE copies")
}

// statement copies rows within the database.
func (g growth) statement(driver string, columns []column) string {
	var names, values []string
	for _, c := range columns {
		names, values = append(names, c.Name), append(values, c.copied(driver, slices.Contains(g.own, c.Name)))
	}
	where := ""
	if g.of != "" {
		where = " AND (" + g.of + ")"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s CROSS JOIN copies WHERE copies.n <= %d%s", g.table, strings.Join(names, ", "),
		strings.Join(values, ", "), g.table, g.copies, where)
}

// column is one of a table.
type column struct {
	Name   string `db:"name"`
	Type   string `db:"type"`
	Length int    `db:"length"` // of text
}

// copied is the value of a copy: numbers apart, texts with the number in front, and times a minute apart.
func (c column) copied(driver string, own bool) string {
	mysql := driver == db.MySQL
	switch kind := strings.ToLower(c.Type); {
	case strings.HasPrefix(kind, "datetime"):
		minutes := "(-n)"
		if slices.Contains(due, c.Name) {
			minutes = "(n * (1 - 2 * (n % 2)))"
		}
		if mysql {
			return fmt.Sprintf("%s + INTERVAL %s MINUTE", c.Name, minutes)
		}
		return fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, %s || ' minutes') || '+00:00'", c.Name, minutes)
	case !own:
		return c.Name
	case strings.Contains(kind, "char"):
		if mysql {
			return fmt.Sprintf("LEFT(CONCAT(n, '-', %s), %d)", c.Name, c.Length)
		}
		return fmt.Sprintf("substr(n || '-' || %s, 1, %d)", c.Name, c.Length)
	}
	return fmt.Sprintf("%s + n * %d", c.Name, apart)
}

// columnsOf are the columns of all tables.
func columnsOf(t testing.TB, d *db.DB) map[string][]column {
	t.Helper()
	query := `SELECT m.name AS "table", c.name, c.type, 0 AS length FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
		ORDER BY m.name, c.cid`
	if d.Driver() == db.MySQL {
		query = "SELECT TABLE_NAME AS `table`, COLUMN_NAME AS name, DATA_TYPE AS type, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0) AS length " +
			"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION"
	}
	var rows []struct {
		Table string `db:"table"`
		column
	}
	if err := d.Select(context.Background(), &rows, query); err != nil {
		t.Fatal(err)
	}
	tables := map[string][]column{}
	for _, r := range rows {
		if n, ok := strings.CutPrefix(strings.ToLower(r.Type), "varchar("); ok {
			r.Length, _ = strconv.Atoi(strings.TrimSuffix(n, ")"))
		} else if n, ok := strings.CutPrefix(strings.ToLower(r.Type), "char("); ok {
			r.Length, _ = strconv.Atoi(strings.TrimSuffix(n, ")"))
		}
		tables[r.Table] = append(tables[r.Table], r.column)
	}
	return tables
}
