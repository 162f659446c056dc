package catalog_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestProduct(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		p, err := s.Product(ctx, 1001)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != "云梯 Nova 7 轻薄影像手机" || p.Brand != "云梯" || len(p.Path) != 3 || p.Path[2].ID != 10101 {
			t.Errorf("product %+v", p)
		}
		if len(p.Specs) != 2 || p.Specs[0].Name != "颜色" || len(p.Specs[0].Options) != 3 || p.Specs[0].Options[1].Value != "雾凇蓝" {
			t.Errorf("specs %+v", p.Specs)
		}
		k := p.Choose(100103)
		if k.ID != 100103 || k.Price != 259900 || k.Spec != "雾凇蓝 / 8GB+128GB" || k.SpecEN == k.Spec || k.Stock != 614 ||
			len(k.Images) != 2 {
			t.Errorf("SKU %+v", k)
		}
		if len(p.Params) != 5 || p.Params[0] != (catalog.Param{Name: "屏幕", Value: "6.5 英寸 OLED，2400×1080"}) {
			t.Errorf("params %+v", p.Params)
		}
		if !strings.HasPrefix(p.DescriptionHTML, "<p>机身厚度") || strings.Contains(p.DescriptionHTML, "<li>") {
			t.Errorf("description %s", p.DescriptionHTML)
		}
		if len(p.Related) == 0 {
			t.Error("no related products")
		}
		for _, c := range p.Related {
			if c.SPUID == p.ID {
				t.Error("the product is related to itself")
			}
		}
	})
}

// An SKU that is not on sale is not on the page, nor is an option that only such SKUs have.
func TestUnlaunchedSKU(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0 WHERE id IN (100103, 100104)") // both that are 雾凇蓝
		p, err := s.Product(ctx, 1001)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Choose(100103).ID; got != 100101 {
			t.Errorf("an SKU that is not on sale leads to %d", got)
		}
		for _, o := range p.Specs[0].Options {
			if o.Value == "雾凇蓝" {
				t.Error("a colour that nobody can buy is offered")
			}
		}
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0 WHERE spu_id = 1001")
		if _, err := s.Product(ctx, 1001); !fault.Is(err, fault.NotFound) {
			t.Errorf("a product without SKUs on sale: %v; want NotFound", err)
		}
	})
}

// Related are the best-selling in stock of the same lowest category, then those of the one above it; of equal sales the newer first.
func TestRelated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		storetest.Exec(t, d, `INSERT INTO categories (id, parent_id, level, name) VALUES (1, 0, 1, 'a'), (11, 1, 2, 'b'), (12, 1, 2, 'c'),
			(111, 11, 3, 'd'), (112, 11, 3, 'e'), (113, 11, 3, 'f'), (121, 12, 3, 'g')`)
		r := rand.New(rand.NewPCG(1, 2))
		type product struct {
			id, category2, category3, sales int64
			launched, stocked               bool
		}
		var all []product
		for n := range 60 {
			c3 := []int64{111, 111, 111, 112, 113, 121}[r.IntN(6)]
			p := product{int64(n + 1), c3 / 10, c3, r.Int64N(6), r.IntN(5) > 0, r.IntN(4) > 0}
			if c3 == 112 { // few, which sell more than all others of the category above
				p.sales, p.stocked = p.sales+6, n%3 == 0
			}
			storetest.SKU(t, d, 100, 1)
			storetest.Exec(t, d, "UPDATE spus SET category2_id = ?, category3_id = ?, sales = ?, is_launched = ?, in_stock = ? WHERE id = ?",
				p.category2, p.category3, p.sales, p.launched, p.stocked, p.id)
			all = append(all, p)
		}
		s := catalog.New(d, clock.Now)
		for _, of := range all {
			var others []product
			for _, p := range all {
				if p.id != of.id && p.category2 == of.category2 && p.launched && p.stocked {
					others = append(others, p)
				}
			}
			slices.SortFunc(others, func(a, b product) int {
				switch farA, farB := a.category3 != of.category3, b.category3 != of.category3; {
				case farA != farB && farB:
					return -1
				case farA != farB:
					return 1
				case a.sales != b.sales:
					return int(b.sales - a.sales)
				}
				return int(b.id - a.id)
			})
			var want []int64
			for _, p := range others[:min(len(others), 5)] {
				want = append(want, p.id)
			}
			found, err := s.StaffProduct(ctx, of.id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, ids(found.Related)); diff != "" {
				t.Errorf("of %+v (-want +got):\n%s", of, diff)
			}
		}
	})
}

