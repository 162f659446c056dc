package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/storetest"
)

// The site map holds every launched product once, in files of a bounded size.
func TestSitemap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		const n = 2*catalog.SitemapSize + 10
		if err := d.Tx(ctx, func(tx *db.Tx) error {
			catalog.MarkChanged(ctx, tx)
			row := "('x', 1, 1, 1, 1, '', '', ?, '2026-03-01 00:00:00')"
			for from := 1; from <= n; from += 500 {
				var args []any
				count := min(500, n-from+1)
				for i := range count {
					args = append(args, (from+i)%100 != 0)
				}
				_, err := tx.Exec(ctx, "INSERT INTO spus (name, brand_id, category1_id, category2_id, category3_id, description, description_en, "+
					"is_launched, created_at) VALUES "+
					row+strings.Repeat(", "+row, count-1), args...)
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		starts, err := s.SitemapStarts(ctx)
		if err != nil || len(starts) != 2 {
			t.Fatalf("%v, %v", starts, err)
		}
		var all []int64
		for _, after := range starts {
			ids, err := s.SitemapProducts(ctx, after)
			if err != nil || len(ids) > catalog.SitemapSize {
				t.Fatal(len(ids), err)
			}
			all = append(all, ids...)
		}
		var launched int
		if err := d.Get(ctx, &launched, "SELECT COUNT(*) FROM spus WHERE is_launched = 1"); err != nil || len(all) != launched ||
			!slices.IsSorted(all) {
			t.Errorf("%d of %d, %v", len(all), launched, err)
		}
	})
}
