package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/search"
	"dashop/store/stock"
	"dashop/store/storetest"
)

// bench is a small shop made by hand: two trees of categories, a brand, and a product of two specs without SKUs.
type bench struct {
	t                 *testing.T
	d                 *db.DB
	clock             *storetest.Clock
	s                 *catalog.Service
	top, mid, low     int64
	top2, mid2, low2  int64
	brand, spu        int64
	red, blue, s1, s2 int64 // options
}

func eachBench(t *testing.T, test func(b *bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		b := &bench{t: t, d: d, clock: clock, s: catalog.New(d, clock.Now)}
		b.top = b.category(0, "服饰")
		b.mid = b.category(b.top, "上装")
		b.low = b.category(b.mid, "衬衫")
		b.top2 = b.category(0, "户外")
		b.mid2 = b.category(b.top2, "露营")
		b.low2 = b.category(b.mid2, "帐篷")
		var err error
		b.brand, err = b.s.SaveBrand(ctx, 9, 0, catalog.BrandInput{Name: "青禾", NameEN: "Qinghe", Letter: "q"})
		b.must(err)
		b.spu, err = b.s.NewProduct(ctx, 9, catalog.ProductInput{Name: "亚麻衬衫", NameEN: "Linen shirt", CategoryID: b.low, BrandID: b.brand}, []catalog.SpecInput{
			{Name: "颜色", NameEN: "Colour", Options: []catalog.OptionInput{{Value: "红", ValueEN: "Red", Color: "#ff0000"}, {Value: "蓝"}}},
			{Name: "尺码", Sequence: 1, Options: []catalog.OptionInput{{Value: "S"}, {Value: "M"}}},
		})
		b.must(err)
		e := b.editing()
		b.red, b.blue = e.Specs[0].Options[0].ID, e.Specs[0].Options[1].ID
		b.s1, b.s2 = e.Specs[1].Options[0].ID, e.Specs[1].Options[1].ID
		test(b)
		if bad, err := stock.Unbalanced(ctx, d); err != nil || len(bad) > 0 {
			t.Errorf("stock of %v is out of balance, %v", bad, err)
		}
		storetest.CheckBooks(t, d)
	})
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) category(parent int64, name string) int64 {
	b.t.Helper()
	id, err := b.s.SaveCategory(ctx, 9, 0, catalog.CategoryInput{ParentID: parent, Name: name})
	b.must(err)
	return id
}

func (b *bench) editing() catalog.Editing {
	b.t.Helper()
	e, err := b.s.Editing(ctx, b.spu)
	b.must(err)
	return e
}

// launch makes all SKUs, gives them a picture and stock, and puts the product on sale.
func (b *bench) launch() catalog.Editing {
	b.t.Helper()
	_, err := b.s.AddSKUs(ctx, 9, b.spu, catalog.NewSKUs{Price: 9900, Launched: true})
	b.must(err)
	var all []int64
	for _, k := range b.editing().SKUs {
		all = append(all, k.ID)
	}
	b.must(b.s.AddPictures(ctx, 9, b.spu, all, []string{"uploads/full/a.jpg"}))
	e := b.editing()
	e.Input.Launched = true
	b.must(b.s.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)))
	return b.editing()
}

func (b *bench) receive(sku, pieces int64) {
	b.t.Helper()
	b.must(stock.NewKeeper(b.d, b.clock.Now).Receive(ctx, 9, sku, pieces))
}

func inputs(e catalog.Editing) (skus []catalog.SKUInput) {
	for _, k := range e.SKUs {
		skus = append(skus, k.SKUInput)
	}
	return skus
}

func (b *bench) int(query string, args ...any) (n int64) {
	b.t.Helper()
	b.must(b.d.Get(ctx, &n, query, args...))
	return n
}

// wantField wants an Invalid fault with a word beside a field.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) || fault.Of(err).Fields[field].Msg == "" {
		t.Errorf("%v, want a fault beside %s", err, field)
	}
}

func wantKind(t *testing.T, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%v, want a fault of kind %d", err, k)
	}
}

func (b *bench) finds(q string) []int64 {
	b.t.Helper()
	r, err := b.s.Search(ctx, q, catalog.Ask{Page: 1})
	b.must(err)
	if r.Near {
		return nil
	}
	return ids(r.List.Cards)
}

