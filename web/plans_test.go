package web_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

const (
	// mostRows is how many rows a statement may read, however large the shop is: some pages of a list with what belongs to them. Of each
	// thing that grows, the large shop of this test has more.
	mostRows = 500
	// enough rows show that a statement reads too many, or that it is one of costly.
	enough = 20_000
)

// costly are the statements that may read more, by a part of their text, with how many rows and why. What reads in pieces has the bound of
// a piece, also where the large shop of this test has less than that.
var costly = []struct {
	part string
	rows int64
	why  string
}{
	// Lists and searches in a request.
	{"WHERE p.id IN (?) AND +p.is_launched = 1", 2000, "a filtered list looks at 200 or 2000 products at a time, at most at 20,000"},
	{"WHERE k.spu_id IN (?) AND k.is_launched = 1 AND d.name = ?", 20_000, "the same, with the variants of each"},
	{"COUNT(DISTINCT p.id) AS products FROM spus p JOIN skus k ON k.spu_id = p.id AND k.is_launched = 1 JOIN sku_specs c ON c.sku_id = k.id " +
		"JOIN specs d ON d.id = c.spec_id JOIN spec_options o ON o.id = c.option_id WHERE p.id IN (?)", 4000,
		"the first hundred hits of a search with their variants"},
	{"SELECT term, products FROM search_counts WHERE term IN (?)", 2000, "the words of a search or of some products"},
	{"FROM search_terms WHERE term = ?", 20_000, "a search looks at 100 products of its rarest word first, and at most at 5000"},
	{"SELECT words, times, last_at FROM search_misses", 5000, "the table keeps the newest thousand"},
	{"FROM search_misses ORDER BY last_at DESC", 5000, "the same"},
	{"(p.name ", 20_000, "the merchant's list compares 10,000 names at a time"},
	{"COUNT(*) FROM (SELECT 1 FROM jobs WHERE status = ?", 4000, "counts to a thousand and says more"},
	{"ORDER BY p.id DESC LIMIT 1 OFFSET ?", 10_000, "the same, to find where the piece ends"},
	{"FROM reviews r", 1000, "MariaDB walks some hundred entries of an index where it thinks that the place further down is no cheaper"},
	{"SELECT c.id FROM categories c WHERE c.level = 1 AND (SELECT 1", 2000, "a look at each category, of which the merchant makes some hundred"},
	{"SELECT p.id FROM spus p WHERE p.is_launched = 1 AND p.id > ? ORDER BY p.id LIMIT", 5001,
		"a file of the site map names 5000 products; where the files begin is looked for once in ten minutes"},

	{"SELECT promotion_id, target_id FROM promotion_targets WHERE promotion_id IN (?)", 60_000,
		"what up to 200 promotions are about, read again when the merchant has changed one"},
	{"DELETE FROM promotion_targets WHERE promotion_id = ?", 2000,
		"a promotion names at most 200, in the large shop of this test six hundred for each that it had, and each is read to be deleted"},

	// Work behind the pages.
	{"FROM skus k LEFT JOIN stocks s ON s.sku_id = k.id WHERE k.spu_id IN (?)", 4000, "card figures of 100 products at a time"},
	{"SELECT DISTINCT spu_id FROM skus WHERE id IN (?)", 4000, "products of 1000 SKUs at a time"},
	{"SELECT * FROM (SELECT id, kind, status, run_at FROM jobs", 6000, "at most 100 jobs of each kind and state"},
	{"SELECT DISTINCT category1_id, category2_id, category3_id FROM spus", 10_000,
		"the job that counts what lists can be narrowed by reads all products, every ten minutes"},
	{"COUNT(*) AS products FROM spus p JOIN brands b", 10_000, "the same"},
	{"COUNT(DISTINCT p.id) AS products FROM spus p", 300_000, "the same"},
	{"AND id > ? ORDER BY id LIMIT ?", 4000, "a job follows a changed brand or category: to index 2000 products takes far longer than to find them"},

	// The index of searches, when it is made or looked through as a whole.
	{"WHERE p.id > ? AND p.is_launched = 1 ORDER BY p.id LIMIT ?", 5000, "500 products at a time"},
	{"NOT EXISTS (SELECT 1 FROM search_docs d", 15_000, "each start looks once whether a product is missing in the index"},
	{"FROM search_docs WHERE spu_id > ? ORDER BY spu_id LIMIT ?", 2000, "2000 at a time"},
	{"LIMIT 1 OFFSET 5000", 5001, "5000 at a time"},
	{"DELETE FROM search_", 200_000, "an index of another version is thrown away, 5000 keys at a time"},
	{"INSERT INTO search_counts", 4000, "some products' words at a time"},

	// Orders.
	{"SELECT COUNT(*) FROM (SELECT id, created_at FROM (SELECT o.id AS id", 10_000, "counts to a thousand and says more, MariaDB by a table of what it counts"},
	{"SELECT COUNT(*) FROM (SELECT o.id AS id", 10_000, "the same, in up to six states"},
	{"INSTR(o.order_no, ?)", 20_000, "a shopper's words are looked for in each of the shopper's orders"},
	{"spus.publisher_id = ?", 20_000, "a publisher's orders, for which there is no page, are looked for among all"},
	{"FROM order_items i", 5000, "of up to 20 products, or of a shopper's own orders, those in another state are passed over"},
	{"SELECT DISTINCT sku_id FROM stock_ledger WHERE created_at >= ?", 10_000, "a job reads what has moved since it ran last, and all at its first run"},
	{"SELECT id FROM payments WHERE next_query_at > ?", 700, "due times that are out of bounds, which there are hardly ever"},
}

