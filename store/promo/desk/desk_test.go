package desk_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/store/promo/sale"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const staff = 9

var rules = promo.Rules{Freight: 1000, FreeFrom: 19900}

// office is the merchant's desk with a few goods.
type office struct {
	*testing.T
	db         *db.DB
	clock      *storetest.Clock
	desk       *desk.Desk
	coffee     int64 // 124.00, 10 in stock
	tea        int64 // 75.00, 3 in stock
	coffeeSPU  int64
	brand, low int64
}

func each(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		o := &office{T: t, db: d, clock: clock, desk: desk.New(d, catalog.New(d, clock.Now), rules, clock.Now), brand: 7, low: 10101}
		storetest.Exec(t, d, "INSERT INTO brands (id, name) VALUES (7, '豆邮局')")
		storetest.Exec(t, d, "INSERT INTO categories (id, parent_id, level, name, icon, sequence) VALUES (10101, 0, 3, '咖啡', '', 1)")
		o.coffee, o.tea = storetest.SKU(t, d, 12400, 10), storetest.SKU(t, d, 7500, 3)
		o.coffeeSPU = o.int("SELECT spu_id FROM skus WHERE id = ?", o.coffee)
		test(o)
		storetest.CheckBooks(t, d)
	})
}

func (o *office) int(query string, args ...any) (n int64) {
	o.Helper()
	o.must(o.db.Get(ctx, &n, query, args...))
	return n
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// Inputs of each kind, from an hour from now on for a day.
func (o *office) input(kind promo.Kind) desk.Input {
	from := o.clock.Now().Add(time.Hour)
	in := desk.Input{Kind: kind, Name: "周年庆", NameEN: "Anniversary", StartsAt: from, EndsAt: from.Add(24 * time.Hour), Percent: 100,
		Scope: promo.Scope{Kind: promo.ScopeAll}}
	switch kind {
	case promo.KindReduction:
		in.Steps = []promo.Step{{From: 10000, Off: 1000}, {From: 20000, Off: 3000}}
	case promo.KindPercent:
		in.Percent, in.Scope = 85, promo.Scope{Kind: promo.ScopeBrand, IDs: []int64{o.brand}}
	case promo.KindPrice:
		in.OwnPrices, in.SKUs = true, []desk.SKUPrice{{SKUID: o.coffee, Price: 9900}, {SKUID: o.tea, Price: 7000}}
	case promo.KindFlash:
		in.PerPerson, in.SKUs = 2, []desk.SKUPrice{{SKUID: o.coffee, Price: 6600, Quantity: 8}, {SKUID: o.tea, Price: 5000, Quantity: 3}}
	}
	return in
}

func (o *office) save(id int64, in desk.Input, publish bool) int64 {
	o.Helper()
	saved, err := o.desk.Save(ctx, staff, id, in, publish)
	o.must(err)
	return saved
}

func (o *office) editing(id int64) desk.Editing {
	o.Helper()
	e, err := o.desk.Editing(ctx, id)
	o.must(err)
	return e
}

// wantFields wants a refusal that names exactly these fields.
func (o *office) wantFields(what string, err error, fields ...string) {
	o.Helper()
	if err == nil {
		o.Errorf("%s: taken", what)
		return
	}
	if got := slices.Sorted(maps.Keys(fault.Of(err).Fields)); !fault.Is(err, fault.Invalid) || !slices.Equal(got, fields) {
		o.Errorf("%s: %v names %v, want %v", what, err, got, fields)
	}
}

// Each rule of a form says what is wrong beside its field; without the one thing that is wrong it is taken.
func TestRules(t *testing.T) {
	each(t, func(o *office) {
		gone := int64(999_999)
		for _, c := range []struct {
			name  string
			kind  promo.Kind
			wrong func(in *desk.Input)
			field string
		}{
			{"no name", promo.KindReduction, func(in *desk.Input) { in.Name = " " }, "name"},
			{"name too long", promo.KindReduction, func(in *desk.Input) { in.Name = long(61) }, "name"},
			{"English name too long", promo.KindReduction, func(in *desk.Input) { in.NameEN = long(121) }, "name_en"},
			{"no such kind", "coupon", func(in *desk.Input) {}, "kind"},
			{"no start", promo.KindReduction, func(in *desk.Input) { in.StartsAt = time.Time{} }, "starts_at"},
			{"no end", promo.KindReduction, func(in *desk.Input) { in.EndsAt = time.Time{} }, "ends_at"},
			{"end at start", promo.KindReduction, func(in *desk.Input) { in.EndsAt = in.StartsAt }, "ends_at"},
			{"end before start", promo.KindFlash, func(in *desk.Input) { in.EndsAt = in.StartsAt.Add(-time.Minute) }, "ends_at"},
			{"priority", promo.KindReduction, func(in *desk.Input) { in.Priority = -1 }, "priority"},
			{"priority too high", promo.KindReduction, func(in *desk.Input) { in.Priority = 1000 }, "priority"},
			{"no steps", promo.KindReduction, func(in *desk.Input) { in.Steps = nil }, "steps"},
			{"too many steps", promo.KindReduction, func(in *desk.Input) {
				for i := range money.Fen(4) {
					in.Steps = append(in.Steps, promo.Step{From: 30000 + 10000*i, Off: 4000})
				}
			}, "steps"},
			{"no sum", promo.KindReduction, func(in *desk.Input) { in.Steps[0].From, in.Steps[0].Off = 0, -1 }, "from_1 off_1"},
			{"steps fall", promo.KindReduction, func(in *desk.Input) { in.Steps[1].From = 9000 }, "from_2"},
			{"two steps at one sum", promo.KindReduction, func(in *desk.Input) { in.Steps[1].From = 10000 }, "from_2"},
			{"nothing off", promo.KindReduction, func(in *desk.Input) { in.Steps[0].Off = 0 }, "off_1"},
			{"all off", promo.KindReduction, func(in *desk.Input) { in.Steps[1].Off = 20000 }, "off_2"},
			{"less off for more", promo.KindReduction, func(in *desk.Input) { in.Steps[1].Off = 999 }, "off_2"},
			{"nothing paid", promo.KindPercent, func(in *desk.Input) { in.Percent = 0 }, "percent"},
			{"nothing off", promo.KindPercent, func(in *desk.Input) { in.Percent = 100 }, "percent"},
			{"no such scope", promo.KindPercent, func(in *desk.Input) { in.Scope.Kind = "shop" }, "scope"},
			{"nothing in scope", promo.KindPercent, func(in *desk.Input) { in.Scope.IDs = nil }, "targets"},
			{"unknown brand", promo.KindPercent, func(in *desk.Input) { in.Scope.IDs = append(in.Scope.IDs, gone) }, "targets"},
			{"unknown category", promo.KindPercent, func(in *desk.Input) { in.Scope = promo.Scope{Kind: promo.ScopeCategory, IDs: []int64{gone}} }, "targets"},
			{"unknown product", promo.KindPercent, func(in *desk.Input) { in.Scope = promo.Scope{Kind: promo.ScopeSPU, IDs: []int64{gone}} }, "targets"},
			{"unknown SKU", promo.KindPercent, func(in *desk.Input) { in.Scope = promo.Scope{Kind: promo.ScopeSKU, IDs: []int64{gone}} }, "targets"},
			{"too many brands", promo.KindPercent, func(in *desk.Input) {
				for i := range int64(desk.MaxGroups) {
					in.Scope.IDs = append(in.Scope.IDs, gone+i)
				}
			}, "targets"},
			{"sale without a percentage", promo.KindPrice, func(in *desk.Input) { in.OwnPrices, in.Percent = false, 100 }, "percent"},
			{"no SKUs", promo.KindPrice, func(in *desk.Input) { in.SKUs = nil }, "skus"},
			{"no SKUs", promo.KindFlash, func(in *desk.Input) { in.SKUs = nil }, "skus"},
			{"too many SKUs", promo.KindPrice, func(in *desk.Input) { in.SKUs = make([]desk.SKUPrice, desk.MaxRows+1) }, "skus"},
			{"unknown SKU", promo.KindFlash, func(in *desk.Input) { in.SKUs[1].SKUID = gone }, "sku_2"},
			{"no number", promo.KindFlash, func(in *desk.Input) { in.SKUs[1].SKUID = -1 }, "sku_2"},
			{"a SKU twice", promo.KindFlash, func(in *desk.Input) { in.SKUs[1].SKUID, in.SKUs[1].Quantity = in.SKUs[0].SKUID, 1 }, "sku_2"},
			{"no price", promo.KindPrice, func(in *desk.Input) { in.SKUs[0].Price = 0 }, "price_1"},
			{"the ordinary price", promo.KindPrice, func(in *desk.Input) { in.SKUs[0].Price = 12400 }, "price_1"},
			{"the ordinary price", promo.KindFlash, func(in *desk.Input) { in.SKUs[1].Price = 7500 }, "price_2"},
			{"no pieces", promo.KindFlash, func(in *desk.Input) { in.SKUs[0].Quantity = 0 }, "quantity_1"},
			{"more than the stock", promo.KindFlash, func(in *desk.Input) { in.SKUs[1].Quantity = 4 }, "quantity_2"},
			{"limit", promo.KindFlash, func(in *desk.Input) { in.PerPerson = 100 }, "per_person"},
		} {
			in := o.input(c.kind)
			c.wrong(&in)
			_, err := o.desk.Save(ctx, staff, 0, in, true)
			o.wantFields(string(c.kind)+", "+c.name, err, strings.Fields(c.field)...)
		}
		for _, kind := range desk.Kinds {
			o.save(0, o.input(kind), true)
		}
		if n := o.int("SELECT COUNT(*) FROM promotions"); n != 4 {
			o.Errorf("%d promotions", n)
		}
	})
}

func long(n int) string { return string(slices.Repeat([]rune{'长'}, n)) }

// What is saved is what the form shows again, and what prices go by; what a kind does not have is left out.
func TestSavedIsShown(t *testing.T) {
	each(t, func(o *office) {
		for _, kind := range desk.Kinds {
			in := o.input(kind)
			id := o.save(0, in, false)
			e := o.editing(id)
			if e.Published || e.Name != in.Name || e.NameEN != in.NameEN || !e.StartsAt.Equal(in.StartsAt) || !e.EndsAt.Equal(in.EndsAt) ||
				!slices.Equal(e.Steps, in.Steps) || !slices.Equal(e.SKUs, in.SKUs) || e.PerPerson != in.PerPerson || e.Percent != in.Percent ||
				e.OwnPrices != kind.IsSale() || e.State(o.clock.Now()) != desk.StateDraft {
				o.Errorf("%s: %+v", kind, e)
			}
			found, err := promo.Find(ctx, o.db, []int64{id})
			o.must(err)
			p := found[0]
			if sale := kind.IsSale(); sale && !slices.Equal(p.Scope.IDs, []int64{o.coffee, o.tea}) || sale != (p.Scope.Kind == promo.ScopeSKU) {
				o.Errorf("%s is about %+v", kind, p.Scope)
			}
		}
		in := o.input(promo.KindPrice)
		in.Scope, in.OwnPrices, in.Percent = promo.Scope{Kind: promo.ScopeSPU, IDs: []int64{o.coffeeSPU, o.coffeeSPU}}, false, 80
		in.Steps, in.PerPerson = []promo.Step{{From: 1, Off: 1}}, 5
		e := o.editing(o.save(0, in, false))
		if e.OwnPrices || len(e.SKUs) > 0 || len(e.Steps) > 0 || e.PerPerson != 0 || !slices.Equal(e.Scope.IDs, []int64{o.coffeeSPU}) || e.Percent != 80 {
			o.Errorf("a sale with a percentage: %+v", e)
		}
	})
}

// A draft is changed, published, changed before it begins, withdrawn, and published again; each change is in the audit log and moves the
// version by which nodes keep promotions and pages.
func TestBeforeItBegins(t *testing.T) {
	each(t, func(o *office) {
		versions := func() int64 {
			return o.int("SELECT version FROM promotion_version") + 1_000_000*o.int("SELECT version FROM catalog_version")
		}
		in := o.input(promo.KindReduction)
		id := o.save(0, in, false)
		steps := []func(){
			func() { in.Version++; in.Name = "店庆"; o.save(id, in, true) },
			func() { in.Version++; in.Steps[1].Off = 4000; o.save(id, in, false) }, // stays published
			func() { o.must(o.desk.Withdraw(ctx, staff, id, 2)) },
			func() { in.Version = 3; o.save(id, in, true) },
		}
		in.Version = -1
		states := []desk.State{desk.StateUpcoming, desk.StateUpcoming, desk.StateDraft, desk.StateUpcoming}
		for i, step := range steps {
			before, logged := versions(), o.int("SELECT COUNT(*) FROM audit_log")
			step()
			if got := o.editing(id).State(o.clock.Now()); got != states[i] {
				o.Errorf("step %d: %s", i, got)
			}
			if after := versions(); after/1_000_000 == before/1_000_000 || after%1_000_000 == before%1_000_000 {
				o.Errorf("step %d moved no version", i)
			}
			if o.int("SELECT COUNT(*) FROM audit_log") != logged+1 {
				o.Errorf("step %d is not in the audit log", i)
			}
		}
		if e := o.editing(id); e.Name != "店庆" || e.Steps[1].Off != 4000 {
			o.Errorf("%+v", e)
		}
		if err := o.desk.Delete(ctx, staff, id, 4); !fault.Is(err, fault.Conflict) {
			o.Errorf("a published one is deleted: %v", err)
		}
		o.must(o.desk.Withdraw(ctx, staff, id, 4))
		if err := o.desk.Withdraw(ctx, staff, id, 5); !fault.Is(err, fault.Conflict) {
			o.Errorf("a draft is withdrawn: %v", err)
		}
		o.must(o.desk.Delete(ctx, staff, id, 5))
		for _, table := range []string{"promotions WHERE id", "promotion_steps WHERE promotion_id", "promotion_targets WHERE promotion_id"} {
			if n := o.int("SELECT COUNT(*) FROM "+table+" = ?", id); n != 0 {
				o.Errorf("%d rows are left: %s", n, table)
			}
		}
		if err := o.desk.Withdraw(ctx, staff, id, 0); !fault.Is(err, fault.NotFound) {
			o.Errorf("unknown: %v", err)
		}
	})
}

// Once it has begun only names, an earlier end and more pieces are taken; once it has ended nothing is.
func TestAfterItBegins(t *testing.T) {
	each(t, func(o *office) {
		for _, kind := range desk.Kinds {
			in := o.input(kind)
			id := o.save(0, in, true)
			o.clock.Set(in.StartsAt)
			version := o.editing(id).Version
			for _, c := range []struct {
				field  string
				kinds  []promo.Kind
				change func(in *desk.Input)
			}{
				{"starts_at", desk.Kinds, func(in *desk.Input) { in.StartsAt = in.StartsAt.Add(-time.Hour) }},
				{"ends_at", desk.Kinds, func(in *desk.Input) { in.EndsAt = in.EndsAt.Add(time.Minute) }},
				{"priority", desk.Kinds, func(in *desk.Input) { in.Priority++ }},
				{"steps", []promo.Kind{promo.KindReduction}, func(in *desk.Input) { in.Steps = in.Steps[:1] }},
				{"scope", []promo.Kind{promo.KindPercent}, func(in *desk.Input) { in.Scope = promo.Scope{Kind: promo.ScopeCategory, IDs: in.Scope.IDs} }},
				{"targets", []promo.Kind{promo.KindPercent}, func(in *desk.Input) { in.Scope.IDs = []int64{8} }},
				{"percent", []promo.Kind{promo.KindPercent}, func(in *desk.Input) { in.Percent-- }},
				{"skus", []promo.Kind{promo.KindPrice, promo.KindFlash}, func(in *desk.Input) { in.SKUs = in.SKUs[:1] }},
				{"price_2", []promo.Kind{promo.KindPrice, promo.KindFlash}, func(in *desk.Input) { in.SKUs[1].Price-- }},
				{"per_person", []promo.Kind{promo.KindFlash}, func(in *desk.Input) { in.PerPerson++ }},
				{"quantity_1", []promo.Kind{promo.KindFlash}, func(in *desk.Input) { in.SKUs[0].Quantity-- }},
				{"quantity_2", []promo.Kind{promo.KindFlash}, func(in *desk.Input) { in.SKUs[1].Quantity++ }}, // more than the stock
			} {
				if slices.Contains(c.kinds, kind) {
					changed := in
					changed.Version, changed.SKUs = version, slices.Clone(in.SKUs)
					c.change(&changed)
					_, err := o.desk.Save(ctx, staff, id, changed, false)
					o.wantFields(string(kind), err, c.field)
				}
			}
			later := in
			later.Version, later.Name, later.EndsAt = version, "快结束了", in.EndsAt.Add(-time.Hour)
			if kind == promo.KindFlash {
				later.SKUs[0].Quantity += 2
			}
			o.save(id, later, false)
			if e := o.editing(id); e.Name != "快结束了" || !e.EndsAt.Equal(later.EndsAt) || !slices.Equal(e.SKUs, later.SKUs) {
				o.Errorf("%s: %+v", kind, e)
			}
			later.Version, later.EndsAt = version+1, o.clock.Now()
			if _, err := o.desk.Save(ctx, staff, id, later, false); err == nil {
				o.Errorf("%s ends in the past", kind)
			}
			o.must(o.desk.Withdraw(ctx, staff, id, version+1))
			e := o.editing(id)
			if e.State(o.clock.Now()) != desk.StateEnded || !e.EndsAt.Equal(o.clock.Now()) {
				o.Errorf("%s is withdrawn: %+v", kind, e)
			}
			later.Version, later.EndsAt = e.Version, in.EndsAt
			_, errSave := o.desk.Save(ctx, staff, id, later, true)
			errAgain, errDelete := o.desk.Withdraw(ctx, staff, id, e.Version), o.desk.Delete(ctx, staff, id, e.Version)
			for _, err := range []error{errSave, errAgain, errDelete} {
				if !fault.Is(err, fault.Conflict) {
					o.Errorf("%s has ended: %v", kind, err)
				}
			}
		}
	})
}

// The form shows times to the minute: sent back as it was shown, it changes nothing of a promotion that began at a second.
func TestSeconds(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindReduction)
		in.StartsAt, in.EndsAt = o.clock.Now().Truncate(time.Minute).Add(-7*time.Second), o.clock.Now().Truncate(time.Minute).Add(time.Hour+11*time.Second)
		id := o.save(0, in, true)
		shown := in
		shown.StartsAt, shown.EndsAt = in.StartsAt.Truncate(time.Minute), in.EndsAt.Truncate(time.Minute)
		o.save(id, shown, false)
		if e := o.editing(id); !e.StartsAt.Equal(in.StartsAt) || !e.EndsAt.Equal(in.EndsAt) {
			o.Errorf("%s to %s", e.StartsAt, e.EndsAt)
		}
	})
}