// A product begins hidden, gets its variants at one price, and goes on sale only with one of them on sale and a picture.
func TestNewProductGoesOnSale(t *testing.T) {
	eachBench(t, func(b *bench) {
		if b.int("SELECT COUNT(*) FROM spus WHERE is_launched = 1") != 0 || len(b.finds("亚麻衬衫")) != 0 {
			t.Error("a new product is on sale")
		}
		if n := b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_new' AND subject = ? AND actor_id = 9", fmt.Sprintf("spu %d", b.spu)); n != 1 {
			t.Errorf("%d entries of who made it", n)
		}
		e := b.editing()
		e.Input.Launched = true
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, nil), "launched")
		made, err := b.s.AddSKUs(ctx, 9, b.spu, catalog.NewSKUs{Price: 9900, Market: 12900, Launched: true})
		b.must(err)
		e = b.editing()
		if made != 4 || len(e.SKUs) != 4 || e.SKUs[0].Name != "亚麻衬衫 红 S" || e.SKUs[0].NameEN != "Linen shirt, Red, S" || !e.SKUs[0].Whole {
			t.Fatalf("%d SKUs: %+v", made, e.SKUs)
		}
		e.Input.Launched = true
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)), "launched") // no picture
		b.must(b.s.AddPictures(ctx, 9, b.spu, []int64{e.SKUs[1].ID}, []string{"uploads/full/a.jpg", "uploads/full/b.jpg"}))
		e.Input.Version = b.editing().Input.Version
		skus := inputs(e)
		skus[1].Launched = false
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, skus), "launched") // the one with the picture is off
		b.must(b.s.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)))
		e = b.editing()
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ? AND run_at <= ?", catalog.RecountKind, b.clock.Now().Add(time.Minute)); n != 1 {
			t.Errorf("%d recounts of what lists can be narrowed by will be made", n)
		}
		if p, err := b.s.Product(ctx, b.spu); err != nil || p.SKUs[0].Image != "uploads/full/a.jpg" || len(p.SKUs[0].Images) != 1 || p.SKUs[0].Images[0] == "" {
			t.Errorf("a variant without a picture shows %v, %v", p.SKUs[0].Images, err)
		}
		if !e.Input.Launched || e.Image != "uploads/full/a.jpg" || e.SKUs[1].Image != "uploads/full/a.jpg" {
			t.Errorf("%+v", e)
		}
		if got := b.finds("亚麻衬衫 青禾"); !slices.Equal(got, []int64{b.spu}) {
			t.Errorf("found: %v", got)
		}
		if page, err := b.s.Category(ctx, b.low, catalog.Ask{Page: 1}); err != nil || len(page.List.Cards) != 1 || page.List.Cards[0].MinPrice != 9900 || page.List.Cards[0].MarketPrice != 12900 {
			t.Errorf("in its category: %+v, %v", page.List, err)
		}
		// The first receipt makes the row of stock, with its entry in the ledger; sum and quantity are looked at in the end.
		b.receive(e.SKUs[1].ID, 12)
		if b.editing().SKUs[1].Quantity != 12 {
			t.Error("what came in is not there")
		}
		// On sale, it keeps something to buy.
		for i, k := range e.SKUs {
			if i != 1 {
				_, err := b.s.RemoveSKU(ctx, 9, b.spu, k.ID)
				b.must(err)
			}
		}
		_, err = b.s.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		wantField(t, err, "launched")
		wantField(t, errors.Join(
			b.s.MovePicture(ctx, 9, b.spu, []int64{e.SKUs[1].ID}, "uploads/full/a.jpg", catalog.PictureRemove),
			b.s.MovePicture(ctx, 9, b.spu, []int64{e.SKUs[1].ID}, "uploads/full/b.jpg", catalog.PictureRemove)), "launched")
	})
}