// Related products are found once for all who look around, until the catalogue changes.
func TestRelatedAreKeptUntilTheCatalogueChanges(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		searches := 0
		related := func(spuID int64) []int64 {
			t.Helper()
			searches = 0
			p, err := s.Product(ctx, spuID)
			if err != nil {
				t.Fatal(err)
			}
			return ids(p.Related)
		}
		d.OnStatement(func(statement string, _ []any) {
			if strings.Contains(statement, "p.in_stock = 1") {
				searches++
			}
		})
		defer d.OnStatement(nil)
		first := related(1001)
		if searches == 0 {
			t.Fatal("found without a search")
		}
		if again := related(1001); !slices.Equal(again, first) || searches > 0 {
			t.Errorf("found %v by %d searches, before %v", again, searches, first)
		}
		if of := related(first[0]); !slices.Contains(of, 1001) || searches > 0 {
			t.Errorf("of another product of the category: found %v by %d searches", of, searches)
		}
		storetest.Exec(t, d, "UPDATE spus SET in_stock = 0 WHERE id = ?", first[0])
		if now := related(1001); slices.Contains(now, first[0]) || searches == 0 {
			t.Errorf("what is sold out is still there: %v", now)
		}
	})
}

func TestSKUs(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 1049")
		// 104804 is not launched itself, 104905 by its product, 116301 is sold out, 1 does not exist.
		ask := []int64{100103, 104804, 104905, 116301, 118301, 1}
		check := func(q db.Queryer) {
			t.Helper()
			got, err := s.SKUs(ctx, q, ask)
			if err != nil {
				t.Fatal(err)
			}
			sellable := map[int64]bool{}
			for id, k := range got {
				sellable[id] = k.Sellable(1)
			}
			want := map[int64]bool{100103: true, 104804: false, 104905: false, 116301: false, 118301: false}
			if diff := cmp.Diff(want, sellable); diff != "" {
				t.Error(diff)
			}
			if k := got[100103]; k.ProductName != "云梯 Nova 7 轻薄影像手机" || k.Spec != "雾凇蓝 / 8GB+128GB" || k.Virtual || !got[118301].Virtual {
				t.Errorf("SKU %+v", k)
			}
		}
		check(d)
		if err := d.Tx(ctx, func(tx *db.Tx) error { check(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		if got, err := s.SKUs(ctx, d, nil); err != nil || len(got) != 0 {
			t.Errorf("no ids: %v, %v", got, err)
		}
	})
}

func TestSellable(t *testing.T) {
	k := catalog.SKU{Launched: true, Stock: 200}
	for n, want := range map[int64]bool{-1: false, 0: false, 1: true, 99: true, 100: false} {
		if k.Sellable(n) != want {
			t.Errorf("%d of 200: %v", n, !want)
		}
	}
	if (catalog.SKU{Launched: true, Stock: 2}).Sellable(3) || (catalog.SKU{Stock: 2}).Sellable(1) {
		t.Error("more than there is, or not launched, is sellable")
	}
}

// An option leads to the SKU that has it and keeps the others, or says that it moves them.
func TestChoices(t *testing.T) {
	// Red comes in S and M, blue in M alone, and of the two reds S is sold out.
	p := catalog.Product{
		Specs: []catalog.Spec{
			{ID: 1, Name: "颜色", Options: []catalog.Option{{ID: 11, Value: "红"}, {ID: 12, Value: "蓝"}}},
			{ID: 2, Name: "尺码", Options: []catalog.Option{{ID: 21, Value: "S"}, {ID: 22, Value: "M"}}},
		},
		SKUs: []catalog.SKU{
			{ID: 1, OptionIDs: []int64{11, 21}, Launched: true, Stock: 0},
			{ID: 2, OptionIDs: []int64{11, 22}, Launched: true, Stock: 5},
			{ID: 3, OptionIDs: []int64{12, 22}, Launched: true, Stock: 5},
		},
	}
	if got := p.Choose(0).ID; got != 2 {
		t.Errorf("without a choice the first in stock is %d, want 2", got)
	}
	if got := p.Choose(1).ID; got != 1 {
		t.Errorf("a sold-out SKU asked for is %d, want 1", got)
	}
	type lead struct {
		SKU                   int64
		Chosen, ChangesOthers bool
	}
	for chosen, want := range map[int64][]lead{
		1: {{1, true, false}, {3, false, true}, {1, true, false}, {2, false, false}},
		2: {{2, true, false}, {3, false, false}, {1, false, false}, {2, true, false}},
		3: {{2, false, false}, {3, true, false}, {1, false, true}, {3, true, false}},
	} {
		var got []lead
		for _, spec := range p.Choices(p.Choose(chosen)) {
			for _, c := range spec.Choices {
				got = append(got, lead{c.SKU.ID, c.Chosen, c.ChangesOthers})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from SKU %d (-want +got):\n%s", chosen, diff)
		}
	}
}

// What a merchant types cannot run, load or style anything.
func TestDescriptionIsSafe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		sku := storetest.SKU(t, d, 100, 1)
		storetest.Exec(t, d, "UPDATE spus SET description = ?", "**好茶** <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>"+
			"\n\n[link](javascript:alert(1)) ![p](https://example.com/p.png)\n\n<p style=\"position:fixed\" onclick=\"a()\">x</p>\n\n- **产地**：<b>云南</b>")
		s := catalog.New(d, clock.Now)
		skus, err := s.SKUs(ctx, d, []int64{sku})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Product(context.Background(), skus[sku].SPUID)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.DescriptionHTML, "<strong>好茶</strong>") {
			t.Errorf("lost the text: %s", p.DescriptionHTML)
		}
		for _, bad := range []string{"<script", "<img", "href", "style", "onclick", "javascript"} {
			if strings.Contains(p.DescriptionHTML, bad) {
				t.Errorf("%q came through: %s", bad, p.DescriptionHTML)
			}
		}
		if len(p.Params) != 1 || p.Params[0].Name != "产地" {
			t.Errorf("params %+v", p.Params)
		}
	})
}