// Pieces that orders take while the merchant adds some are not lost, and count for no more than the stock there is.
func TestMorePiecesOfAFlashSale(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindFlash)
		id := o.save(0, in, true)
		o.clock.Set(in.StartsAt)
		take := func(order int64) error {
			line := promo.Line{SKU: catalog.SKU{ID: o.coffee, SPUID: o.coffeeSPU}, Count: 1, AtSale: 1, Sale: &promo.Sale{ID: id, Kind: promo.KindFlash}}
			return o.db.Tx(ctx, func(tx *db.Tx) error {
				return sale.TakeFlash(ctx, tx, order, promo.Quote{Ask: promo.Ask{UserID: 1}, Lines: []promo.Line{line}}, o.clock.Now)
			})
		}
		o.must(take(1))
		in.SKUs[0].Quantity = 10
		errSave, errTake := storetest.Meanwhile("UPDATE promotion_skus SET quantity = quantity +", func(ctx context.Context) error {
			_, err := o.desk.Save(ctx, staff, id, in, false)
			return err
		}, func() error { return take(2) })
		if errSave != nil || errTake != nil {
			o.Fatal(errSave, errTake)
		}
		if k := o.editing(id).SKUs[0]; k.Quantity != 10 || k.Sold != 2 {
			o.Errorf("%+v", k)
		}
		// 10 in the shop, of which 8 may still be sold here: with 2 gone, 12 in all are as many as there are.
		in.Version = 1
		in.SKUs[0].Quantity = 13
		_, err := o.desk.Save(ctx, staff, id, in, false)
		o.wantFields("more than there are", err, "quantity_1")
		in.SKUs[0].Quantity = 12
		o.save(id, in, false)
	})
}