// No two SKUs of a product are the same combination, and there is a bound to how many it has.
func TestCombinations(t *testing.T) {
	eachBench(t, func(b *bench) {
		one := catalog.NewSKUs{Price: 100, Launched: true, Options: []int64{b.blue, b.s2}}
		for _, options := range [][]int64{{b.blue}, {b.blue, b.red}, {b.blue, b.s1, b.s2}, {}, {b.blue, 999}} {
			in := one
			in.Options = options
			_, err := b.s.AddSKUs(ctx, 9, b.spu, in)
			wantField(t, err, "options")
		}
		made, err := b.s.AddSKUs(ctx, 9, b.spu, one)
		b.must(err)
		_, err = b.s.AddSKUs(ctx, 9, b.spu, one)
		wantField(t, err, "options")
		b.must(b.s.AddPictures(ctx, 9, b.spu, []int64{b.editing().SKUs[0].ID}, []string{"uploads/full/blue.jpg"}))
		one.Options = nil
		more, err := b.s.AddSKUs(ctx, 9, b.spu, one)
		b.must(err)
		_, err = b.s.AddSKUs(ctx, 9, b.spu, one)
		wantField(t, err, "options")
		if made != 1 || more != 3 || b.int("SELECT COUNT(DISTINCT name) FROM skus WHERE spu_id = ?", b.spu) != 4 {
			t.Errorf("%d and %d made: %+v", made, more, b.editing().SKUs)
		}
		for _, k := range b.editing().SKUs {
			if shares := strings.Contains(k.Spec, "蓝") || strings.Contains(k.Spec, "M"); shares != (k.Image == "uploads/full/blue.jpg") {
				t.Errorf("%s shows %q", k.Spec, k.Image)
			}
		}
		_, err = b.s.AddSKUs(ctx, 9, b.spu, catalog.NewSKUs{Price: 0})
		wantField(t, err, "price")
		// 30 × 30 would be far too many.
		var many []catalog.OptionInput
		for i := range catalog.MaxOptions {
			many = append(many, catalog.OptionInput{Value: fmt.Sprint("o", i)})
		}
		big, err := b.s.NewProduct(ctx, 9, catalog.ProductInput{Name: "大", CategoryID: b.low}, []catalog.SpecInput{{Name: "甲", Options: many}, {Name: "乙", Options: many}, {Name: "丙", Options: many}, {Name: "丁", Options: many}})
		b.must(err)
		_, err = b.s.AddSKUs(ctx, 9, big, catalog.NewSKUs{Price: 100})
		wantField(t, err, "options")
		// Without specs there is one SKU.
		plain, err := b.s.NewProduct(ctx, 9, catalog.ProductInput{Name: "素", CategoryID: b.low}, nil)
		b.must(err)
		n, err := b.s.AddSKUs(ctx, 9, plain, catalog.NewSKUs{Price: 100})
		_, again := b.s.AddSKUs(ctx, 9, plain, catalog.NewSKUs{Price: 100})
		if n != 1 || err != nil {
			t.Errorf("%d SKUs, %v", n, err)
		}
		wantField(t, again, "options")
	})
}

// Two who make all combinations at once make each once.
func TestCombinationsTogether(t *testing.T) {
	eachBench(t, func(b *bench) {
		done := make(chan error, 6)
		for range 6 {
			go func() {
				_, err := b.s.AddSKUs(ctx, 9, b.spu, catalog.NewSKUs{Price: 100})
				done <- err
			}()
		}
		won := 0
		for range 6 {
			if err := <-done; err == nil {
				won++
			} else if !fault.Is(err, fault.Invalid) {
				t.Error(err)
			}
		}
		if won != 1 || len(b.editing().SKUs) != 4 {
			t.Errorf("%d won, %d SKUs", won, len(b.editing().SKUs))
		}
	})
}

// A SKU that never had stock is gone when it is removed; one that had is kept off sale, for the orders and carts that name it.
func TestRemovedSKUs(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		b.receive(e.SKUs[0].ID, 3)
		b.receive(e.SKUs[2].ID, 3)
		storetest.Exec(t, b.d, "INSERT INTO cart_lines (owner, sku_id, count, selected, created_at) VALUES ('u:1', ?, 1, 1, ?)", e.SKUs[0].ID, b.clock.Now())
		kept, err := b.s.RemoveSKU(ctx, 9, b.spu, e.SKUs[0].ID)
		gone, err2 := b.s.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		b.must(errors.Join(err, err2))
		skus, err := b.s.SKUs(ctx, b.d, []int64{e.SKUs[0].ID, e.SKUs[1].ID})
		b.must(err)
		if !kept || gone || len(skus) != 1 || skus[e.SKUs[0].ID].Launched || skus[e.SKUs[0].ID].Spec != "红 / S" {
			t.Errorf("kept %t, gone %t: %+v", kept, gone, skus)
		}
		if b.int("SELECT COUNT(*) FROM sku_specs WHERE sku_id = ?", e.SKUs[1].ID)+b.int("SELECT COUNT(*) FROM sku_images WHERE sku_id = ?", e.SKUs[1].ID) != 0 {
			t.Error("something of the removed SKU is left")
		}
		_, err = b.s.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		wantKind(t, err, fault.NotFound)
		_, err = b.s.RemoveSKU(ctx, 9, b.spu+1, e.SKUs[2].ID)
		wantKind(t, err, fault.NotFound)
		wantKind(t, stock.NewKeeper(b.d, b.clock.Now).Receive(ctx, 9, e.SKUs[1].ID, 1), fault.NotFound)
	})
}

func (b *bench) saveSpecs(specs ...catalog.SpecInput) (catalog.SpecsChange, error) {
	return b.s.SaveSpecs(ctx, 9, b.spu, b.editing().Input.Version, specs)
}

