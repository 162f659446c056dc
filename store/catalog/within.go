package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
)

// Within says what a list is of: the whole shop, or the products of some categories of any level, of some brands, some products, or those that
// some SKUs on sale are of. One of them is set.
type Within struct {
	All                            bool
	Categories, Brands, SPUs, SKUs []int64
}

// ListWithin is a piece of the launched products of w, in one of the orders of a category. It goes on after a cursor alone, not by a number.
// A cursor that cannot be is NotFound.
func (s *Service) ListWithin(ctx context.Context, w Within, sort Sort, after string) (_ List, err error) {
	defer fault.Wrap(&err, "list products of %+v", w)
	from, err := parseAfter(sort, after)
	if err != nil {
		return List{}, err
	}
	in, err := s.scopesOf(ctx, w)
	if err != nil {
		return List{}, err
	}
	list := List{Page: 1, After: after}
	keys, err := s.keysWithin(ctx, in, sort, from, pageSize+1)
	if err != nil {
		return List{}, err
	}
	if len(keys) > pageSize {
		keys = keys[:pageSize]
		list.HasNext, list.Next = true, cursorAt(sort, keys[pageSize-1])
	}
	list.Cards, err = s.cards(ctx, ids(keys))
	return list, err
}

// fillLooked is how many products are looked at on either side of a gap, of which some may be sold out.
const fillLooked = 24

// Fill are products of w in stock that fill a gap of so much, a page at most: first those that do, the cheapest first, then those that come
// closest.
func (s *Service) Fill(ctx context.Context, w Within, gap money.Fen) (fit []Card, err error) {
	defer fault.Wrap(&err, "fill a gap of %s with %+v", gap, w)
	in, err := s.scopesOf(ctx, w)
	if err != nil {
		return nil, err
	}
	at := &key{Number: int64(gap)} // no product has the id 0, so those of exactly this price come after it
	enough, err := s.keysWithin(ctx, in, SortPrice, at, fillLooked)
	if err != nil {
		return nil, err
	}
	less, err := s.keysWithin(ctx, in, SortPriceDown, at, fillLooked)
	if err != nil {
		return nil, err
	}
	cards, err := s.cards(ctx, ids(append(enough, less...)))
	for _, c := range cards {
		if c.InStock && len(fit) < pageSize {
			fit = append(fit, c)
		}
	}
	return fit, err
}

// scopesOf are the lists that together are w. A category that there is no more has no products.
func (s *Service) scopesOf(ctx context.Context, w Within) (in []scope, err error) {
	if w.All {
		return []scope{wholeShop}, nil
	}
	all, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range w.Categories {
		if c, there := all.categories[id]; there {
			in = append(in, inCategory(c))
		}
	}
	for _, id := range w.Brands {
		in = append(in, scope{"p.brand_id = ? AND p.is_launched = 1", []any{id}})
	}
	products := w.SPUs
	if len(w.SKUs) > 0 {
		query, args := db.In("SELECT DISTINCT spu_id FROM skus WHERE id IN (?) AND is_launched = 1", w.SKUs)
		if err := s.db.Select(ctx, &products, query, args...); err != nil {
			return nil, err
		}
	}
	if len(products) > 0 {
		query, args := db.In(launchedOf, products)
		in = append(in, scope{query, args})
	}
	return in, nil
}

// keysWithin reads the first n of each list and merges them. A product may be in several.
func (s *Service) keysWithin(ctx context.Context, in []scope, sort Sort, from *key, n int) (keys []key, err error) {
	if len(in) == 0 {
		return nil, nil
	}
	var parts []string
	var args []any
	for _, one := range in {
		query, more := keysQuery(one, sort, from, n, 0)
		parts, args = append(parts, "SELECT * FROM ("+query+") piece"), append(args, more...)
	}
	if err := s.db.Select(ctx, &keys, strings.Join(parts, " UNION ALL "), args...); err != nil {
		return nil, err
	}
	slices.SortFunc(keys, func(a, b key) int {
		order := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
		if orders[sort].down {
			return -order
		}
		return order
	})
	keys = slices.CompactFunc(keys, func(a, b key) bool { return a.ID == b.ID })
	return keys[:min(n, len(keys))], nil
}