// A SKU whose sale was saved before its price fell, or its stock was sold, is refused when the draft is published.
func TestPublishingLooksAgain(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindFlash)
		id := o.save(0, in, false)
		storetest.Exec(o, o.db, "UPDATE skus SET price_fen = 6600 WHERE id = ?", o.coffee)
		_, err := o.desk.Save(ctx, staff, id, in, true)
		o.wantFields("a price that has fallen", err, "price_1")
		in.SKUs[0].Price = 6500
		o.clock.Set(in.EndsAt)
		_, err = o.desk.Save(ctx, staff, id, in, true)
		o.wantFields("a window that is over", err, "ends_at")
	})
}

// Of two merchants who change a promotion at once the later is told, and nothing of the first is lost.
func TestTwoMerchants(t *testing.T) {
	each(t, func(o *office) {
		id := o.save(0, o.input(promo.KindReduction), false)
		names := []string{"甲", "乙", "丙", "丁"}
		errs := make([]error, len(names))
		var wg sync.WaitGroup
		for i, name := range names {
			wg.Go(func() {
				in := o.input(promo.KindReduction)
				in.Name = name
				_, errs[i] = o.desk.Save(ctx, staff, id, in, false)
			})
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won < 0:
				won = i
			case err == nil:
				o.Error("two have won")
			case !fault.Is(err, fault.Conflict):
				o.Error(err)
			}
		}
		if won < 0 || o.editing(id).Name != names[won] || o.editing(id).Version != 1 {
			o.Errorf("%d won: %+v", won, o.editing(id))
		}
		if n := o.int("SELECT COUNT(*) FROM promotion_steps WHERE promotion_id = ?", id); n != 2 {
			o.Errorf("%d steps", n)
		}
	})
}

