package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/search"
)

const (
	pageSize = 20
	// MaxPage is the last page that has a number; from there on a list goes on after a cursor.
	MaxPage = 100
	// MaxQuery is the longest text to search for, in characters.
	MaxQuery = search.MaxQuery

	// A filtered list looks at so many products at once, and at so many in one request: what is rare in a category of
	// a hundred thousand is then shown piece by piece, and never found by reading all of it.
	firstFiltered = 200
	nextFiltered  = 2000
	mostFiltered  = 20_000
)

// CardColumns are the columns of a Card, of a product p.
const CardColumns = `p.id, p.name, p.name_en, p.caption, p.caption_en, p.image, p.min_price_fen, p.max_price_fen,
	p.market_fen, p.sale_kind, p.sales, p.in_stock, p.created_at, ` + ratingColumns

// Ask is which page of a list is wanted, in which order and narrowed by which filter.
type Ask struct {
	Sort   Sort
	Filter Filter
	Page   int    // 1 to MaxPage
	After  string // where the page begins, as List.Next of the page before said; "" at the beginning, or when only Page is known
}

// order is how a list goes through an index from end to end.
type order struct {
	column string
	down   bool
}

var orders = map[Sort]order{
	SortNew:       {"p.created_at", true},
	SortPrice:     {"p.min_price_fen", false},
	SortPriceDown: {"p.min_price_fen", true},
	SortSales:     {"p.sales", true},
}

// ParseSort reads the order of a category from an address; anything unknown is SortNew.
func ParseSort(text string) Sort {
	if _, ok := orders[Sort(text)]; ok {
		return Sort(text)
	}
	return SortNew
}

// ParseSearchSort reads the order of a search: SortBest, unless another is asked for.
func ParseSearchSort(text string) Sort {
	if _, ok := orders[Sort(text)]; ok {
		return Sort(text)
	}
	return SortBest
}

// Category is a category with a page of its launched products, those of the categories below included. Sold-out products
// stay in it. A page or a cursor that cannot be is NotFound.
func (s *Service) Category(ctx context.Context, id int64, ask Ask) (_ CategoryPage, err error) {
	defer fault.Wrap(&err, "list category %d", id)
	all, err := s.tree(ctx)
	if err != nil {
		return CategoryPage{}, err
	}
	path, err := all.path(id)
	if err != nil {
		return CategoryPage{}, err
	}
	here := path[len(path)-1]
	ask.Sort = ParseSort(string(ask.Sort))
	found := CategoryPage{Category: here, Path: path, Sort: ask.Sort, Filter: ask.Filter,
		Children: all.childrenOnSale(here.ID), Siblings: all.childrenOnSale(here.ParentID)}
	if found.List, err = s.list(ctx, inCategory(here), ask); err != nil {
		return CategoryPage{}, fmt.Errorf("read a page of products: %w", err)
	}
	if found.Facets, err = s.facets(ctx, id); err != nil {
		return CategoryPage{}, fmt.Errorf("read facets: %w", err)
	}
	found.Popular, err = s.popularIfEmpty(ctx, found.List)
	return found, err
}

// popularIfEmpty are popular products to show in place of an empty list.
func (s *Service) popularIfEmpty(ctx context.Context, list List) ([]Card, error) {
	if len(list.Cards) > 0 || list.Page > 1 || list.After != "" {
		return nil, nil
	}
	return s.Popular(ctx, sectionSize)
}

// scope is the condition of a list; there is a set of indexes for each.
type scope struct {
	where string
	args  []any
}

var wholeShop = scope{where: "p.is_launched = 1"}

// launchedOf are those of some ids that are launched. The sign keeps SQLite from reading all that are launched, by index,
// to find a few hundred by their ids.
const launchedOf = "p.id IN (?) AND +p.is_launched = 1"

// inCategory is one column and one set of indexes for each level.
func inCategory(c Category) scope {
	return scope{where: fmt.Sprintf("p.category%d_id = ? AND p.is_launched = 1", c.Level), args: []any{c.ID}}
}