// mayRead is how many rows a statement may read.
func mayRead(statement string) int64 {
	for _, c := range costly {
		if strings.Contains(statement, c.part) {
			return c.rows
		}
	}
	return mostRows
}

// unreached are statements that no story comes to, since a gateway or two people would have to do something rare, with arguments to measure
// them by.
var unreached = map[string][]any{
	"SELECT COUNT(*) FROM shipments WHERE order_id = ? AND carrier = ? AND tracking_no = ?":                                              {1, "sf", "SF1002003004"},
	"UPDATE payments SET status = ?, next_query_at = NULL WHERE id = ? AND status IN (?)":                                                {1, 1, 1},
	"UPDATE payments SET status = ?, open_key = NULL, next_query_at = NULL, closed_at = ? WHERE id = ? AND status IN (?)":                {3, longAgo, 1, 1},
	"UPDATE payments SET next_query_at = ? WHERE id = ? AND status = ? AND next_query_at > ?":                                            {longAgo, 1, 1, longAgo},
	"UPDATE payments SET next_query_at = NULL WHERE id = ? AND status = ?":                                                               {1, 1},
	"UPDATE cart_lines SET count = count + ?, selected = 1, created_at = ?, added_fen = ? WHERE owner = ? AND sku_id = ? AND count <= ?": {1, longAgo, 1, "u:1", 100101, 98},
}

var longAgo = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// stories come to what the walk does not. They are tests of their own as well.
var stories = map[string]func(*testing.T){
	"registration": TestRegistrationStory, "provider": TestProviderStory, "profile": TestProfile, "mobile": TestChangeMobile, "devices": TestDevices,
	"product": TestMerchantMakesAProduct, "categories": TestMerchantKeepsCategories, "brands": TestMerchantKeepsBrands,
	"channels": TestMerchantKeepsChannels, "coupons": TestMerchantKeepsCoupons, "ads": TestMerchantKeepsAds, "specs": TestMerchantKeepsSpecs, "pictures": TestProductPictures,
	"jobs": TestJobsPage, "late": TestLatePaymentIsOwedBack, "lost": TestLostNotify, "cancel": TestCancelGivesTheGoodsBack,
	"cart": TestCartUndoStory, "reviews": TestReviewPictures, "history": TestHistory, "again": TestPayAgainAfterLeavingTheCashier,
	"promotions": TestMerchantMakesPromotions, "flash sale": TestMerchantMakesAFlashSale,
	"code": TestPayByCode, "sales": TestOnePriceAtEachMoment, "flash": TestFlashPages, "reduction": TestReductionBeginsBeforePlacing, "other way": TestPayingOneWayClosesTheOther,
	"course": TestCourseIsGiven, "savings": TestCouponAndCreditsAtCheckout,
}