// Only so many promotions are live at once, however many are published at the same moment.
func TestMostLive(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindReduction)
		storetest.Exec(o, o.db, "INSERT INTO promotions (kind, name, scope, starts_at, ends_at, is_published, created_at) VALUES "+
			"('reduction', '旧', 'all', ?, ?, 1, ?)", in.StartsAt.AddDate(0, -1, 0), o.clock.Now(), o.clock.Now()) // has ended
		for range promo.MostLive - 2 {
			storetest.Exec(o, o.db, "INSERT INTO promotions (kind, name, scope, starts_at, ends_at, is_published, created_at) VALUES "+
				"('reduction', '满', 'all', ?, ?, 1, ?)", in.StartsAt, in.EndsAt, o.clock.Now())
		}
		errs := make([]error, 6)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = o.desk.Save(ctx, staff, 0, o.input(promo.KindReduction), true) })
		}
		wg.Wait()
		full := 0
		for _, err := range errs {
			if fault.Is(err, fault.Conflict) {
				full++
			} else if err != nil {
				o.Error(err)
			}
		}
		if live := o.int("SELECT COUNT(*) FROM promotions WHERE is_published = 1 AND ends_at > ?", o.clock.Now()); live != promo.MostLive || full != 4 {
			o.Errorf("%d are live, %d were refused", live, full)
		}
		o.save(0, in, false) // a draft is none
	})
}

