package catalog

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"dashop/store/fault"
)

const (
	pageSize = 20
	// MaxPage is the last page of a list; a shopper who got so far is better served by a narrower category or search.
	MaxPage = 100
	// MaxQuery is the longest text to search for, in characters.
	MaxQuery = 64

	suggestions = 8
)

const cardColumns = `p.id, p.name, p.name_en, p.caption, p.caption_en, p.image, p.min_price_fen, p.max_price_fen,
	p.market_fen, p.sales, p.in_stock, p.created_at, ` + ratingColumns

// orders are the ends of the queries, each in the direction of an index from end to end.
var orders = map[Sort]string{
	SortNew:       "p.created_at DESC, p.id DESC",
	SortPrice:     "p.min_price_fen, p.id",
	SortPriceDown: "p.min_price_fen DESC, p.id DESC",
	SortSales:     "p.sales DESC, p.id DESC",
}

// ParseSort reads an order from an address; anything unknown is SortNew.
func ParseSort(text string) Sort {
	if _, ok := orders[Sort(text)]; ok {
		return Sort(text)
	}
	return SortNew
}

// Category is a category with page page (1 to MaxPage) of its launched products, those of the categories below included.
// Sold-out products stay in it.
func (s *Service) Category(ctx context.Context, id int64, sort Sort, page int) (CategoryPage, error) {
	all, err := s.shelves(ctx)
	if err != nil {
		return CategoryPage{}, err
	}
	path, err := all.path(id)
	if err != nil {
		return CategoryPage{}, err
	}
	here := path[len(path)-1]
	found := CategoryPage{Category: here, Path: path, Sort: ParseSort(string(sort)),
		Children: all.offered(here.ID), Siblings: all.offered(here.ParentID)}
	// One column and one set of indexes for each level.
	where := map[int]string{1: "p.category1_id = ?", 2: "p.category2_id = ?", 3: "p.category3_id = ?"}[here.Level]
	if found.List, err = s.list(ctx, where, []any{id}, found.Sort, page); err != nil {
		return CategoryPage{}, fmt.Errorf("list category %d: %w", id, err)
	}
	return found, nil
}

// Search is page page (1 to MaxPage) of the launched products that have every word of q in their name, caption, brand or
// category, in either language. An empty q finds all. A q of more than MaxQuery characters is Invalid.
func (s *Service) Search(ctx context.Context, q string, sort Sort, page int) (List, error) {
	where, args, err := matching(q)
	if err != nil {
		return List{}, err
	}
	list, err := s.list(ctx, where, args, sort, page)
	if err != nil {
		return List{}, fmt.Errorf("search: %w", err)
	}
	return list, nil
}

// Suggest are the best-selling products that Search would find, for the list under the search box. An empty or too long q has none.
func (s *Service) Suggest(ctx context.Context, q string) ([]Card, error) {
	where, args, err := matching(q)
	if err != nil || where == "" {
		return nil, nil
	}
	var cards []Card
	err = s.db.Select(ctx, &cards, "SELECT "+cardColumns+" FROM spus p WHERE p.is_launched = 1 AND "+where+
		" ORDER BY "+orders[SortSales]+" LIMIT ?", append(args, suggestions)...)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	return cards, nil
}

func (s *Service) list(ctx context.Context, where string, args []any, sort Sort, page int) (List, error) {
	if page < 1 || page > MaxPage {
		return List{}, fault.Missing()
	}
	if where != "" {
		where = " AND " + where
	}
	list := List{Page: page}
	// One more than fits tells whether there is a next page, without counting them all.
	err := s.db.Select(ctx, &list.Cards, "SELECT "+cardColumns+" FROM spus p WHERE p.is_launched = 1"+where+
		" ORDER BY "+orders[ParseSort(string(sort))]+" LIMIT ? OFFSET ?", append(args, pageSize+1, (page-1)*pageSize)...)
	if err != nil {
		return List{}, err
	}
	if len(list.Cards) > pageSize {
		list.Cards, list.HasNext = list.Cards[:pageSize], page < MaxPage
	}
	return list, nil
}

// likeEscapes makes a word literal inside LIKE … ESCAPE '!'. The backslash would need other writing on each database.
var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

const wordMatches = `(p.name LIKE ? ESCAPE '!' OR p.name_en LIKE ? ESCAPE '!' OR p.caption LIKE ? ESCAPE '!' OR p.caption_en LIKE ? ESCAPE '!'
	OR p.brand_id IN (SELECT b.id FROM brands b WHERE b.name LIKE ? ESCAPE '!' OR b.name_en LIKE ? ESCAPE '!')
	OR p.category3_id IN (SELECT c.id FROM categories c WHERE c.level = 3 AND (c.name LIKE ? ESCAPE '!' OR c.name_en LIKE ? ESCAPE '!'))
	OR p.category2_id IN (SELECT c.id FROM categories c WHERE c.level = 2 AND (c.name LIKE ? ESCAPE '!' OR c.name_en LIKE ? ESCAPE '!')))`

// matching is the condition for all words of q, "" when there are none.
func matching(q string) (where string, args []any, err error) {
	q = strings.ToValidUTF8(q, "") // MySQL refuses broken text
	if utf8.RuneCountInString(q) > MaxQuery {
		return "", nil, fault.Field("q", "搜索词最多 %d 个字", MaxQuery)
	}
	var parts []string
	for _, word := range strings.Fields(q) {
		parts = append(parts, wordMatches)
		for range strings.Count(wordMatches, "?") {
			args = append(args, "%"+likeEscapes.Replace(word)+"%")
		}
	}
	return strings.Join(parts, " AND "), args, nil
}
