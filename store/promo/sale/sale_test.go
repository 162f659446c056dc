package sale_test

import (
	"context"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// shop is a shop with sales.
type shop struct {
	*testing.T
	db     *db.DB
	clock  *storetest.Clock
	sales  *sale.Service
	goods  *catalog.Service
	prices *promo.Service
}

func each(t *testing.T, test func(s shop)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		goods := catalog.New(d, clock.Now)
		test(shop{t, d, clock, sale.New(d, clock.Now), goods, promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{})})
		storetest.CheckBooks(t, d)
	})
}

func (s shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s shop) sweep() { s.Helper(); s.must(s.sales.Sweep(ctx)) }

// offer is a promotion as a test writes it: for an hour from the shop's time on, unless it says otherwise.
type offer struct {
	kind          promo.Kind
	scope         promo.ScopeKind
	targets       []int64
	percent       int64
	priority      int
	perPerson     int64
	starts, lasts time.Duration
	own           map[int64]promo.OwnPrice
	unpublished   bool
}

func (s shop) promote(o offer) (id int64) {
	s.Helper()
	if o.scope == "" {
		o.scope = promo.ScopeSKU
	}
	if o.percent == 0 {
		o.percent = 100
	}
	if o.lasts == 0 {
		o.lasts = time.Hour
	}
	from := s.clock.Now().Add(o.starts)
	s.must(s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		promo.Changed(ctx, tx)
		id, err = tx.Insert(ctx, `INSERT INTO promotions (kind, name, name_en, scope, percent, per_person, priority, starts_at, ends_at, is_published, created_at)
			VALUES (?, '秋日限时', 'Autumn', ?, ?, ?, ?, ?, ?, ?, ?)`, o.kind, o.scope, o.percent, o.perPerson, o.priority, from, from.Add(o.lasts),
			!o.unpublished, s.clock.Now())
		for _, t := range o.targets {
			if err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO promotion_targets (promotion_id, target_id) VALUES (?, ?)", id, t)
			}
		}
		for sku, p := range o.own {
			if err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO promotion_skus (promotion_id, sku_id, price_fen, quantity) VALUES (?, ?, ?, ?)", id, sku, p.Price, p.Quantity)
			}
		}
		return err
	}))
	return id
}

func (s shop) flash(sku, pieces, perPerson int64, price money.Fen) int64 {
	s.Helper()
	return s.promote(offer{kind: promo.KindFlash, perPerson: perPerson, own: map[int64]promo.OwnPrice{sku: {Price: price, Quantity: pieces}}})
}

func (s shop) sku(id int64) catalog.SKU {
	s.Helper()
	all, err := s.goods.SKUs(ctx, s.db, []int64{id})
	s.must(err)
	return all[id]
}

func (s shop) count(query string, args ...any) (n int64) {
	s.Helper()
	s.must(s.db.Get(ctx, &n, query, args...))
	return n
}

func (s shop) want(sku int64, price money.Fen) {
	s.Helper()
	if k := s.sku(sku); k.Now() != price {
		s.Errorf("SKU %d costs %s in sale %d, not %s", sku, k.Now(), k.SaleID, price)
	}
	if card := s.count("SELECT min_price_fen FROM spus WHERE id = (SELECT spu_id FROM skus WHERE id = ?)", sku); money.Fen(card) != price {
		s.Errorf("the card of SKU %d says %s, not %s", sku, money.Fen(card), price)
	}
}

// A sale opens when its window begins and closes when it ends, to the millisecond of the sweep's clock; the next edge is waited for by index.
func TestWindow(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 12400, 9)
		id := s.promote(offer{kind: promo.KindPrice, starts: time.Minute, own: map[int64]promo.OwnPrice{sku: {Price: 9900}}})
		version, err := s.goods.Version(ctx)
		s.must(err)
		s.sweep()
		s.want(sku, 12400)
		s.clock.Advance(time.Minute - time.Millisecond)
		s.sweep()
		s.want(sku, 12400)
		s.clock.Advance(time.Millisecond)
		s.sweep()
		s.want(sku, 9900)
		if later, err := s.goods.Version(ctx); err != nil || later == version {
			t.Errorf("kept pages do not learn of it: %v", err)
		}
		if n := s.count("SELECT COUNT(*) FROM promotions WHERE id = ? AND is_open = 1", id); n != 1 {
			t.Error("not open")
		}
		s.clock.Advance(time.Hour - time.Millisecond)
		s.sweep()
		s.want(sku, 9900)
		s.clock.Advance(time.Millisecond)
		s.sweep()
		s.want(sku, 12400)
		s.clock.Advance(time.Minute) // it is looked at once more
		s.sweep()
		s.want(sku, 12400)
		if n := s.count("SELECT COUNT(*) FROM promotions WHERE is_open = 1 OR due_at < ?", s.clock.Now().AddDate(1000, 0, 0)); n != 0 {
			t.Error("something is still to be done")
		}
	})
}