// Specs change their words, gain options, and lose them with the SKUs that have them.
func TestSpecs(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		color, size := e.Specs[0].ID, e.Specs[1].ID
		_, err := b.saveSpecs(catalog.SpecInput{ID: color, Name: "色", Options: []catalog.OptionInput{{ID: b.red, Value: "朱红", ValueEN: "Vermilion", Sequence: 2}, {ID: b.blue, Value: "蓝", Color: "#0000FF", Sequence: 1}, {Value: "绿"}}})
		b.must(err)
		e = b.editing()
		if got := e.Specs[0]; got.Name != "色" || got.Options[0].ID != b.blue || got.Options[0].Color != "#0000FF" || got.Options[2].Value != "绿" || len(e.Missing()) != 2 {
			t.Errorf("%+v", got)
		}
		if k := e.SKUs[0]; k.Name != "亚麻衬衫 朱红 S" || k.NameEN != "Linen shirt, Vermilion, S" {
			t.Errorf("a renamed option leaves the SKU as %q, %q", k.Name, k.NameEN)
		}
		for name, in := range map[string]catalog.SpecInput{
			"spec_" + fmt.Sprint(color):  {ID: color, Name: "", Options: []catalog.OptionInput{{ID: b.red, Value: "红"}}},
			"option_" + fmt.Sprint(b.s2): {ID: size, Name: "尺码", Options: []catalog.OptionInput{{ID: b.s1, Value: "S"}, {ID: b.s2, Value: "S"}}},
			"color_" + fmt.Sprint(b.red): {ID: color, Name: "色", Options: []catalog.OptionInput{{ID: b.red, Value: "红", Color: "red;}"}}},
			"add_" + fmt.Sprint(size):    {ID: size, Name: "尺码", Options: []catalog.OptionInput{{ID: b.s1, Remove: true}, {ID: b.s2, Remove: true}}},
			"new_options":                {Name: "材质"},
			"new_spec":                   {Name: "色", Options: []catalog.OptionInput{{Value: "一"}}},
		} {
			_, err := b.saveSpecs(in)
			wantField(t, err, name)
		}
		_, err = b.saveSpecs(catalog.SpecInput{ID: color, Name: "色", Options: []catalog.OptionInput{{ID: b.s1, Value: "x"}}}) // an option of another spec
		wantKind(t, err, fault.Conflict)

		// Red S was sold, red M was not: the one is kept off sale, and so is red.
		b.receive(e.SKUs[0].ID, 1)
		done, err := b.saveSpecs(catalog.SpecInput{ID: color, Name: "色", Options: []catalog.OptionInput{{ID: b.red, Remove: true}, {ID: b.blue, Value: "蓝"}}})
		b.must(err)
		e = b.editing()
		if done.Kept != 1 || len(e.SKUs) != 3 || e.SKUs[0].Launched || e.SKUs[0].Spec != "朱红 / S" {
			t.Errorf("%d kept: %+v", done.Kept, e.SKUs)
		}
		if p, err := b.s.Product(ctx, b.spu); err != nil || len(p.Specs[0].Options) != 1 || p.Specs[0].Options[0].ID != b.blue {
			t.Errorf("shoppers may choose among %+v, %v", p.Specs, err)
		}

		// A new spec: all SKUs take its first option. Removed again, it leaves them.
		_, err = b.saveSpecs(catalog.SpecInput{Name: "版型", Options: []catalog.OptionInput{{Value: "宽松"}, {Value: "修身"}}})
		b.must(err)
		e = b.editing()
		if e.SKUs[2].Spec != "宽松 / 蓝 / M" && e.SKUs[2].Spec != "蓝 / M / 宽松" && e.SKUs[2].Spec != "蓝 / 宽松 / M" || !e.SKUs[2].Whole {
			t.Errorf("%+v", e.SKUs[2])
		}
		fit := slices.IndexFunc(e.Specs, func(d catalog.EditingSpec) bool { return d.Name == "版型" })
		_, err = b.saveSpecs(catalog.SpecInput{ID: e.Specs[fit].ID, Remove: true})
		b.must(err)

		// Sizes differ among what is on sale, so the spec stays; colours do not, but the red one keeps its word.
		_, err = b.saveSpecs(catalog.SpecInput{ID: size, Remove: true})
		wantField(t, err, "remove_spec_"+fmt.Sprint(size))
		_, err = b.saveSpecs(catalog.SpecInput{ID: color, Remove: true})
		b.must(err)
		e = b.editing()
		if len(e.Specs) != 1 || !strings.Contains(e.SKUs[0].Spec, "朱红") || e.SKUs[0].Whole || e.SKUs[1].Spec != "S" || !e.SKUs[1].Whole {
			t.Errorf("%+v of %+v", e.SKUs, e.Specs)
		}
		skus := inputs(e)
		skus[0].Launched = true
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, skus), fmt.Sprintf("launched_%d", e.SKUs[0].ID))
	})
}

