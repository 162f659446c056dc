// Package promo prices a basket, in one place.
package promo

import (
	"context"
	"fmt"

	"dashop/store/catalog"
	"dashop/store/db"
)

// Catalog looks SKUs up by id, on sale or not.
type Catalog interface {
	// SKUs are complete, as pages show them.
	SKUs(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
	// SKUPrices contain only what a price depends on, and the name.
	SKUPrices(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
}

// Service prices baskets.
type Service struct {
	catalog Catalog
	rules   Rules
}

// New makes a Service.
func New(c Catalog, r Rules) *Service { return &Service{catalog: c, rules: r} }

// Quote looks up in q what a price depends on, and prices ask by it. It does not look at stock: placing takes it, and the
// pages show it. Its faults are those of Price.
func (s *Service) Quote(ctx context.Context, q db.Queryer, ask Ask) (Quote, error) {
	return s.quote(ctx, q, ask, s.catalog.SKUs)
}

// QuoteOf is Quote by SKUs that have been looked up already.
func (s *Service) QuoteOf(skus map[int64]catalog.SKU, ask Ask) (Quote, error) {
	return Price(Facts{Rules: s.rules, SKUs: skus}, ask)
}

// Confirm looks in q whether a quote still holds, with as few reads as that takes; if not, it is 50106, or the fault for
// which nothing can be quoted any more.
func (s *Service) Confirm(ctx context.Context, q db.Queryer, quoted Quote) error {
	now, err := s.quote(ctx, q, quoted.Ask, s.catalog.SKUPrices)
	if err != nil {
		return err
	}
	if now.Digest != quoted.Digest {
		return PriceChanged()
	}
	return nil
}

type lookUp func(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)

func (s *Service) quote(ctx context.Context, q db.Queryer, ask Ask, skus lookUp) (Quote, error) {
	items, err := merge(ask.Items)
	if err != nil {
		return Quote{}, err
	}
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.SKUID
	}
	facts := Facts{Rules: s.rules}
	if facts.SKUs, err = skus(ctx, q, ids); err != nil {
		return Quote{}, fmt.Errorf("look up SKUs to price: %w", err)
	}
	return Price(facts, ask)
}