// A fault at any statement leaves a promotion as it was, and the same form is taken afterwards.
func TestFaults(t *testing.T) {
	each(t, func(o *office) {
		id := o.save(0, o.input(promo.KindFlash), true)
		in := o.input(promo.KindFlash)
		in.Name, in.SKUs = "改过", in.SKUs[:1]
		broken := fault.New(fault.Internal, 0, "坏了")
		for at := 1; ; at++ {
			n := 0
			faulty := db.InjectFaults(ctx, func(statement string) error {
				if n++; n == at && statement != "COMMITTED" {
					return broken
				}
				return nil
			})
			_, err := o.desk.Save(faulty, staff, id, in, false)
			if err == nil {
				if at < 8 {
					o.Errorf("only %d statements", at)
				}
				break
			}
			if e := o.editing(id); e.Name != "周年庆" || len(e.SKUs) != 2 || e.Version != 0 {
				o.Fatalf("a fault at statement %d left %+v", at, e)
			}
		}
	})
}

// The list tells states and kinds apart, and goes on where it left off.
func TestList(t *testing.T) {
	each(t, func(o *office) {
		now := o.clock.Now()
		want := map[desk.State]int{}
		for i := range 70 {
			in := o.input(desk.Kinds[i%4])
			in.StartsAt, in.EndsAt = now.Add(time.Duration(i%3-1)*time.Hour), now.Add(time.Duration(1+i%5+max(0, i%3-1)*2)*time.Hour)
			id := o.save(0, in, i%2 == 0)
			e := o.editing(id)
			want[e.State(now.Add(3*time.Hour))]++
		}
		o.clock.Advance(3 * time.Hour)
		for state, n := range want {
			kinds, seen := map[promo.Kind]int{}, map[int64]bool{}
			for after, pages := "", 0; ; pages++ {
				list, err := o.desk.List(ctx, state, "", after)
				o.must(err)
				for _, p := range list.Promotions {
					if desk.StateOf(p, o.clock.Now()) != state || seen[p.ID] {
						o.Errorf("%s: %+v, seen before %t", state, p, seen[p.ID])
					}
					seen[p.ID] = true
					kinds[p.Kind]++
				}
				if after = list.After; after == "" {
					break
				}
			}
			if len(seen) != n {
				o.Errorf("%s: %d, want %d", state, len(seen), n)
			}
			for _, k := range desk.Kinds {
				list, err := o.desk.List(ctx, state, k, "")
				o.must(err)
				if len(list.Promotions) != min(kinds[k], 30) {
					o.Errorf("%s %s: %d, want %d", state, k, len(list.Promotions), kinds[k])
				}
			}
		}
		if want[desk.StateDraft] <= 30 || len(want) < 3 {
			o.Errorf("this shows little: %v", want)
		}
		if list, err := o.desk.List(ctx, desk.StateDraft, "", "x-1"); err != nil || len(list.Promotions) != 30 {
			o.Errorf("a strange cursor: %v", err)
		}
	})
}

