// Package storetest gives tests every database that the shop runs on, fresh and migrated, with fixtures and a clock that stands still.
package storetest

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/recent"
)

// Full says that SHOP_TEST_FULL=1 is set: a test whose part is missing on this machine fails instead of skipping.
func Full() bool { return os.Getenv("SHOP_TEST_FULL") == "1" }

// Long says that SHOP_TEST_LONG=1 is set: tests that take over a minute run too.
func Long() bool { return os.Getenv("SHOP_TEST_LONG") == "1" }

// Main runs the tests of a package and removes what they leave behind. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	for _, do := range slices.Backward(ending.tasks) {
		do()
	}
	os.Exit(code)
}

var ending struct {
	sync.Mutex
	tasks []func()
}

// atEnd has Main run do after all tests.
func atEnd(do func()) {
	ending.Lock()
	defer ending.Unlock()
	ending.tasks = append(ending.tasks, do)
}

// Each runs test once on each database, on fresh tables.
func Each(t *testing.T, test func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c := Config(t, driver)
			test(t, Open(t, c), NewClock())
		})
	}
}

// migrated is a database without rows but those that the migrations write.
var migrated = NewTemplate(nil)

// Config names a fresh migrated database that is gone after the test. It skips the test where the machine has no
// MariaDB, unless Full.
func Config(t testing.TB, driver string) db.Config {
	t.Helper()
	return migrated.Config(t, driver)
}

// Open opens c for the time of the test.
func Open(t testing.TB, c db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	watchKept(t, d)
	if h := listener.Load(); h != nil {
		h.listenTo(d)
	}
	return d
}

// publicTables hold what everybody sees of the catalogue. Stock is none of them: see catalog.MarkChanged.
var publicTables = regexp.MustCompile(`^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:categories|channel_groups|channels|brands|spus|skus|sku_images|` +
	`specs|spec_options|sku_specs|ads|reviews|review_pictures|category_facets)\b`)

func writesCatalog(statement string) bool { return publicTables.MatchString(statement) }

// keptTables hold what is kept for a moment, by the kind under which db.Tx.Changed is told of it. To load many rows at once, or to
// clean up what is old, nobody need be told: such rows are of no page that anybody looks at.
var keptTables = map[string]*regexp.Regexp{
	"stock":      regexp.MustCompile(`^\s*UPDATE stocks\b`),
	"skus":       regexp.MustCompile(`^\s*(?:INSERT INTO|DELETE FROM) skus\b`),
	"cart":       regexp.MustCompile(`^\s*(?:INSERT INTO cart_lines|DELETE FROM cart_lines WHERE owner =|UPDATE cart_lines SET count)`),
	"favourites": regexp.MustCompile(`^\s*(?:INSERT INTO|DELETE FROM) favourites\b`),
	"session":    regexp.MustCompile(`^\s*(?:UPDATE sessions SET data|DELETE FROM sessions WHERE id_hash = )`),
	"user": regexp.MustCompile(`^\s*(?:UPDATE users SET (?:nickname = \?|avatar|role|disabled|username)|` +
		`DELETE FROM sessions WHERE user_id = \? AND id_hash <>)`),
	"history": regexp.MustCompile(`^\s*(?:INSERT INTO|DELETE FROM|UPDATE) browse_history\b`),
	"promotions": regexp.MustCompile(`^\s*(?:(?:INSERT INTO|DELETE FROM) promotions\b|UPDATE promotions SET [^o]*(?:name|scope|percent|priority|starts_at|ends_at|is_published)\b|` +
		`(?:INSERT INTO|DELETE FROM|UPDATE) promotion_(?:targets|steps)\b)`),
	"students": regexp.MustCompile(`^\s*(?:INSERT INTO|UPDATE) course_counts\b`),
}

// watchKept fails the test when a transaction changes the catalogue, or what is kept for a moment, and forgets to say so: then pages
// would go on showing what was.
func watchKept(t testing.TB, d *db.DB) {
	d.OnCommit(func(statements, names []string) {
		if i := slices.IndexFunc(statements, writesCatalog); i >= 0 && !slices.Contains(names, catalog.ChangedHook) {
			t.Errorf("a transaction without catalog.MarkChanged ran: %s", statements[i])
		}
		for kind, table := range keptTables {
			i := slices.IndexFunc(statements, func(s string) bool { return table.MatchString(s) && !strings.Contains(s, "),(") })
			if i >= 0 && !slices.Contains(names, kind) && !slices.Contains(names, recent.Everything().Kind) {
				t.Errorf("a transaction that did not say that it changes the %s ran: %s", kind, statements[i])
			}
		}
	})
}

// mark has tx say what a statement of a test changes.
func mark(ctx context.Context, tx *db.Tx, query string) {
	tx.Changed(recent.Everything())
	if writesCatalog(query) {
		catalog.MarkChanged(ctx, tx)
	}
}

// Clock is a clock that moves only when told to. It is safe for concurrent use.
type Clock struct{ now atomic.Pointer[time.Time] }

// NewClock stands at noon in Beijing on a working day in 2026.
func NewClock() *Clock {
	c := &Clock{}
	c.Set(time.Date(2026, 3, 4, 4, 0, 0, 0, time.UTC))
	return c
}

// Now is the time the clock stands at.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	t = db.Cut(t)
	c.now.Store(&t)
}

// Explain is how the database would run a query, in its own words.
func Explain(t testing.TB, d *db.DB, query string, args ...any) string {
	t.Helper()
	_, pool := d.Pools()
	prefix := "EXPLAIN "
	if d.Driver() == db.SQLite {
		prefix = "EXPLAIN QUERY PLAN "
	}
	rows, err := pool.QueryxContext(context.Background(), prefix+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		columns, err := rows.SliceScan()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			if text, ok := c.([]byte); ok {
				c = string(text)
			}
			fmt.Fprint(&plan, c, " ")
		}
		plan.WriteString("; ")
	}
	return plan.String()
}