// Of two who edit the same thing, the later one hears of it and undoes nothing.
func TestTwoEditors(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		mine, hers := e.Input, e.Input
		mine.Caption, hers.Name = "我的", "她的衬衫"
		b.must(b.s.SaveProduct(ctx, 9, b.spu, hers, inputs(e)))
		wantKind(t, b.s.SaveProduct(ctx, 9, b.spu, mine, inputs(e)), fault.Conflict)
		_, err := b.s.SaveSpecs(ctx, 9, b.spu, e.Input.Version, []catalog.SpecInput{{ID: e.Specs[0].ID, Remove: true}})
		wantKind(t, err, fault.Conflict)
		if now := b.editing().Input; now.Name != "她的衬衫" || now.Caption != "" {
			t.Errorf("%+v", now)
		}
		_, err = b.s.SaveBrand(ctx, 9, b.brand, catalog.BrandInput{Name: "甲"})
		b.must(err)
		_, err = b.s.SaveBrand(ctx, 9, b.brand, catalog.BrandInput{Name: "乙"})
		wantKind(t, err, fault.Conflict)
		wantKind(t, b.s.DeleteBrand(ctx, 9, b.brand, 0), fault.Conflict)
		_, err = b.s.SaveCategory(ctx, 9, b.low, catalog.CategoryInput{ParentID: b.mid, Name: "甲"})
		b.must(err)
		_, err = b.s.SaveCategory(ctx, 9, b.low, catalog.CategoryInput{ParentID: b.mid, Name: "乙"})
		wantKind(t, err, fault.Conflict)
		ad, err := b.s.SaveAd(ctx, 9, 0, catalog.AdInput{Place: "home_notice", Title: "一"})
		b.must(err)
		_, err = b.s.SaveAd(ctx, 9, ad, catalog.AdInput{Place: "home_notice", Title: "二"})
		b.must(err)
		_, err = b.s.SaveAd(ctx, 9, ad, catalog.AdInput{Place: "home_notice", Title: "三"})
		wantKind(t, err, fault.Conflict)
		group, err := b.s.SaveGroup(ctx, 9, 0, catalog.GroupInput{Name: "一"})
		b.must(err)
		_, err = b.s.SaveGroup(ctx, 9, group, catalog.GroupInput{Name: "二"})
		b.must(err)
		_, err = b.s.SaveGroup(ctx, 9, group, catalog.GroupInput{Name: "三"})
		wantKind(t, err, fault.Conflict)
		for _, gone := range []error{
			b.s.SaveProduct(ctx, 9, 999, e.Input, nil), b.s.DeleteAd(ctx, 9, 999, 0), b.s.DeleteBrand(ctx, 9, 999, 0), b.s.DeleteCategory(ctx, 9, 999, 0), b.s.DeleteGroup(ctx, 9, 999, 0),
		} {
			wantKind(t, gone, fault.NotFound)
		}
	})
}

// Whatever breaks in the middle of a save leaves all as it was.
func TestSaveIsWholeOrNot(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		in, skus := e.Input, inputs(e)
		in.Name, in.CategoryID, in.BrandID = "改名", b.low2, 0
		skus[0].Price = 100
		broken := errors.New("broken")
		saved, cut := false, 0
		for !saved && cut < 100 {
			n := 0
			faulty := db.InjectFaults(ctx, func(statement string) error {
				if statement == "COMMITTED" {
					return nil
				}
				if n++; n > cut {
					return broken
				}
				return nil
			})
			err := b.s.SaveProduct(faulty, 9, b.spu, in, skus)
			saved = err == nil
			if !saved && (!errors.Is(err, broken) || b.editing().Input != e.Input || b.editing().SKUs[0].Price != 9900 || len(b.finds("亚麻衬衫")) != 1 ||
				b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_saved'") != 1) {
				t.Fatalf("after %d statements: %v, %+v", cut, err, b.editing().Input)
			}
			cut++
		}
		if !saved || cut < 10 || len(b.finds("亚麻衬衫")) != 0 || len(b.finds("改名 帐篷")) != 1 || b.int("SELECT min_price_fen FROM spus WHERE id = ?", b.spu) != 100 {
			t.Errorf("saved %t after %d statements", saved, cut)
		}
	})
}

