package search_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mozillazg/go-pinyin"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/search"
	"dashop/store/storetest"
)

// bigShop makes a shop of SHOP_BENCH_SKUS SKUs, 500,000 if that is not set: 200,000 products.
func bigShop(b *testing.B, driver string) *db.DB {
	b.Helper()
	skus := 500_000
	if n, err := strconv.Atoi(os.Getenv("SHOP_BENCH_SKUS")); err == nil {
		skus = n
	}
	d := storetest.Open(b, storetest.Config(b, driver))
	begun := time.Now()
	if err := demo.Generate(ctx, d, skus, time.Now(), nil); err != nil {
		b.Fatal(err)
	}
	var rows []int64
	if err := d.Select(ctx, &rows, "SELECT COUNT(*) FROM spus UNION ALL SELECT COUNT(*) FROM search_terms"); err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %d products, %d rows of terms, made in %s", driver, rows[0], rows[1], time.Since(begun).Round(time.Second))
	if driver == db.MySQL {
		storetest.Exec(b, d, "ANALYZE TABLE spus, search_terms, search_counts")
	}
	return d
}

// asked are the searches that names of the shop suggest: single words, pairs, models, several words, pinyin.
func asked(b *testing.B, d *db.DB) []string {
	b.Helper()
	var names []string
	if err := d.Select(ctx, &names, "SELECT name FROM spus WHERE id % 997 = 3 ORDER BY id LIMIT 20"); err != nil {
		b.Fatal(err)
	}
	var list []string
	for _, name := range names {
		w := strings.Fields(name) // brand, series, model, what it is
		what := []rune(w[3])
		list = append(list, w[0], w[1], w[2], string(what[:2]), string(what[:4]), string(what), string(what[len(what)-2:]),
			w[0]+" "+string(what[:4]), w[1]+string(what[len(what)-2:]), w[1]+" "+w[2],
			strings.Join(pinyin.LazyPinyin(w[1], pinyin.NewArgs()), ""))
	}
	return list
}

// spread runs each of some pieces of work many times in turn and reports how long they take.
func spread(b *testing.B, name string, work []func() error) {
	b.Helper()
	for _, w := range work { // once to warm up
		if err := w(); err != nil {
			b.Fatal(err)
		}
	}
	var took []time.Duration
	for range 3 {
		for _, w := range work {
			begun := time.Now()
			if err := w(); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, name+"-p95-ms")
}

func BenchmarkBigShop(b *testing.B) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		b.Run(driver, func(b *testing.B) {
			d := bigShop(b, driver)
			c := catalog.New(d, db.SystemClock)
			queries := asked(b, d)
			b.ResetTimer()
			for range b.N {
				benchSearch(b, c, queries)
				benchLists(b, d, c)
			}
		})
	}
}

func benchSearch(b *testing.B, c *catalog.Service, queries []string) {
	var find, page, sorted []func() error
	for _, text := range queries {
		q, err := search.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		find = append(find, func() error {
			found, err := c.Finder().Find(ctx, q, nil, 24)
			if err == nil && len(found.Hits) == 0 {
				err = fmt.Errorf("%q finds nothing", text)
			}
			return err
		})
		page = append(page, func() error { _, err := c.Search(ctx, text, catalog.Ask{Page: 1}); return err })
		sorted = append(sorted, func() error { _, err := c.Search(ctx, text, catalog.Ask{Page: 1, Sort: catalog.SortPrice}); return err })
	}
	spread(b, "find", find)
	spread(b, "page", page)
	spread(b, "by-price", sorted)
}

func benchLists(b *testing.B, d *db.DB, c *catalog.Service) {
	var big int64
	if err := d.Get(ctx, &big, "SELECT MIN(id) FROM categories WHERE level = 3"); err != nil {
		b.Fatal(err)
	}
	for _, sort := range []catalog.Sort{catalog.SortNew, catalog.SortPrice, catalog.SortSales} {
		ask := func(after string) func() error {
			return func() error {
				_, err := c.Category(ctx, big, catalog.Ask{Sort: sort, Page: 1, After: after})
				return err
			}
		}
		after := ""
		for range 999 {
			p, err := c.Category(ctx, big, catalog.Ask{Sort: sort, Page: 1, After: after})
			if err != nil || p.List.Next == "" {
				b.Fatal("the list ends before page 1,000", err)
			}
			after = p.List.Next
		}
		spread(b, string(sort)+"-1", slices.Repeat([]func() error{ask("")}, 100))
		spread(b, string(sort)+"-1000", slices.Repeat([]func() error{ask(after)}, 100))
	}
}
