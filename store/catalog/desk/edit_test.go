package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/stock"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// bench is a small shop made by hand: two trees of categories, a brand, and a product of two specs without SKUs.
type bench struct {
	t                 *testing.T
	d                 *db.DB
	clock             *storetest.Clock
	s                 *catalog.Service
	desk              *desk.Desk
	top, mid, low     int64
	top2, mid2, low2  int64
	brand, spu        int64
	red, blue, s1, s2 int64 // options
}

func eachBench(t *testing.T, test func(b *bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		b := &bench{t: t, d: d, clock: clock, s: catalog.New(d, clock.Now), desk: desk.New(d, clock.Now)}
		b.top = b.category(0, "服饰")
		b.mid = b.category(b.top, "上装")
		b.low = b.category(b.mid, "衬衫")
		b.top2 = b.category(0, "户外")
		b.mid2 = b.category(b.top2, "露营")
		b.low2 = b.category(b.mid2, "帐篷")
		var err error
		b.brand, err = b.desk.SaveBrand(ctx, 9, 0, desk.BrandInput{Name: "青禾", NameEN: "Qinghe", Letter: "q"})
		b.must(err)
		b.spu, err = b.desk.NewProduct(ctx, 9, desk.ProductInput{Name: "亚麻衬衫", NameEN: "Linen shirt", CategoryID: b.low, BrandID: b.brand},
			[]desk.SpecInput{
				{Name: "颜色", NameEN: "Colour", Options: []desk.OptionInput{{Value: "红", ValueEN: "Red", Color: "#ff0000"}, {Value: "蓝"}}},
				{Name: "尺码", Sequence: 1, Options: []desk.OptionInput{{Value: "S"}, {Value: "M"}}},
			})
		b.must(err)
		e := b.editing()
		b.red, b.blue = e.Specs[0].Options[0].ID, e.Specs[0].Options[1].ID
		b.s1, b.s2 = e.Specs[1].Options[0].ID, e.Specs[1].Options[1].ID
		test(b)
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
	id, err := b.desk.SaveCategory(ctx, 9, 0, desk.CategoryInput{ParentID: parent, Name: name})
	b.must(err)
	return id
}

func (b *bench) editing() desk.Editing {
	b.t.Helper()
	e, err := b.desk.Editing(ctx, b.spu)
	b.must(err)
	return e
}

// launch makes all SKUs, gives them a picture and stock, and puts the product on sale.
func (b *bench) launch() desk.Editing {
	b.t.Helper()
	_, err := b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 9900, Launched: true})
	b.must(err)
	var all []int64
	for _, k := range b.editing().SKUs {
		all = append(all, k.ID)
	}
	b.must(b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: all}, []string{"uploads/full/a.jpg"}))
	e := b.editing()
	e.Input.Launched = true
	b.must(b.desk.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)))
	return b.editing()
}

func (b *bench) receive(sku, pieces int64) {
	b.t.Helper()
	b.must(stock.NewKeeper(b.d, b.clock.Now).Receive(ctx, 9, "", sku, pieces))
}

func inputs(e desk.Editing) (skus []desk.SKUInput) {
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
	var ids []int64
	for _, c := range r.List.Cards {
		ids = append(ids, c.SPUID)
	}
	return ids
}

// A product begins hidden, gets its variants at one price, and goes on sale only with one of them on sale and a picture.
func TestNewProductGoesOnSale(t *testing.T) {
	eachBench(t, func(b *bench) {
		if b.int("SELECT COUNT(*) FROM spus WHERE is_launched = 1") != 0 || len(b.finds("亚麻衬衫")) != 0 {
			t.Error("a new product is on sale")
		}
		if n := b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_new' AND subject = ? AND actor_id = 9",
			fmt.Sprintf("spu %d", b.spu)); n != 1 {
			t.Errorf("%d entries of who made it", n)
		}
		e := b.editing()
		e.Input.Launched = true
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil), "launched")
		made, err := b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 9900, Market: 12900, Launched: true})
		b.must(err)
		e = b.editing()
		if made != 4 || len(e.SKUs) != 4 || e.SKUs[0].Name != "亚麻衬衫 红 S" || e.SKUs[0].NameEN != "Linen shirt, Red, S" ||
			!e.SKUs[0].Complete {
			t.Fatalf("%d SKUs: %+v", made, e.SKUs)
		}
		e.Input.Launched = true
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)), "launched") // no picture
		b.must(b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{e.SKUs[1].ID}},
			[]string{"uploads/full/a.jpg", "uploads/full/b.jpg"}))
		e.Input.Version = b.editing().Input.Version
		skus := inputs(e)
		skus[1].Launched = false
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, skus), "launched") // the one with the picture is off
		b.must(b.desk.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)))
		e = b.editing()
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ? AND run_at <= ?", catalog.RecountKind,
			b.clock.Now().Add(time.Minute)); n != 1 {
			t.Errorf("%d recounts of what lists can be narrowed by will be made", n)
		}
		if p, err := b.s.Product(ctx, b.spu); err != nil || p.SKUs[0].Image != "uploads/full/a.jpg" || len(p.SKUs[0].Images) != 1 ||
			p.SKUs[0].Images[0] == "" {
			t.Errorf("a variant without a picture shows %v, %v", p.SKUs[0].Images, err)
		}
		if !e.Input.Launched || e.Image != "uploads/full/a.jpg" || e.SKUs[1].Image != "uploads/full/a.jpg" {
			t.Errorf("%+v", e)
		}
		if got := b.finds("亚麻衬衫 青禾"); !slices.Equal(got, []int64{b.spu}) {
			t.Errorf("found: %v", got)
		}
		if page, err := b.s.Category(ctx, b.low, catalog.Ask{Page: 1}); err != nil || len(page.List.Cards) != 1 ||
			page.List.Cards[0].MinPrice != 9900 || page.List.Cards[0].MarketPrice != 12900 {
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
				_, err := b.desk.RemoveSKU(ctx, 9, b.spu, k.ID)
				b.must(err)
			}
		}
		_, err = b.desk.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		wantField(t, err, "launched")
		wantField(t, errors.Join(
			b.desk.MovePicture(ctx, 9, b.spu, []int64{e.SKUs[1].ID}, "uploads/full/a.jpg", desk.PictureRemove),
			b.desk.MovePicture(ctx, 9, b.spu, []int64{e.SKUs[1].ID}, "uploads/full/b.jpg", desk.PictureRemove)), "launched")
	})
}

