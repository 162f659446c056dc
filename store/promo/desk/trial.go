package desk

import (
	"context"
	"maps"
	"slices"
	"time"

	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/promo/sale"
)

// Trial prices items as a shopper will find them at a moment to come, who has bought nothing of a flash sale before: by the promotions that are
// published, and by one more, with, as if it were published too; 0 is none. A moment that has passed is now. Its faults are those of promo.Price.
func (d *Desk) Trial(ctx context.Context, items []promo.Item, at time.Time, with int64) (_ promo.Quote, err error) {
	defer fault.Wrap(&err, "price a trial basket")
	if now := d.clock(); at.Before(now) {
		at = now
	}
	ids := []int64{}
	for _, it := range items {
		ids = append(ids, it.SKUID)
	}
	facts := promo.Facts{Now: at, Rules: d.rules, Sales: map[int64]promo.Sale{}}
	if facts.SKUs, err = d.catalog.SKUs(ctx, d.db, ids); err != nil {
		return promo.Quote{}, err
	}
	terms, err := sale.Terms(ctx, d.db, slices.Collect(maps.Values(facts.SKUs)), at, with)
	if err != nil {
		return promo.Quote{}, err
	}
	for id, k := range facts.SKUs {
		k.SaleID, k.SalePrice, k.SaleKind = 0, 0, ""
		if best, price := promo.BestSale(k, terms, at); best != nil {
			k.SaleID, k.SalePrice, k.SaleKind = best.ID, price, string(best.Kind)
			facts.Sales[id] = offered(*best, id, promo.Sale{ID: best.ID, Kind: best.Kind, Name: best.Name, NameEN: best.NameEN, Price: price,
				EndsAt: best.EndsAt, Left: promo.NoLimit, PerPerson: best.PerPerson})
		}
		facts.SKUs[id] = k
	}
	if facts.Promotions, err = d.basketPromotions(ctx, at, with); err != nil {
		return promo.Quote{}, err
	}
	return promo.Price(facts, promo.Ask{Items: items})
}

// offered is a sale with the pieces that a shopper can have of it.
func offered(t promo.SaleTerms, skuID int64, s promo.Sale) promo.Sale {
	if t.Kind == promo.KindFlash {
		s.Left = t.Own[skuID].Quantity
		if s.PerPerson > 0 {
			s.Left = min(s.Left, s.PerPerson)
		}
	}
	return s
}

func (d *Desk) basketPromotions(ctx context.Context, at time.Time, with int64) ([]promo.Promotion, error) {
	ids := []int64{with}
	var live []int64
	if err := d.db.Select(ctx, &live, "SELECT id FROM promotions WHERE is_published = 1 AND ends_at > ? ORDER BY ends_at, id LIMIT ?", at,
		promo.MostLive); err != nil {
		return nil, err
	}
	found, err := promo.Find(ctx, d.db, append(ids, live...))
	for i := range found {
		found[i].Published = true
	}
	return found, err
}
