package catalog

import (
	"context"
	"slices"

	"dashop/store/db"
	"dashop/store/money"
)

// MaxChosen is how many brands, and how many spec values, a filter may name.
const MaxChosen = 20

// SpecValue is a value of a spec by name, such as 颜色: 黑色; products that each have a spec of their own share it.
type SpecValue struct {
	Name, Value string
}

// Filter narrows a list: products of one of the brands, whose lowest price is within the bounds, that have one of the
// chosen values of each spec named, and, with InStock, that can be had now.
type Filter struct {
	Brands   []int64
	Min, Max money.Fen // 0: no bound
	Specs    []SpecValue
	InStock  bool
}

// Empty says that the filter lets everything through.
func (f Filter) Empty() bool {
	return len(f.Brands) == 0 && f.Min == 0 && f.Max == 0 && len(f.Specs) == 0 && !f.InStock
}

// priced adds the price bounds to a scope whose list is ordered by price.
func (f Filter) priced(in scope) scope {
	in.args = slices.Clone(in.args)
	if f.Min > 0 {
		in.where, in.args = in.where+" AND p.min_price_fen >= ?", append(in.args, f.Min)
	}
	if f.Max > 0 {
		in.where, in.args = in.where+" AND p.min_price_fen <= ?", append(in.args, f.Max)
	}
	return in
}

// matching are those of some products that the filter lets through.
func (s *Service) matching(ctx context.Context, f Filter, ids []int64) (map[int64]bool, error) {
	passed := make(map[int64]bool, len(ids))
	if len(ids) == 0 {
		return passed, nil
	}
	in := f.priced(scope{where: launchedOf, args: []any{ids}})
	if len(f.Brands) > 0 {
		in.where, in.args = in.where+" AND p.brand_id IN (?)", append(in.args, f.Brands)
	}
	if f.InStock {
		in.where += " AND p.in_stock = 1"
	}
	var left []int64
	query, args := db.In("SELECT p.id FROM spus p WHERE "+in.where, in.args...)
	if err := s.db.Select(ctx, &left, query, args...); err != nil {
		return nil, err
	}
	for name, values := range f.bySpec() {
		if len(left) == 0 {
			return passed, nil
		}
		ids := left
		left = nil
		query, args := db.In(`SELECT DISTINCT k.spu_id FROM skus k JOIN sku_specs c ON c.sku_id = k.id
			JOIN spec_options o ON o.id = c.option_id JOIN specs d ON d.id = c.spec_id
			WHERE k.spu_id IN (?) AND k.is_launched = 1 AND d.name = ? AND o.value IN (?)`, ids, name, values)
		if err := s.db.Select(ctx, &left, query, args...); err != nil {
			return nil, err
		}
	}
	for _, id := range left {
		passed[id] = true
	}
	return passed, nil
}

// bySpec are the chosen values of each spec.
func (f Filter) bySpec() map[string][]string {
	values := map[string][]string{}
	for _, v := range f.Specs {
		values[v.Name] = append(values[v.Name], v.Value)
	}
	return values
}