// notTheShops are the files whose statements are not the shop's work on its data: the help for tests, the making of a shop, other programs,
// migrations, and what is asked of the server itself.
var notTheShops = []string{"store/storetest/", "web/webtest/", "store/demo/", "web/sandbox/", "cmd/bench/", "store/db/migrate", "store/db/lease.go",
	"store/db/exact.go", "store/db/mysql.go", "store/db/sqlite.go", "store/db/clock.go", "store/db/outage.go",
	"store/db/statements.go"}

// Whatever a page, a form, a sweep or a job asks of the database reads a bounded number of rows, on both databases, however large the shop is.
// The statements are heard while the whole shop is walked and stories run; then each is measured in a large shop. A piece of SQL in the
// source that none of them came to fails the test too, so that no new statement goes unseen.
func TestEveryStatementReadsFewRows(t *testing.T) {
	heard, large := storetest.Hear(t), map[string]db.Config{}
	for _, driver := range []string{db.SQLite, db.MySQL} {
		s := webtest.Start(t, webtest.Config{Driver: driver, Reach: func(c db.Config) db.Config {
			large[driver] = c
			return c
		}})
		walkShop(t, s)
		storetest.Grow(t, s.DB)
		// What a story took of a flash sale and gave back can be given back once more when it is measured.
		s.Exec("UPDATE promotion_skus SET quantity = quantity + 1000, sold = sold + 1000")
		s.Exec("UPDATE promotion_buyers SET count = count + 1000")
	}
	t.Run("stories", func(t *testing.T) {
		for name, story := range stories {
			t.Run(name, story)
		}
	})
	for driver, c := range large {
		measure(t, c, heard.Statements(driver))
	}
	missing := heard.Unheard(t, "..", func(file string) bool {
		return slices.ContainsFunc(notTheShops, func(part string) bool { return strings.HasPrefix(file, part) })
	})
	for text := range unreached {
		if _, there := missing[text]; !there {
			t.Errorf("a story comes to this statement now, or it is gone: %s", text)
		}
		delete(missing, text)
	}
	for _, piece := range slices.SortedFunc(maps.Keys(missing), func(a, b string) int { return strings.Compare(missing[a], missing[b]) }) {
		t.Errorf("%s: no story comes to %q", missing[piece], piece)
	}
}

// measure runs each statement in the large shop, as often as it was heard with other arguments.
func measure(t *testing.T, c db.Config, statements []*storetest.Statement) {
	t.Helper()
	for text, args := range unreached {
		statements = append(statements, &storetest.Statement{Text: text, From: "a rare case", Uses: []storetest.Use{{Text: text, Args: args}}})
	}
	d, meter := storetest.Open(t, c), storetest.NewMeter(t, c)
	for _, s := range statements {
		rows, worst := int64(0), s.Uses[0]
		for i := 0; i < len(s.Uses) && rows <= enough; i++ {
			n, err := meter.Rows(s.Uses[i].Text, s.Uses[i].Args)
			if err != nil && !storetest.Taken(err) {
				t.Fatalf("%s: %s: %v", c.Driver, s.Text, err)
			}
			if n > rows {
				rows, worst = n, s.Uses[i]
			}
		}
		if most := mayRead(s.Text); rows > most {
			t.Errorf("%s reads %d rows on %s, more than %d: %s\n%s", s.From, rows, c.Driver, most, s.Text,
				storetest.Explain(t, d, worst.Text, worst.Args...))
		}
	}
}