// A sale that is withdrawn, or loses a product, gives up its prices.
func TestChangedSale(t *testing.T) {
	each(t, func(s shop) {
		one, two := storetest.SKU(s, s.db, 10000, 9), storetest.SKU(s, s.db, 20000, 9)
		id := s.promote(offer{kind: promo.KindPrice, percent: 80, targets: []int64{one, two}})
		s.sweep()
		s.want(one, 8000)
		s.want(two, 16000)
		change := func(statement string) {
			s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
				promo.Changed(ctx, tx)
				if _, err := tx.Exec(ctx, statement, id); err != nil {
					return err
				}
				return sale.Due(ctx, tx, id)
			}))
			s.sweep()
		}
		change("DELETE FROM promotion_targets WHERE promotion_id = ? AND target_id > 1 AND target_id = (SELECT MAX(k.id) FROM skus k)")
		s.want(one, 8000)
		s.want(two, 20000)
		change("UPDATE promotions SET percent = 50 WHERE id = ?")
		s.want(one, 5000)
		change("UPDATE promotions SET is_published = 0 WHERE id = ?")
		s.want(one, 10000)
	})
}

// A transaction that waits for its product while a sale ends writes the price of the moment at which it has it.
func TestRepriceAfterWaiting(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 10000, 9)
		s.promote(offer{kind: promo.KindPrice, own: map[int64]promo.OwnPrice{sku: {Price: 8000}}})
		s.clock.Advance(time.Hour - time.Millisecond)
		s.sweep()
		s.want(sku, 8000)
		spu := s.sku(sku).SPUID
		hold := "UPDATE spus SET held"
		if s.db.Driver() == db.SQLite {
			hold = "SELECT COUNT(*) FROM spus"
		}
		errWork, errSweep := storetest.Meanwhile(hold, func(ctx context.Context) error {
			return s.db.Tx(ctx, func(tx *db.Tx) error { return sale.Reprice(ctx, tx, s.clock.Now, spu) })
		}, func() error {
			s.clock.Advance(time.Millisecond)
			return s.sales.Sweep(ctx)
		})
		s.must(errWork)
		s.must(errSweep)
		s.want(sku, 10000)
	})
}

// What a node whose clock is behind writes just after a sale has begun or ended is put right a little later, also in a sale that is
// shorter than that.
func TestSlowNode(t *testing.T) {
	each(t, func(s shop) {
		for _, lasts := range []time.Duration{time.Second, 15 * time.Second, time.Hour} {
			sku := storetest.SKU(s, s.db, 10000, 9)
			s.promote(offer{kind: promo.KindPrice, starts: time.Minute, lasts: lasts, own: map[int64]promo.OwnPrice{sku: {Price: 8000}}})
			begin := s.clock.Now().Add(time.Minute)
			slow := func() time.Time { return s.clock.Now().Add(-time.Second) }
			spu := s.sku(sku).SPUID
			reprice := func() {
				s.must(s.db.Tx(ctx, func(tx *db.Tx) error { return sale.Reprice(ctx, tx, slow, spu) }))
			}
			s.clock.Set(begin)
			s.sweep()
			reprice()
			s.want(sku, 10000)
			if lasts > 15*time.Second {
				s.clock.Advance(15 * time.Second)
				s.sweep()
				s.want(sku, 8000)
			}
			s.clock.Set(begin.Add(lasts))
			s.sweep()
			reprice()
			s.want(sku, 8000)
			s.clock.Advance(15 * time.Second)
			s.sweep()
			s.want(sku, 10000)
		}
		if n := s.count("SELECT COUNT(*) FROM promotions WHERE due_at < ?", s.clock.Now().AddDate(1000, 0, 0)); n != 0 {
			s.Errorf("something is still to be done about %d", n)
		}
	})
}