// Of two who edit the same thing, the later one hears of it and undoes nothing.
func TestTwoEditors(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		mine, hers := e.Input, e.Input
		mine.Caption, hers.Name = "我的", "她的衬衫"
		b.must(b.desk.SaveProduct(ctx, 9, b.spu, hers, inputs(e)))
		wantKind(t, b.desk.SaveProduct(ctx, 9, b.spu, mine, inputs(e)), fault.Conflict)
		_, err := b.desk.SaveSpecs(ctx, 9, b.spu, e.Input.Version, []desk.SpecInput{{ID: e.Specs[0].ID, Remove: true}})
		wantKind(t, err, fault.Conflict)
		if now := b.editing().Input; now.Name != "她的衬衫" || now.Caption != "" {
			t.Errorf("%+v", now)
		}
		_, err = b.desk.SaveBrand(ctx, 9, b.brand, desk.BrandInput{Name: "甲"})
		b.must(err)
		_, err = b.desk.SaveBrand(ctx, 9, b.brand, desk.BrandInput{Name: "乙"})
		wantKind(t, err, fault.Conflict)
		wantKind(t, b.desk.DeleteBrand(ctx, 9, b.brand, 0), fault.Conflict)
		_, err = b.desk.SaveCategory(ctx, 9, b.low, desk.CategoryInput{ParentID: b.mid, Name: "甲"})
		b.must(err)
		_, err = b.desk.SaveCategory(ctx, 9, b.low, desk.CategoryInput{ParentID: b.mid, Name: "乙"})
		wantKind(t, err, fault.Conflict)
		ad, err := b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_notice", Title: "一"})
		b.must(err)
		_, err = b.desk.SaveAd(ctx, 9, ad, desk.AdInput{Place: "home_notice", Title: "二"})
		b.must(err)
		_, err = b.desk.SaveAd(ctx, 9, ad, desk.AdInput{Place: "home_notice", Title: "三"})
		wantKind(t, err, fault.Conflict)
		group, err := b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{Name: "一"})
		b.must(err)
		_, err = b.desk.SaveGroup(ctx, 9, group, desk.GroupInput{Name: "二"})
		b.must(err)
		_, err = b.desk.SaveGroup(ctx, 9, group, desk.GroupInput{Name: "三"})
		wantKind(t, err, fault.Conflict)
		for _, gone := range []error{
			b.desk.SaveProduct(ctx, 9, 999, e.Input, nil), b.desk.DeleteAd(ctx, 9, 999, 0), b.desk.DeleteBrand(ctx, 9, 999, 0),
			b.desk.DeleteCategory(ctx, 9, 999, 0), b.desk.DeleteGroup(ctx, 9, 999, 0),
		} {
			wantKind(t, gone, fault.NotFound)
		}
	})
}

