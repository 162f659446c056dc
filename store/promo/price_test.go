package promo_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// drawFacts draws goods, some of them virtual and some not on sale, with the merchant's figures.
func drawFacts(r *rapid.T) promo.Facts {
	f := promo.Facts{SKUs: map[int64]catalog.SKU{}, Rules: promo.Rules{
		Freight:  money.Fen(rapid.Int64Range(0, 5000).Draw(r, "freight")),
		FreeFrom: money.Fen(rapid.Int64Range(0, 100_000).Draw(r, "free from")),
	}}
	for id := range int64(5) {
		f.SKUs[id+1] = catalog.SKU{
			ID: id + 1, Name: fmt.Sprint("SKU ", id+1), Launched: rapid.IntRange(0, 9).Draw(r, "launched") > 0,
			Virtual: rapid.Bool().Draw(r, "virtual"), Price: money.Fen(rapid.Int64Range(0, 100_000).Draw(r, "price")),
		}
	}
	return f
}

func drawItems(r *rapid.T) []promo.Item {
	return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) promo.Item {
		return promo.Item{SKUID: rapid.Int64Range(1, 6).Draw(r, "sku"), Count: rapid.Int64Range(-1, 60).Draw(r, "count")}
	}), 0, 8).Draw(r, "items")
}

// Whatever is asked for is priced so that it adds up, or refused for a reason.
func TestAnyPriceAddsUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		facts, items := drawFacts(r), drawItems(r)
		asked, senseless, unknown, offSale := map[int64]int64{}, false, false, false
		for _, it := range items {
			sku, known := facts.SKUs[it.SKUID]
			asked[it.SKUID] += it.Count
			senseless = senseless || it.Count < 1 || asked[it.SKUID] > catalog.MaxPerOrder
			unknown = unknown || !known
			offSale = offSale || known && !sku.Launched
		}
		q, err := promo.Price(facts, promo.Ask{Items: items})
		switch {
		case senseless:
			if !fault.Is(err, fault.Invalid) {
				r.Fatalf("a senseless count: %v", err)
			}
			return
		case unknown || offSale:
			if !(unknown && fault.Is(err, fault.NotFound)) && !(offSale && fault.HasCode(err, fault.CodeShortStock)) {
				r.Fatalf("unknown %v, off sale %v: %v", unknown, offSale, err)
			}
			return
		case err != nil:
			r.Fatal(err)
		}
		var goods, payable, physical money.Fen
		hasFreight := false
		for _, l := range q.Lines {
			if l.Count != asked[l.SKU.ID] || l.Unit != facts.SKUs[l.SKU.ID].Price || l.Goods != l.Unit*money.Fen(l.Count) ||
				l.Payable < 0 || l.Payable > l.Goods {
				r.Fatalf("line %+v", l)
			}
			delete(asked, l.SKU.ID)
			goods += l.Goods
			payable += l.Payable
			if !l.SKU.Virtual {
				physical += l.Payable
				hasFreight = true
			}
		}
		if len(asked) != 0 || goods != q.Goods || payable != q.Goods-q.Discount || q.Payable != payable+q.Freight || q.Payable < 0 {
			r.Fatalf("quote %+v, left %v", q, asked)
		}
		free := !hasFreight || physical >= facts.Rules.FreeFrom
		if free && (q.Freight != 0 || q.FreightShort != 0) || !free &&
			(q.Freight != facts.Rules.Freight || physical+q.FreightShort != facts.Rules.FreeFrom) {
			r.Fatalf("freight %d, %d short, of %d physical goods by %+v", q.Freight, q.FreightShort, physical, facts.Rules)
		}
	})
}

// The shop has given nobody a coupon or credits, so none can be used.
func TestNothingToSpend(t *testing.T) {
	facts := promo.Facts{SKUs: goods()}
	for _, c := range []struct {
		ask  promo.Ask
		code int
	}{
		{promo.Ask{UserID: 1, CouponID: 7}, fault.CodeBadCoupon},
		{promo.Ask{UserID: 1, CouponID: -1}, fault.CodeBadCoupon},
		{promo.Ask{UserID: 1, Credits: 100}, fault.CodeShortCredits},
		{promo.Ask{UserID: 1, Credits: -100}, fault.CodeShortCredits},
	} {
		c.ask.Items = []promo.Item{{SKUID: 1, Count: 1}}
		if _, err := promo.Price(facts, c.ask); !fault.Is(err, fault.Invalid) || !fault.HasCode(err, c.code) {
			t.Errorf("%+v: %v", c.ask, err)
		}
	}
}
