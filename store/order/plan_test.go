package order

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

type noProducts struct{}

func (noProducts) Products(context.Context, string, int) ([]int64, error) {
	return []int64{1, 2, 3}, nil
}

// listed are filters of each sort that pages offer, and the cursor behind which some begin.
func listed(now time.Time, cursor Cursor) map[string]Filter {
	at := now.Add(-time.Hour)
	return map[string]Filter{
		"all":                    {},
		"a state":                {Statuses: Tab(2)},
		"two states":             {Statuses: Tab(5)},
		"two states of one":      {UserID: 1, Statuses: Tab(5), After: cursor},
		"a time":                 {From: at},
		"until a time, behind":   {To: now, After: cursor},
		"a state, until a time":  {Statuses: Tab(2), To: at},
		"behind an order":        {After: cursor},
		"a state, behind":        {Statuses: Tab(2), After: cursor},
		"one's own":              {UserID: 1},
		"one's own, behind":      {UserID: 1, After: cursor},
		"own, in a state":        {UserID: 1, Statuses: Tab(2)},
		"a product":              {SPU: 1},
		"a product, behind":      {SPU: 1, After: cursor, From: at},
		"a product, ended":       {SPU: 1, Statuses: Tab(5)},
		"a product, to be paid":  {SPU: 9, Statuses: Tab(1)},
		"a product of one's own": {UserID: 2, SPU: 1},
		"a number":               {Words: "20260304123456789012"},
		"a number in a state":    {Words: "20260304123456789012", Statuses: Tab(2)},
		"a number's start":       {Words: "202603041234"},
		"a mobile":               {Words: "13800135621"},
		"a mobile in a state":    {Words: "13800135622", Statuses: Tab(2)},
		"words":                  {Words: "咖啡"},
		"words, to be paid":      {Words: "咖啡", Statuses: Tab(1)},
		"words of one's own":     {Words: "咖啡", UserID: 2},
	}
}

// TestListsAreFoundAlongAnIndex looks at how SQLite would find a page, and at how many rows MySQL reads for it: no list may read
// or sort all orders there are.
func TestListsAreFoundAlongAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := New(d, nil, nil, nil, noProducts{}, nil, clock.Now, Rules{})
		check := checkPlan
		if d.Driver() == db.MySQL {
			sellMany(t, d, clock.Now())
			check = checkReads
		}
		for name, f := range listed(clock.Now(), Cursor{At: clock.Now().Add(-2000 * time.Second), ID: 2000}) {
			found, err := s.finder(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			query, args := found.places(f.After, PageSize+1, 0)
			check(t, d, name, query, args)
		}
	})
}

// checkPlan refuses a plan of SQLite that scans a table or sorts it. Only what is limited already is sorted: the merged parts, and
// the few orders of a number.
func checkPlan(t *testing.T, d *db.DB, name, query string, args []any) {
	t.Helper()
	plan := storetest.Explain(t, d, query, args...)
	before := ""
	for step := range strings.SplitSeq(plan, "; ") {
		sorts := strings.Contains(step, "TEMP B-TREE") && !strings.Contains(before, "SCAN part") &&
			!strings.Contains(before, "(order_no") && !strings.Contains(before, "(trade_no")
		scans := strings.Contains(step, "SCAN o ") && !strings.Contains(step, "INDEX orders_created") || strings.Contains(step, "SCAN i ")
		if sorts || scans {
			t.Errorf("%s: %q in %s", name, step, plan)
		}
		before = step
	}
}

// many is how many orders sellMany inserts, and fewRows how many rows may be read to find a page among them.
const (
	many    = 4000
	fewRows = 250
)

// sellMany inserts orders of two users, in all states but the first, each with one of seven products.
func sellMany(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	var orders, items [][]any
	for i := range many {
		at := now.Add(-time.Duration(many-i) * time.Second)
		no := fmt.Sprintf("20260304%012d", int64(i)*123_456_789)
		user, trade, mobile := int64(1), fmt.Sprint("T", i), "13800135621"
		if i%100 == 0 {
			user, mobile = 2, "13800135622"
		}
		orders = append(orders, []any{i + 1, no, user, i%5 + 2, no, "", 1, 0, 1, 1, "x", "", mobile, "", "", at, at, trade})
		items = append(items, []any{i + 1, 1, 1, i%7 + 1, "咖啡", 1, 1, 1, at})
	}
	err := d.Tx(context.Background(), func(tx *db.Tx) error {
		err := tx.InsertMany(context.Background(), "orders", []string{"id", "order_no", "user_id", "status", "checkout_token", "digest", "goods_fen",
			"freight_fen", "payable_fen", "item_count", "pay_method", "receiver", "mobile", "area", "place", "created_at", "pay_deadline",
			"trade_no"}, orders)
		if err != nil {
			return err
		}
		return tx.InsertMany(context.Background(), "order_items", []string{"order_id", "line", "sku_id", "spu_id", "name", "unit_fen", "count",
			"payable_fen", "created_at"}, items)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkReads runs a query on MySQL and counts the rows that it reads from tables and indexes, sorted ones again.
func checkReads(t *testing.T, d *db.DB, name, query string, args []any) {
	t.Helper()
	pool, _ := d.Pools()
	conn, err := pool.Connx(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reads := func() (n int) {
		var rows []struct {
			Name  string `db:"Variable_name"`
			Value int    `db:"Value"`
		}
		if err := conn.SelectContext(context.Background(), &rows, "SHOW SESSION STATUS LIKE 'Handler_read%'"); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			n += r.Value
		}
		return n
	}
	before := reads()
	rows, err := conn.QueryxContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v in %s", name, err, query)
	}
	for rows.Next() {
	}
	_ = rows.Close()
	if n := reads() - before; n > fewRows {
		t.Errorf("%s: %d rows were read for a page: %s", name, n, query)
	}
}