// Of many who save the same form at once, one does.
func TestManyEditorsAtOnce(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		done := make(chan error, 8)
		for i := range 8 {
			go func() {
				in := e.Input
				in.Caption = fmt.Sprint("第", i)
				done <- b.desk.SaveProduct(ctx, 9, b.spu, in, inputs(e))
			}()
		}
		won := 0
		for range 8 {
			if err := <-done; err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if won != 1 || b.editing().Input.Version != e.Input.Version+1 {
			t.Errorf("%d won", won)
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
			err := b.desk.SaveProduct(faulty, 9, b.spu, in, skus)
			saved = err == nil
			if !saved && (!errors.Is(err, broken) || b.editing().Input != e.Input || b.editing().SKUs[0].Price != 9900 ||
				len(b.finds("亚麻衬衫")) != 1 ||
				b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_saved'") != 1) {
				t.Fatalf("after %d statements: %v, %+v", cut, err, b.editing().Input)
			}
			cut++
		}
		if !saved || cut < 10 || len(b.finds("亚麻衬衫")) != 0 || len(b.finds("改名 帐篷")) != 1 ||
			b.int("SELECT min_price_fen FROM spus WHERE id = ?", b.spu) != 100 {
			t.Errorf("saved %t after %d statements", saved, cut)
		}
	})
}

// So it is with every other change: cut off after any of its statements, it has changed nothing.
func TestEveryChangeIsWholeOrNot(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		b.receive(e.SKUs[0].ID, 2)
		ad, err := b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_banner", Title: "旧", Image: "uploads/full/old.jpg"})
		b.must(err)
		color := e.Specs[0]
		for _, change := range []struct {
			what string
			do   func(ctx context.Context) error
		}{
			{"new product", func(ctx context.Context) error {
				_, err := b.desk.NewProduct(ctx, 9, desk.ProductInput{Name: "新", CategoryID: b.low},
					[]desk.SpecInput{{Name: "色", Options: []desk.OptionInput{{Value: "一"}, {Value: "二"}}}})
				return err
			}},
			{"specs", func(ctx context.Context) error {
				_, err := b.desk.SaveSpecs(ctx, 9, b.spu, e.Input.Version, []desk.SpecInput{
					{ID: color.ID, Name: "色彩", Options: []desk.OptionInput{{ID: b.red, Remove: true}, {ID: b.blue, Value: "湖蓝"},
						{Value: "绿"}}},
					{Name: "版型", Options: []desk.OptionInput{{Value: "宽"}, {Value: "窄"}}},
				})
				return err
			}},
			{"variants", func(ctx context.Context) error {
				_, err := b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 100, Launched: true})
				return err
			}},
			{"pictures", func(ctx context.Context) error {
				return b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{e.SKUs[0].ID, e.SKUs[2].ID}},
					[]string{"uploads/full/x.jpg"})
			}},
			{"a variant removed", func(ctx context.Context) error {
				_, err := b.desk.RemoveSKU(ctx, 9, b.spu, e.SKUs[3].ID)
				return err
			}},
			{"category", func(ctx context.Context) error {
				_, err := b.desk.SaveCategory(ctx, 9, b.mid, desk.CategoryInput{ParentID: b.top2, Name: "搬走的", Icon: "uploads/full/i.jpg"})
				return err
			}},
			{"brand", func(ctx context.Context) error {
				_, err := b.desk.SaveBrand(ctx, 9, b.brand, desk.BrandInput{Name: "新牌", Logo: "uploads/full/l.jpg"})
				return err
			}},
			{"channels", func(ctx context.Context) error {
				_, err := b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{Name: "组", Channels: []int64{b.top, b.top2}})
				return err
			}},
			{"advertisement", func(ctx context.Context) error {
				_, err := b.desk.SaveAd(ctx, 9, ad,
					desk.AdInput{Place: "home_banner", Title: "新", Image: "uploads/full/new.jpg", TargetType: "spu", TargetID: b.spu})
				return err
			}},
		} {
			before, broken := b.snapshot(), errors.New("broken")
			for cut := 0; ; cut++ {
				n := 0
				err := change.do(db.InjectFaults(ctx, func(statement string) error {
					if n++; n > cut && statement != "COMMITTED" {
						return broken
					}
					return nil
				}))
				if err == nil {
					if cut < 3 || b.snapshot() == before {
						t.Errorf("%s: done after %d statements", change.what, cut)
					}
					break
				}
				if !errors.Is(err, broken) || cut > 200 {
					t.Fatalf("%s, cut off after %d statements: %v", change.what, cut, err)
				}
				if now := b.snapshot(); now != before {
					t.Fatalf("%s, cut off after %d statements, has left:\n%s", change.what, cut, cmp.Diff(before, now))
				}
			}
		}
	})
}

// snapshot is all that the merchant's forms change, as one text.
func (b *bench) snapshot() string {
	b.t.Helper()
	var text strings.Builder
	_, pool := b.d.Pools()
	for _, table := range []string{"spus", "skus", "specs", "spec_options", "sku_specs", "sku_images", "stocks", "stock_ledger",
		"categories", "channel_groups", "channels", "brands", "ads",
		"audit_log", "jobs", "search_docs", "search_counts"} {
		rows, err := pool.QueryxContext(ctx, "SELECT * FROM "+table+" ORDER BY 1, 2")
		b.must(err)
		for rows.Next() {
			columns, err := rows.SliceScan()
			b.must(err)
			fmt.Fprintf(&text, "%s %s\n", table, columns)
		}
		b.must(rows.Close())
	}
	return text.String()
}
