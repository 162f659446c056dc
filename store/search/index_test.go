package search_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/search"
	"dashop/store/storetest"
)

// dump is the whole index as text.
func dump(t rapid.TB, d *db.DB) string {
	var all strings.Builder
	for _, query := range []string{
		"SELECT CONCAT_WS(' ', term, place, spu_id) FROM search_terms ORDER BY term, place, spu_id",
		"SELECT CONCAT_WS(' ', term, products) FROM search_counts ORDER BY term",
		"SELECT CONCAT_WS(' ', spu_id, bucket, words) FROM search_docs ORDER BY spu_id",
	} {
		var lines []string
		if err := d.Select(ctx, &lines, query); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, len(lines), strings.Join(lines, "\n"))
	}
	return all.String()
}

// rebuilt is the index made anew from the products.
func rebuilt(t rapid.TB, d *db.DB, s *search.Service) string {
	for _, table := range []string{"search_terms", "search_counts", "search_docs"} {
		if _, err := d.Exec(ctx, "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Reindex(ctx, nil); err != nil {
		t.Fatal(err)
	}
	return dump(t, d)
}

// Any sequence of changes leaves the index as it would be made anew.
func TestIndexFollowsProducts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := search.New(d, clock.Now)
		storetest.Exec(t, d, "INSERT INTO brands (id, name, name_en) VALUES (1, '澄音造', 'Chengyin'), (2, '云梯', 'Yunti')")
		storetest.Exec(t, d,
			"INSERT INTO categories (id, parent_id, level, name, name_en) VALUES (101, 1, 2, '影音设备', 'Audio'), (10101, 101, 3, '耳机', 'Headphones')")
		var spus []int64
		for range 4 {
			sku := storetest.SKU(t, d, 100, 5)
			var spu int64
			if err := d.Get(ctx, &spu, "SELECT spu_id FROM skus WHERE id = ?", sku); err != nil {
				t.Fatal(err)
			}
			spus = append(spus, spu)
		}
		texts := []string{"降噪耳机 H9", "蓝牙耳机 WH-1000", "", "茶", "Wine Glass", "耳机耳机", "🎁%_\\'"}
		rapid.Check(t, func(r *rapid.T) {
			for _, step := range rapid.SliceOfN(rapid.IntRange(0, 6), 1, 8).Draw(r, "steps") {
				spu := rapid.SampledFrom(spus).Draw(r, "spu")
				text := rapid.SampledFrom(texts).Draw(r, "text")
				err := d.Tx(ctx, func(tx *db.Tx) error {
					catalog.MarkChanged(ctx, tx)
					change := map[int]string{
						0: "UPDATE spus SET name = ? WHERE id = ?", 1: "UPDATE spus SET caption = ? WHERE id = ?",
						2: "UPDATE spus SET description = ? WHERE id = ?",
					}[step]
					var err error
					switch step {
					case 0, 1, 2:
						_, err = tx.Exec(ctx, change, text, spu)
					case 3:
						_, err = tx.Exec(ctx, "UPDATE spus SET is_launched = 1 - is_launched WHERE id = ?", spu)
					case 4:
						_, err = tx.Exec(ctx, "UPDATE spus SET brand_id = 3 - brand_id WHERE id = ?", spu)
					case 5:
						_, err = tx.Exec(ctx, "UPDATE spus SET sales = ? WHERE id = ?", rapid.IntRange(0, 5000).Draw(r, "sales"), spu)
					case 6:
						return search.Remove(ctx, tx, spu)
					}
					if err != nil {
						return err
					}
					return search.Index(ctx, tx, spu)
				})
				if err != nil {
					r.Fatal(err)
				}
			}
			// What was taken out is put in again, as Index does for what is launched.
			if err := d.Tx(ctx, func(tx *db.Tx) error { return search.Index(ctx, tx, spus...) }); err != nil {
				r.Fatal(err)
			}
			was := dump(r, d)
			if diff := cmp.Diff(rebuilt(r, d, s), was); diff != "" {
				r.Fatalf("the index differs from one made anew (-anew +kept):\n%s", diff)
			}
		})
	})
}

// The demo is loaded in bulk; product by product comes out the same, and so does bringing an old shop up to date.
func TestBulkIsTheSame(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *search.Service, d *db.DB, _ *storetest.Clock) {
		bulk := dump(t, d)
		if diff := cmp.Diff(rebuilt(t, d, s), bulk); diff != "" {
			t.Fatalf("bulk differs: %.2000s", diff)
		}
		storetest.Exec(t, d, "DELETE FROM settings WHERE name = 'search_version'")
		storetest.Exec(t, d, "INSERT INTO search_terms (term, place, spu_id) VALUES (1, 256, 1)") // of an older tokenizer
		done := 0
		if err := s.Ensure(ctx, func(_ string, n, _ int) { done = n }); err != nil || done != 189 {
			t.Fatalf("Ensure made %d, %v", done, err)
		}
		if dump(t, d) != bulk {
			t.Error("Ensure makes another index")
		}
		done = 0
		if err := s.Ensure(ctx, func(_ string, n, _ int) { done = n }); err != nil || done != 0 {
			t.Errorf("a second Ensure made %d, %v", done, err)
		}
	})
}

