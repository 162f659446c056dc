package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/search"
)

const (
	suggestions = 8
	// facetHits is how many of the first hits a search counts brands and specs of.
	facetHits = 100
	// MaxBestPage is the last page of a search in its own order that has a number: to find it, no more hits are looked at than are counted
	// anyway. Those after it are found by their cursor alone.
	MaxBestPage = 5
)

// Results is what a search found.
type Results struct {
	Query  search.Query
	Sort   Sort
	Filter Filter
	List   List
	Facets Facets
	Near   bool // nothing had all the words: these come close
	// Popular is to look at where nothing was found.
	Popular []Card
}

// OfSearch is what a search for some words answers when it is asked for a page: the one whose cursor is named, without a number after
// MaxBestPage, or the last that has a number.
func (a Ask) OfSearch() Ask {
	if a.Sort == SortBest && a.Filter.Empty() && a.Page > MaxBestPage {
		if a.Page = MaxBestPage; a.After != "" {
			a.Page = 1
		}
	}
	return a
}

// Finder is the search behind the catalogue, for its log and its upkeep.
func (s *Service) Finder() *search.Service { return s.finder }

// Search is a page of the launched products that have all words of q in their name, caption, brand, category or
// description, in either language or by pinyin; without any, of those that come close. An empty q lists all products, the
// newest first. A q of more than MaxQuery characters is Invalid.
func (s *Service) Search(ctx context.Context, q string, ask Ask) (_ Results, err error) {
	defer fault.Wrap(&err, "search for %q", q)
	query, err := search.Parse(q)
	if err != nil {
		return Results{}, err
	}
	ask.Sort = ParseSearchSort(string(ask.Sort))
	found := Results{Query: query, Sort: ask.Sort, Filter: ask.Filter}
	switch {
	case ask.Page < 1 || ask.Page > MaxPage:
		return Results{}, fault.Missing()
	case query.Text == "":
		ask.Sort = ParseSort(string(ask.Sort))
		found.Sort = ask.Sort
		if found.List, err = s.list(ctx, wholeShop, ask); err == nil {
			found.Facets, err = s.facets(ctx, 0)
		}
	case ask.Sort == SortBest && ask.Filter.Empty():
		err = s.best(ctx, &found, ask.OfSearch())
	default:
		err = s.sorted(ctx, &found, ask)
	}
	if err != nil {
		return Results{}, err
	}
	if q := query.Text; q != "" && ask.Page == 1 && ask.After == "" && (found.Near || len(found.List.Cards) == 0 && ask.Filter.Empty()) {
		s.finder.Missed(query)
	}
	found.Popular, err = s.popularIfEmpty(ctx, found.List)
	return found, err
}

// best lists hits as they come from the index.
func (s *Service) best(ctx context.Context, r *Results, ask Ask) error {
	after, err := parseHit(ask.After)
	if err != nil {
		return err
	}
	skip, want := 0, pageSize+1
	if after == nil { // these are also counted by what they are
		skip = (ask.Page - 1) * pageSize
		want = max(skip+want, facetHits)
	}
	found, err := s.finder.Find(ctx, r.Query, after, want)
	if err != nil {
		return err
	}
	hits := found.Hits
	if after == nil {
		err = s.countHits(ctx, r, hits, found.More)
	} else {
		err = s.countFirst(ctx, r)
	}
	if err != nil {
		return err
	}
	hits = hits[min(skip, len(hits)):]
	r.Near = found.Near
	r.List = List{Page: ask.Page, After: ask.After}
	if len(hits) > pageSize {
		hits = hits[:pageSize]
		r.List.HasNext, r.List.Next = true, hitCursor(hits[pageSize-1])
	}
	r.List.Cards, err = s.cards(ctx, hitIDs(hits))
	return err
}

func hitIDs(hits []search.Hit) []int64 {
	list := make([]int64, len(hits))
	for i, h := range hits {
		list[i] = h.SPUID
	}
	return list
}

func (s *Service) countHits(ctx context.Context, r *Results, hits []search.Hit, more bool) (err error) {
	r.Facets, err = s.facetsOf(ctx, hitIDs(hits[:min(facetHits, len(hits))]))
	r.Facets.AtLeast = more || len(hits) > facetHits
	return err
}