// The tree stays a tree of three levels, and whoever renames or moves a category finds its products again.
func TestCategoryTree(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		save := func(id, parent int64, name string) error {
			c, err := b.s.EditingCategory(ctx, id)
			if id > 0 {
				b.must(err)
			}
			_, err = b.s.SaveCategory(ctx, 9, id, catalog.CategoryInput{Version: c.Version, ParentID: parent, Name: name})
			return err
		}
		wantField(t, save(0, b.low, "第四级"), "parent_id")
		wantField(t, save(0, 999, "无根"), "parent_id")
		wantField(t, save(b.mid, b.mid, "自己"), "parent_id")
		wantField(t, save(b.mid, b.low, "在孩子下面"), "parent_id")
		wantField(t, save(b.top, b.mid2, "变成三级"), "parent_id")
		wantField(t, save(b.mid, 0, "变成一级"), "parent_id")
		wantField(t, save(b.low, b.top, "变成二级"), "parent_id")
		wantField(t, save(0, b.top, "上装"), "name")
		wantField(t, save(b.mid, b.top, ""), "name")
		b.must(save(b.low, b.mid, "梭织衫"))
		if !slices.Equal(b.finds("梭织衫"), []int64{b.spu}) || b.finds("衬衫 梭织衫 青禾") == nil {
			t.Error("the product is not found by its category's new name")
		}
		b.must(save(b.mid, b.top2, "上装"))
		page, err := b.s.Category(ctx, b.top2, catalog.Ask{Page: 1})
		if err != nil || len(page.List.Cards) != 1 || b.int("SELECT category1_id FROM spus WHERE id = ?", b.spu) != b.top2 {
			t.Errorf("the product did not move along: %+v, %v", page.List, err)
		}
		if n := b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'category_saved' AND actor_id = 9"); n != 8 {
			t.Errorf("%d entries in the book", n)
		}
	})
}

// Only what nothing hangs on can be deleted.
func TestDeleteWhatIsEmpty(t *testing.T) {
	eachBench(t, func(b *bench) {
		version := func(id int64) int64 { return b.int("SELECT version FROM categories WHERE id = ?", id) }
		del := func(id int64) error { return b.s.DeleteCategory(ctx, 9, id, version(id)) }
		wantKind(t, del(b.top), fault.Conflict) // children
		wantKind(t, del(b.low), fault.Conflict) // a product, though it is hidden
		group, err := b.s.SaveGroup(ctx, 9, 0, catalog.GroupInput{Name: "组", Channels: []int64{b.top2}})
		b.must(err)
		b.must(del(b.low2))
		b.must(del(b.mid2))
		wantKind(t, del(b.top2), fault.Conflict) // a channel
		b.must(b.s.DeleteGroup(ctx, 9, group, 0))
		ad, err := b.s.SaveAd(ctx, 9, 0, catalog.AdInput{Place: "home_notice", Title: "看", TargetType: "category", TargetID: b.top2})
		b.must(err)
		wantKind(t, del(b.top2), fault.Conflict) // an advertisement
		b.must(b.s.DeleteAd(ctx, 9, ad, 0))
		b.must(del(b.top2))
		wantKind(t, b.s.DeleteBrand(ctx, 9, b.brand, 0), fault.Conflict)
		e := b.editing()
		e.Input.BrandID = 0
		b.must(b.s.SaveProduct(ctx, 9, b.spu, e.Input, nil))
		b.must(b.s.DeleteBrand(ctx, 9, b.brand, 0))
		for _, action := range []string{"category_deleted", "brand_deleted", "ad_deleted", "channels_deleted"} {
			if b.int("SELECT COUNT(*) FROM audit_log WHERE action = ?", action) == 0 {
				t.Errorf("nobody knows who did: %s", action)
			}
		}
		// What is gone cannot be chosen.
		e = b.editing()
		e.Input.BrandID = b.brand
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, nil), "brand_id")
		e.Input.BrandID, e.Input.CategoryID = 0, b.low2
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, nil), "category_id")
		e.Input.CategoryID = b.mid
		wantField(t, b.s.SaveProduct(ctx, 9, b.spu, e.Input, nil), "category_id")
	})
}