// Editing or selling a product changes the index in the same transaction.
func TestProductChangesReachTheIndex(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *search.Service, d *db.DB, clock *storetest.Clock) {
		c, merchant := catalog.New(d, clock.Now), desk.New(d, clock.Now)
		finds := func(q string) (ids []int64) {
			query, err := search.Parse(q)
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Exact(ctx, query, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range found.Hits {
				ids = append(ids, h.SPUID)
			}
			return ids
		}
		e, err := merchant.Editing(ctx, 1005)
		if err != nil {
			t.Fatal(err)
		}
		in := e.Input
		in.Name, in.NameEN = "澄音 猫耳朵派对帽", "Party Hat"
		var skus []desk.SKUInput
		for _, k := range e.SKUs {
			skus = append(skus, k.SKUInput)
		}
		if err := merchant.SaveProduct(ctx, 1, 1005, in, skus); err != nil {
			t.Fatal(err)
		}
		if got := finds("派对帽"); !cmp.Equal(got, []int64{1005}) {
			t.Errorf("the new name finds %v", got)
		}
		in.Launched, in.Version = false, in.Version+1
		if err := merchant.SaveProduct(ctx, 1, 1005, in, skus); err != nil {
			t.Fatal(err)
		}
		if got := finds("派对帽"); len(got) != 0 {
			t.Errorf("what is not launched is found: %v", got)
		}
		// 1002 overtakes 1001 when it is sold more.
		if got := finds("云梯 手机"); !cmp.Equal(got, []int64{1001, 1002}) {
			t.Fatalf("before: %v", got)
		}
		storetest.Exec(t, d, "UPDATE stocks SET sold = sold + 5000 WHERE sku_id IN (SELECT id FROM skus WHERE spu_id = 1002)")
		if err := c.RefreshCards(ctx, []int64{1002}); err != nil {
			t.Fatal(err)
		}
		if got := finds("云梯 手机"); !cmp.Equal(got, []int64{1002, 1001}) {
			t.Errorf("after the sales: %v", got)
		}
		was := dump(t, d)
		if diff := cmp.Diff(rebuilt(t, d, s), was); diff != "" {
			t.Errorf("the index differs: %.2000s", diff)
		}
	})
}

// Many who change products at once leave the counts right.
func TestIndexTogether(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *search.Service, d *db.DB, _ *storetest.Clock) {
		failed := make(chan error, 8)
		for w := range 8 {
			go func() {
				var err error
				for i := 0; i < 4 && err == nil; i++ {
					err = d.Tx(ctx, func(tx *db.Tx) error {
						catalog.MarkChanged(ctx, tx)
						spu := 1001 + (w*5+i)%20
						if _, err := tx.Exec(ctx, "UPDATE spus SET name = ?, sales = sales + ? WHERE id = ?",
							fmt.Sprintf("同名耳机 %c%d", 'a'+w, i), 100*i,
							spu); err != nil {
							return err
						}
						return search.Index(ctx, tx, int64(spu))
					})
				}
				failed <- err
			}()
		}
		for range 8 {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		was := dump(t, d)
		if diff := cmp.Diff(rebuilt(t, d, s), was); diff != "" {
			t.Errorf("the index differs: %.2000s", diff)
		}
	})
}

func TestMisses(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *search.Service, d *db.DB, clock *storetest.Clock) {
		miss := func(texts ...string) {
			for _, text := range texts {
				q, err := search.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				s.Missed(q)
			}
			if err := s.WriteMissed(ctx); err != nil {
				t.Fatal(err)
			}
		}
		miss("洗衣机", "ＸＹＺ", "xyz", "13800135621", "me@example.com", "%", "")
		miss("xyz")
		list, err := s.Misses(ctx)
		if err != nil || len(list) != 2 || list[0].Words != "xyz" || list[0].Times != 3 || list[1].Words != "洗衣机" ||
			!list[0].At.Equal(clock.Now()) {
			t.Errorf("misses %+v, %v", list, err)
		}
		for round := range 8 {
			var texts []string
			for i := range 250 {
				texts = append(texts, fmt.Sprintf("词 %d", round*250+i))
			}
			miss(texts...)
		}
		var rows int
		if err := d.Get(ctx, &rows, "SELECT COUNT(*) FROM search_misses"); err != nil || rows > 1000 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

// All lists of products of a term are read in the order of the table: no sorting, no scanning.
func TestSearchUsesTheIndex(t *testing.T) {
	eachDemo(t, func(t *testing.T, _ *search.Service, d *db.DB, _ *storetest.Clock) {
		if d.Driver() == db.MySQL {
			storetest.Exec(t, d, "ANALYZE TABLE search_terms")
		}
		for _, after := range []bool{false, true} {
			query, args := search.LookQuery([]string{"耳机", "降噪", "h9"}, after, 100)
			plan := storetest.Explain(t, d, query, args...)
			if strings.Contains(plan, "filesort") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN search_terms") ||
				strings.Contains(plan, "SCAN t") {
				t.Errorf("plan: %s", plan)
			}
			if d.Driver() == db.MySQL && strings.Count(plan, "eq_ref PRIMARY PRIMARY 18") != 6 {
				t.Errorf("plan: %s", plan)
			}
			if d.Driver() == db.SQLite && strings.Count(plan, "SEARCH t") < 6 {
				t.Errorf("plan: %s", plan)
			}
		}
	})
}