// list is a page of the products of a scope, read along an index: with a cursor as cheap on page 1,000 as on page 1.
// A page of which only the number is known skips the ids of those before it, of which there are at most MaxPage pages.
func (s *Service) list(ctx context.Context, in scope, ask Ask) (List, error) {
	if ask.Page < 1 || ask.Page > MaxPage {
		return List{}, fault.Missing()
	}
	from, err := parseAfter(ask.Sort, ask.After)
	if err != nil {
		return List{}, err
	}
	skip := 0
	if from == nil {
		skip = (ask.Page - 1) * pageSize
	}
	list := List{Page: ask.Page, After: ask.After}
	var keys []key
	if ask.Filter.Empty() {
		keys, err = s.keys(ctx, in, ask.Sort, from, pageSize+1, skip)
	} else {
		keys, list.Next, err = s.filtered(ctx, in, ask, from, skip)
	}
	if err != nil {
		return List{}, err
	}
	if len(keys) > pageSize {
		keys = keys[:pageSize]
		list.Next = cursorAt(ask.Sort, keys[pageSize-1])
	}
	list.HasNext = list.Next != ""
	list.Cards, err = s.cards(ctx, ids(keys))
	return list, err
}

// key is a product with what its list is ordered by, one of the two.
type key struct {
	ID     int64     `db:"id"`
	Number int64     `db:"number"`
	Time   time.Time `db:"time"`
}

func ids(keys []key) []int64 {
	list := make([]int64, len(keys))
	for i, k := range keys {
		list[i] = k.ID
	}
	return list
}

// keys reads n products of a list from the index alone.
func (s *Service) keys(ctx context.Context, in scope, sort Sort, from *key, n, skip int) (keys []key, err error) {
	query, args := keysQuery(in, sort, from, n, skip)
	err = s.db.Select(ctx, &keys, query, args...)
	return keys, err
}

// keysQuery goes on after a key in the one form that both databases find by index: "a >= ? AND (a > ? OR id > ?)".
func keysQuery(in scope, sort Sort, from *key, n, skip int) (string, []any) {
	o := orders[sort]
	name, than, direction := "number", ">", ""
	if sort == SortNew {
		name = "time"
	}
	if o.down {
		than, direction = "<", " DESC"
	}
	where, args := in.where, slices.Clone(in.args)
	if from != nil {
		where += fmt.Sprintf(" AND %s %s= ? AND (%s %s ? OR p.id %s ?)", o.column, than, o.column, than, than)
		var at any = from.Number
		if sort == SortNew {
			at = from.Time
		}
		args = append(args, at, at, from.ID)
	}
	query := fmt.Sprintf("SELECT p.id, %s AS %s FROM spus p WHERE %s ORDER BY %s%s, p.id%s LIMIT ?", o.column, name, where, o.column,
		direction, direction)
	args = append(args, n)
	if skip > 0 {
		query, args = query+" OFFSET ?", append(args, skip)
	}
	return query, args
}

// filtered reads a list piece by piece and keeps what the filter lets through. next is set where the bound was reached
// before the page was full: the list goes on there.
func (s *Service) filtered(ctx context.Context, in scope, ask Ask, from *key, skip int) (kept []key, next string, err error) {
	if by := orders[ask.Sort].column; by == "p.min_price_fen" { // then the index also knows the price
		in = ask.Filter.priced(in)
	}
	for looked, size := 0, firstFiltered; looked < mostFiltered; size = nextFiltered {
		keys, err := s.keys(ctx, in, ask.Sort, from, size, 0)
		if err != nil {
			return nil, "", err
		}
		passed, err := s.matching(ctx, ask.Filter, ids(keys))
		if err != nil {
			return nil, "", err
		}
		for _, k := range keys {
			if !passed[k.ID] {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if kept = append(kept, k); len(kept) > pageSize {
				return kept, "", nil
			}
		}
		if len(keys) < size {
			return kept, "", nil
		}
		looked += size
		from = &keys[len(keys)-1]
	}
	return kept, cursorAt(ask.Sort, *from), nil
}

// cards reads cards in the order of the ids.
func (s *Service) cards(ctx context.Context, ids []int64) ([]Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var cards []Card
	query, args := db.In("SELECT "+CardColumns+" FROM spus p WHERE "+launchedOf, ids)
	if err := s.db.Select(ctx, &cards, query, args...); err != nil {
		return nil, err
	}
	position := make(map[int64]int, len(ids))
	for i, id := range ids {
		position[id] = i
	}
	slices.SortFunc(cards, func(a, b Card) int { return cmp.Compare(position[a.SPUID], position[b.SPUID]) })
	return cards, nil
}