// take has a shopper take one coffee of a flash sale that was quoted with a limit.
func (o *office) take(id, order, limit int64) error {
	line := promo.Line{SKU: catalog.SKU{ID: o.coffee, SPUID: o.coffeeSPU}, Count: 1, AtSale: 1,
		Sale: &promo.Sale{ID: id, Kind: promo.KindFlash, PerPerson: limit}}
	return o.db.Tx(ctx, func(tx *db.Tx) error {
		return sale.TakeFlash(ctx, tx, order, promo.Quote{Ask: promo.Ask{UserID: 1}, Lines: []promo.Line{line}}, o.clock.Now)
	})
}

// A flash sale that begins while the merchant's form is on its way is one that has begun.
func TestBeginsMeanwhile(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindFlash)
		id := o.save(0, in, true)
		o.clock.Set(in.StartsAt.Add(-time.Millisecond))
		in.PerPerson = 1
		err, _ := storetest.Meanwhile("UPDATE promotions SET version", func(ctx context.Context) error {
			_, err := o.desk.Save(ctx, staff, id, in, false)
			return err
		}, func() error { o.clock.Advance(time.Millisecond); return nil })
		o.wantFields("it has begun", err, "per_person")
	})
}

// What shoppers have of a flash sale stays, also where a node whose clock is behind takes it for one that is to come: neither is the
// sale written anew, nor is one's limit below what one has. Their orders can be cancelled.
func TestSoldBeforeItBegins(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindFlash)
		id := o.save(0, in, true)
		o.must(o.take(id, 1, 2))
		in.PerPerson = 1
		if _, err := o.desk.Save(ctx, staff, id, in, false); !fault.Is(err, fault.Conflict) {
			o.Errorf("written anew: %v", err)
		}
		o.must(o.desk.Withdraw(ctx, staff, id, 0))
		if err := o.desk.Delete(ctx, staff, id, 1); !fault.Is(err, fault.Conflict) {
			o.Errorf("deleted: %v", err)
		}
		o.must(o.db.Tx(ctx, func(tx *db.Tx) error { return sale.GiveBackFlash(ctx, tx, 1, o.clock.Now) }))
		in.Version = 1
		o.save(id, in, true)
		o.must(o.take(id, 2, 2))
		if err := o.take(id, 3, 2); !fault.HasCode(err, fault.CodePriceChanged) { // quoted before the limit was lowered
			o.Errorf("more than one may have: %v", err)
		}
	})
}