// Products are found by the new name of their brand: few at once, many when the job has run.
func TestRenamedBrand(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		rename := func(name string) {
			_, err := b.s.SaveBrand(ctx, 9, b.brand, catalog.BrandInput{Version: b.int("SELECT version FROM brands WHERE id = ?", b.brand), Name: name})
			b.must(err)
		}
		rename("白露")
		if !slices.Equal(b.finds("白露 衬衫"), []int64{b.spu}) || len(b.finds("青禾")) != 0 {
			t.Error("the new name does not find the product, or the old one does")
		}
		b.must(b.d.Tx(ctx, func(tx *db.Tx) error {
			var more []int64
			for i := range 120 {
				id, err := tx.Insert(ctx, `INSERT INTO spus (name, brand_id, category1_id, category2_id, category3_id, description, description_en, is_launched, created_at)
					VALUES (?, ?, ?, ?, ?, '', '', 1, ?)`, fmt.Sprint("袜子", i), b.brand, b.top, b.mid, b.low, b.clock.Now())
				if err != nil {
					return err
				}
				more = append(more, id)
			}
			return search.Index(ctx, tx, more...)
		}))
		rename("寒露")
		if len(b.finds("寒露")) != 0 {
			t.Error("121 products were indexed within the request")
		}
		jobs := job.New(b.d, b.clock.Now, nil)
		ran := 0
		jobs.Handle(catalog.FollowKind, func(_ context.Context, j job.Job) error { ran++; return b.s.FollowJob(ctx, j.Payload) })
		for {
			worked, err := jobs.Once(ctx)
			b.must(err)
			if !worked {
				break
			}
		}
		query, err := search.Parse("寒露")
		b.must(err)
		found, err := b.s.Finder().Exact(ctx, query, 500)
		if b.must(err); ran == 0 || len(found.Hits) != 121 || len(b.finds("白露")) != 0 {
			t.Errorf("%d jobs ran, %d products are found", ran, len(found.Hits))
		}
		// The job may run again, and knows nothing else than its columns.
		b.must(b.s.FollowJob(ctx, fmt.Sprintf("brand_id %d 0", b.brand)))
		if err := b.s.FollowJob(ctx, "name 1 0"); err == nil {
			t.Error("a job about anything is done")
		}
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ?", catalog.RecountKind); n != 1 {
			t.Errorf("%d recounts wait", n)
		}
	})
}

// Advertisements stand where they may, lead to what is there, and are seen on the home page at once.
func TestAds(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		if h, err := b.s.Home(ctx); err != nil || len(h.Banners) != 0 {
			t.Fatalf("%+v, %v", h, err)
		}
		good := catalog.AdInput{Place: "home_banner", Title: "夏天", Image: "uploads/full/x.jpg", TargetType: "spu", TargetID: b.spu, Shown: true}
		for field, change := range map[string]func(in *catalog.AdInput){
			"place": func(in *catalog.AdInput) { in.Place = "home_flash_sale" }, "title": func(in *catalog.AdInput) { in.Title = " " },
			"picture": func(in *catalog.AdInput) { in.Image = "" }, "target_type": func(in *catalog.AdInput) { in.TargetType = "url" },
			"target_id": func(in *catalog.AdInput) { in.TargetID = 999 }, "sequence": func(in *catalog.AdInput) { in.Sequence = -1 },
			"text": func(in *catalog.AdInput) { in.Text = strings.Repeat("长", 201) },
		} {
			in := good
			change(&in)
			_, err := b.s.SaveAd(ctx, 9, 0, in)
			wantField(t, err, field)
		}
		banner, err := b.s.SaveAd(ctx, 9, 0, good)
		b.must(err)
		_, err = b.s.SaveAd(ctx, 9, 0, catalog.AdInput{Place: "home_new_arrival", TargetID: b.spu, Shown: true})
		b.must(err)
		_, err = b.s.SaveAd(ctx, 9, 0, catalog.AdInput{Place: "search_hot_word", Title: "衬衫", Shown: true})
		b.must(err)
		h, err := b.s.Home(ctx)
		b.must(err)
		words, err := b.s.HotWords(ctx)
		b.must(err)
		if len(h.Banners) != 1 || h.Banners[0].Title != "夏天" || len(h.Sections[0].Cards) != 1 || len(words) != 1 || words[0].TargetType != "search" {
			t.Errorf("%+v, %+v", h, words)
		}
		if ads, err := b.s.EditingAds(ctx, "home_new_arrival"); err != nil || len(ads) != 1 || ads[0].Title != "亚麻衬衫" || !ads[0].OnSale {
			t.Errorf("%+v, %v", ads, err)
		}
		// A new picture takes the old one's place, which is gone some time later.
		good.Image, good.Version = "uploads/full/y.jpg", 0
		_, err = b.s.SaveAd(ctx, 9, banner, good)
		b.must(err)
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ? AND payload = 'uploads/full/x.jpg' AND run_at > ?", catalog.DropPictureKind, b.clock.Now().Add(time.Minute)); n != 1 {
			t.Error("the old picture stays for ever, or goes at once")
		}
		if used, err := b.s.PictureUsed(ctx, "uploads/full/x.jpg"); err != nil || used {
			t.Errorf("it is used: %t, %v", used, err)
		}
		if used, err := b.s.PictureUsed(ctx, "uploads/full/y.jpg"); err != nil || !used {
			t.Errorf("the new one is used: %t, %v", used, err)
		}
		for i := range 2 {
			good.Image, good.Shown = "", i == 1
			good.Version++
			_, err = b.s.SaveAd(ctx, 9, banner, good)
			b.must(err)
			if h, err := b.s.Home(ctx); err != nil || len(h.Banners) != i {
				t.Errorf("shown %t: %+v", good.Shown, h.Banners)
			}
		}
	})
}

