// Package promo prices a basket, in one place.
package promo

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
)

// Catalog looks SKUs up by id, on sale or not.
type Catalog interface {
	// SKUs are complete, as pages show them.
	SKUs(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
	// SKUPrices contain only what a price depends on, and the name.
	SKUPrices(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
}

// Holdings are what a user has that takes something off.
type Holdings interface {
	// Coupon is a coupon that the user holds; any other is NotFound.
	Coupon(ctx context.Context, q db.Queryer, userID, id int64) (Coupon, error)
	// Coupons are all that the user holds and has not used, so many that a page can show them.
	Coupons(ctx context.Context, q db.Queryer, userID int64) ([]Coupon, error)
	// Credits is how many credits the user has.
	Credits(ctx context.Context, q db.Queryer, userID int64) (int64, error)
}

// NoHoldings is of users who have neither coupons nor credits.
type NoHoldings struct{}

// Coupon is always NotFound.
func (NoHoldings) Coupon(context.Context, db.Queryer, int64, int64) (Coupon, error) {
	return Coupon{}, fault.Missing()
}

// Coupons are none.
func (NoHoldings) Coupons(context.Context, db.Queryer, int64) ([]Coupon, error) { return nil, nil }

// Credits are none.
func (NoHoldings) Credits(context.Context, db.Queryer, int64) (int64, error) { return 0, nil }

// Service prices baskets.
type Service struct {
	catalog  Catalog
	holdings Holdings
	live     *live
	clock    db.Clock
	rules    Rules
}

// New makes a Service.
func New(d *db.DB, c Catalog, h Holdings, clock db.Clock, r Rules) *Service {
	return &Service{catalog: c, holdings: h, live: newLive(d, clock), clock: clock, rules: r}
}

// Quote looks up in q what a price depends on, and prices ask by it. It does not look at stock: placing takes it, and the
// pages show it. Its faults are those of Price.
func (s *Service) Quote(ctx context.Context, q db.Queryer, ask Ask) (Quote, error) {
	facts, err := s.Facts(ctx, q, ask)
	if err != nil {
		return Quote{}, err
	}
	return Price(facts, ask)
}

// QuoteOf is Quote by SKUs that have been looked up already.
func (s *Service) QuoteOf(ctx context.Context, q db.Queryer, skus map[int64]catalog.SKU, ask Ask) (Quote, error) {
	facts, err := s.facts(ctx, q, ask, skus)
	if err != nil {
		return Quote{}, err
	}
	return Price(facts, ask)
}

// Confirm looks in q whether a quote still holds, with as few reads as that takes; if not, it is 50106, or the fault for
// which nothing can be quoted any more.
func (s *Service) Confirm(ctx context.Context, q db.Queryer, quoted Quote) error {
	skus, err := look(ctx, q, s.catalog.SKUPrices, quoted.Ask)
	if err != nil {
		return err
	}
	now, err := s.QuoteOf(ctx, q, skus, quoted.Ask)
	if err != nil {
		return err
	}
	if now.Digest != quoted.Digest {
		return PriceChanged()
	}
	return nil
}

// Choice is a priced basket with what its user could choose for it.
type Choice struct {
	Quote   Quote
	Offers  []Offer // of all coupons that the user holds and has not used
	Credits int64   // that the user has
}

// Choose prices ask by SKUs that have been looked up (nil: they are looked up in q), and says what each of the user's coupons would do
// for the basket. If best, the best of them is chosen, if there is a good one, for a user who has chosen none.
func (s *Service) Choose(ctx context.Context, q db.Queryer, skus map[int64]catalog.SKU, ask Ask, best bool) (c Choice, err error) {
	if skus == nil {
		if skus, err = look(ctx, q, s.catalog.SKUs, ask); err != nil {
			return Choice{}, err
		}
	}
	facts, err := s.facts(ctx, q, Ask{UserID: ask.UserID, Items: ask.Items}, skus)
	if err != nil {
		return Choice{}, err
	}
	var coupons []Coupon
	if ask.UserID != 0 {
		if coupons, err = s.holdings.Coupons(ctx, q, ask.UserID); err != nil {
			return Choice{}, fmt.Errorf("look up coupons: %w", err)
		}
		if facts.Credits, err = s.holdings.Credits(ctx, q, ask.UserID); err != nil {
			return Choice{}, fmt.Errorf("look up credits: %w", err)
		}
	}
	if ask.CouponID != 0 && !slices.ContainsFunc(coupons, func(c Coupon) bool { return c.ID == ask.CouponID }) { // of many only some are listed
		chosen, err := s.holdings.Coupon(ctx, q, ask.UserID, ask.CouponID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Choice{}, fmt.Errorf("look up a coupon: %w", err)
		}
		if err == nil {
			coupons = append(slices.Clip(coupons), chosen)
		}
	}
	offers, err := Offers(facts, ask, coupons)
	if err != nil {
		return Choice{}, err
	}
	if best && ask.CouponID == 0 {
		ask.CouponID = Best(offers)
	}
	for i := range coupons {
		if coupons[i].ID == ask.CouponID {
			facts.Coupon = &coupons[i]
		}
	}
	quote, err := Price(facts, ask)
	return Choice{quote, offers, facts.Credits}, err
}

// Facts are what the price of ask depends on, looked up in q. Who prices something else by them, such as a promotion that has not begun,
// changes a copy of what they refer to.
func (s *Service) Facts(ctx context.Context, q db.Queryer, ask Ask) (Facts, error) {
	skus, err := look(ctx, q, s.catalog.SKUs, ask)
	if err != nil {
		return Facts{}, err
	}
	return s.facts(ctx, q, ask, skus)
}

// look looks up the SKUs that are asked for.
func look(ctx context.Context, q db.Queryer, skus lookUp, ask Ask) (map[int64]catalog.SKU, error) {
	items, err := merge(ask.Items)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.SKUID
	}
	found, err := skus(ctx, q, ids)
	if err != nil {
		return nil, fmt.Errorf("look up SKUs to price: %w", err)
	}
	return found, nil
}

type lookUp func(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)

func (s *Service) facts(ctx context.Context, q db.Queryer, ask Ask, skus map[int64]catalog.SKU) (f Facts, err error) {
	f = Facts{Now: s.clock(), Rules: s.rules, SKUs: skus}
	if f.Promotions, err = s.live.list(ctx, q); err != nil {
		return f, err
	}
	if f.Sales, err = readSales(ctx, q, ask.UserID, skus); err != nil {
		return f, err
	}
	if ask.CouponID != 0 {
		c, err := s.holdings.Coupon(ctx, q, ask.UserID, ask.CouponID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return f, fmt.Errorf("look up a coupon: %w", err)
		}
		if err == nil {
			f.Coupon = &c
		}
	}
	if ask.Credits != 0 {
		if f.Credits, err = s.holdings.Credits(ctx, q, ask.UserID); err != nil {
			return f, fmt.Errorf("look up credits: %w", err)
		}
	}
	return f, nil
}