// A draft whose price goods still have is not deleted before they have their own again.
func TestDeleteWithPricesOut(t *testing.T) {
	each(t, func(o *office) {
		id := o.save(0, o.input(promo.KindPrice), false)
		storetest.Exec(o, o.db, "UPDATE skus SET sale_id = ?, sale_fen = 9900, sale_kind = 'price' WHERE id = ?", id, o.coffee)
		storetest.Exec(o, o.db, "UPDATE spus SET min_price_fen = 9900, max_price_fen = 9900 WHERE id = ?", o.coffeeSPU)
		if err := o.desk.Delete(ctx, staff, id, 0); !fault.Is(err, fault.Conflict) {
			o.Errorf("deleted: %v", err)
		}
		o.must(sale.New(o.db, o.clock.Now).Sweep(ctx))
		o.must(o.desk.Delete(ctx, staff, id, 0))
	})
}

// More pieces are seen at once on the pages that keep how many are left.
func TestMorePiecesAreSeen(t *testing.T) {
	each(t, func(o *office) {
		in := o.input(promo.KindFlash)
		id := o.save(0, in, true)
		o.clock.Set(in.StartsAt)
		o.must(sale.New(o.db, o.clock.Now).Sweep(ctx))
		goods := catalog.New(o.db, o.clock.Now)
		left := func() int64 {
			s, err := goods.Stock(ctx, o.coffeeSPU)
			o.must(err)
			return s[0].Flash
		}
		before := left()
		in.SKUs[0].Quantity += 2
		o.save(id, in, false)
		if before != 8 || left() != 10 {
			o.Errorf("%d, then %d", before, left())
		}
	})
}