// Channel groups are the category menu: categories of the first level, each in one group, seen at once.
func TestChannels(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		id, err := b.s.SaveGroup(ctx, 9, 0, catalog.GroupInput{Name: "穿", Channels: []int64{b.top2, b.top}})
		b.must(err)
		menu, err := b.s.Menu(ctx)
		if err != nil || len(menu) != 1 || menu[0].Name != "穿" || len(menu[0].Categories) != 1 || menu[0].Categories[0].Name != "服饰" {
			t.Errorf("%+v, %v", menu, err)
		}
		for _, channels := range [][]int64{{b.mid}, {999}, {b.top}, {b.top, b.top}, {1, 2, 3, 4, 5, 6, 7}} {
			_, err := b.s.SaveGroup(ctx, 9, 0, catalog.GroupInput{Name: "用", Channels: channels})
			wantField(t, err, "channels")
		}
		_, err = b.s.SaveGroup(ctx, 9, 0, catalog.GroupInput{})
		wantField(t, err, "name")
		_, err = b.s.SaveGroup(ctx, 9, id, catalog.GroupInput{Name: "穿着", Channels: []int64{b.top}})
		b.must(err)
		groups, err := b.s.EditingGroups(ctx)
		if err != nil || len(groups) != 1 || !slices.Equal(groups[0].Channels, []int64{b.top}) {
			t.Errorf("%+v, %v", groups, err)
		}
		if b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'channels_saved'") != 2 {
			t.Error("the book misses an entry")
		}
	})
}

// Pictures are put in order, taken away and shared; the first stands for its SKU.
func TestGalleries(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		one, two := e.SKUs[0].ID, e.SKUs[1].ID
		b.must(b.s.AddPictures(ctx, 9, b.spu, []int64{one}, []string{"uploads/full/b.jpg", "uploads/full/c.jpg"}))
		if g := b.editing().Galleries(); len(g) != 2 || len(g[0].SKUs) != 1 || len(g[1].SKUs) != 3 {
			t.Fatalf("%+v", g)
		}
		move := func(image string, to catalog.PictureMove) {
			b.must(b.s.MovePicture(ctx, 9, b.spu, []int64{one, two}, "uploads/full/"+image, to))
		}
		move("c.jpg", catalog.PictureEarlier)
		move("a.jpg", catalog.PictureLater)
		move("c.jpg", catalog.PictureEarlier) // is the first already
		k := b.editing().SKUs[0]
		if !slices.Equal(k.Images, []string{"uploads/full/c.jpg", "uploads/full/a.jpg", "uploads/full/b.jpg"}) || k.Image != "uploads/full/c.jpg" {
			t.Errorf("%v", k.Images)
		}
		move("a.jpg", catalog.PictureRemove)
		if e = b.editing(); len(e.SKUs[0].Images) != 2 || len(e.SKUs[1].Images) != 0 || e.SKUs[1].Image != "" || e.Image != "uploads/full/a.jpg" {
			t.Errorf("%+v", e)
		}
		b.must(b.s.SetMainPicture(ctx, 9, b.spu, "uploads/full/b.jpg"))
		wantKind(t, b.s.SetMainPicture(ctx, 9, b.spu, "uploads/full/secret.jpg"), fault.NotFound)
		wantKind(t, b.s.MovePicture(ctx, 9, b.spu, []int64{one}, "uploads/full/secret.jpg", catalog.PictureRemove), fault.NotFound)
		wantKind(t, b.s.MovePicture(ctx, 9, b.spu, []int64{one}, "uploads/full/b.jpg", "burn"), fault.NotFound)
		wantField(t, b.s.AddPictures(ctx, 9, b.spu, []int64{999}, []string{"x"}), "target")
		wantField(t, b.s.AddPictures(ctx, 9, b.spu, nil, []string{"x"}), "target")
		wantField(t, b.s.AddPictures(ctx, 9, b.spu, []int64{one}, nil), "pictures")
		wantField(t, b.s.AddPictures(ctx, 9, b.spu, []int64{one}, make([]string, 9)), "pictures")
		if b.editing().Image != "uploads/full/b.jpg" {
			t.Errorf("the product shows %s", b.editing().Image)
		}
	})
}