// An option that goes with nothing chosen is shut, unless that would keep some SKU out of reach for good.
func TestShutOptionsLeaveAWay(t *testing.T) {
	product := func(skus ...[]int64) catalog.Product {
		p := catalog.Product{Specs: []catalog.Spec{
			{ID: 1, Options: []catalog.Option{{ID: 11}, {ID: 12}}}, {ID: 2, Options: []catalog.Option{{ID: 21}, {ID: 22}}},
		}}
		for i, options := range skus {
			p.SKUs = append(p.SKUs, catalog.SKU{ID: int64(i + 1), OptionIDs: options})
		}
		return p
	}
	shut := func(p catalog.Product) (ids []int64) {
		for _, sc := range p.Choices(p.SKUs[0]) {
			for _, c := range sc.Choices {
				if c.Disabled {
					ids = append(ids, c.ID)
				}
			}
		}
		return ids
	}
	for name, c := range map[string]struct {
		p    catalog.Product
		want []int64
	}{
		"all there are":      {product([]int64{11, 21}, []int64{11, 22}, []int64{12, 21}, []int64{12, 22}), nil},
		"one is not made":    {product([]int64{11, 21}, []int64{11, 22}, []int64{12, 22}), []int64{12}},
		"two with no bridge": {product([]int64{11, 21}, []int64{12, 22}), nil},
		"only one":           {product([]int64{11, 21}), nil},
	} {
		if got := shut(c.p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v are shut, want %v", name, got, c.want)
		}
	}
}

// What is not launched is the merchant's alone to see, and nobody's to buy.
func TestProductsNotLaunched(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		storetest.SKU(t, d, 100, 5)
		for _, query := range []string{"UPDATE spus SET is_launched = 0", "UPDATE skus SET is_launched = 0",
			"UPDATE spus SET is_launched = 1"} {
			storetest.Exec(t, d, query)
			if _, err := s.Product(ctx, 1); !fault.Is(err, fault.NotFound) {
				t.Errorf("after %s: %v", query, err)
			}
			p, err := s.StaffProduct(ctx, 1)
			if err != nil || p.Launched || len(p.SKUs) != 1 || p.SKUs[0].Sellable(1) {
				t.Errorf("after %s the merchant sees %+v, %v", query, p, err)
			}
		}
	})
}