func (s *Service) countFirst(ctx context.Context, r *Results) error {
	found, err := s.finder.Find(ctx, r.Query, nil, facetHits)
	if err != nil {
		return err
	}
	return s.countHits(ctx, r, found.Hits, found.More)
}

// sorted narrows and sorts hits, of which there are at most search.MostHits.
func (s *Service) sorted(ctx context.Context, r *Results, ask Ask) error {
	found, err := s.finder.Find(ctx, r.Query, nil, search.MostHits)
	if err != nil {
		return err
	}
	r.Near = found.Near
	if err := s.countHits(ctx, r, found.Hits, found.More); err != nil {
		return err
	}
	hitOf := make(map[int64]search.Hit, len(found.Hits))
	for _, h := range found.Hits {
		hitOf[h.SPUID] = h
	}
	hits := hitIDs(found.Hits)
	if !ask.Filter.Empty() {
		passed, err := s.matching(ctx, ask.Filter, hits)
		if err != nil {
			return err
		}
		hits = slices.DeleteFunc(hits, func(id int64) bool { return !passed[id] })
	}
	r.List = List{Page: ask.Page, After: ask.After}
	if ask.Sort == SortBest {
		return s.pageOfHits(ctx, r, ask, hits, hitOf)
	}
	return s.pageOfSorted(ctx, r, ask, hits)
}

// pageOfHits cuts a page from hits in their own order.
func (s *Service) pageOfHits(ctx context.Context, r *Results, ask Ask, hits []int64, hitOf map[int64]search.Hit) error {
	after, err := parseHit(ask.After)
	if err != nil {
		return err
	}
	skip := min((ask.Page-1)*pageSize, len(hits))
	if after != nil {
		skip = len(hits)
		if i := slices.IndexFunc(hits, func(id int64) bool { return after.Before(hitOf[id]) }); i >= 0 {
			skip = i
		}
	}
	hits = hits[skip:]
	if len(hits) > pageSize {
		hits = hits[:pageSize]
		r.List.HasNext, r.List.Next = true, hitCursor(hitOf[hits[pageSize-1]])
	}
	r.List.Cards, err = s.cards(ctx, hits)
	return err
}

// pageOfSorted cuts a page from hits in another order.
func (s *Service) pageOfSorted(ctx context.Context, r *Results, ask Ask, hits []int64) error {
	after, err := parseAfter(ask.Sort, ask.After)
	if err != nil || len(hits) == 0 {
		return err
	}
	o, name := orders[ask.Sort], "number"
	if ask.Sort == SortNew {
		name = "time"
	}
	var keys []key
	query, args := db.In(fmt.Sprintf("SELECT p.id, %s AS %s FROM spus p WHERE %s", o.column, name, launchedOf), hits)
	if err := s.db.Select(ctx, &keys, query, args...); err != nil {
		return err
	}
	compare := func(a, b key) int {
		n := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
		if o.down {
			return -n
		}
		return n
	}
	slices.SortFunc(keys, compare)
	if after != nil {
		if ask.Sort == SortNew {
			after.Number = 0
		}
		keys = slices.DeleteFunc(keys, func(k key) bool { return compare(k, *after) <= 0 })
	} else {
		keys = keys[min((ask.Page-1)*pageSize, len(keys)):]
	}
	if len(keys) > pageSize {
		keys = keys[:pageSize]
		r.List.HasNext, r.List.Next = true, cursorAt(ask.Sort, keys[pageSize-1])
	}
	r.List.Cards, err = s.cards(ctx, ids(keys))
	return err
}

// Suggest are the first products that Search would find, for the list under the search box. An empty or too long q has none.
func (s *Service) Suggest(ctx context.Context, q string) (_ []Card, err error) {
	defer fault.Wrap(&err, "suggest for %q", q)
	query, err := search.Parse(q)
	if err != nil {
		return nil, nil
	}
	found, err := s.finder.Exact(ctx, query, suggestions)
	if err != nil {
		return nil, err
	}
	return s.cards(ctx, hitIDs(found.Hits))
}
