package page

import (
	"net/url"
	"slices"
	"strings"

	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/store/search"
	"dashop/views/ui"
)

// listing is a list of cards with its address, so that sorts, filters and pages can be linked.
type listing struct {
	Path   string // such as /categories/5 or /search
	Q      string // what was searched for
	Usual  catalog.Sort
	Sort   catalog.Sort
	Filter catalog.Filter
	Facets catalog.Facets
	List   catalog.List
	Mark   search.Query // what to mark in the names
}

// address is the list in an order, narrowed by a filter, at a page. What is the default is left out.
func (l listing) address(sort catalog.Sort, f catalog.Filter, page int, after string) string {
	q := url.Values{}
	if l.Q != "" {
		q.Set("q", l.Q)
	}
	if sort != l.Usual {
		q.Set("sort", string(sort))
	}
	for _, id := range f.Brands {
		q.Add("brand", ui.ID(id))
	}
	for _, s := range f.Specs {
		q.Add("spec", specValue(s))
	}
	if f.Min > 0 {
		q.Set("min", plainYuan(f.Min))
	}
	if f.Max > 0 {
		q.Set("max", plainYuan(f.Max))
	}
	if f.InStock {
		q.Set("stock", "1")
	}
	last := catalog.MaxPage
	if l.Usual == catalog.SortBest && sort == catalog.SortBest && f.Empty() {
		last = catalog.MaxBestPage
	}
	if page > 1 && page <= last {
		q.Set("page", ui.ID(page))
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

func specValue(s catalog.SpecValue) string { return s.Name + ":" + s.Value }

// page is the address of a page of this list. The next one begins after a cursor, as this one does; of all others only the
// number is known.
func (l listing) page(n int) string {
	after := ""
	switch n {
	case l.List.Page + 1:
		after = l.List.Next
	case l.List.Page:
		after = l.List.After
	}
	return l.address(l.Sort, l.Filter, n, after)
}

// numbered says whether the number of this page is known: those after the last that has one have only a cursor.
func (l listing) numbered() bool { return l.List.Page > 1 || l.List.After == "" }

func (l listing) paging() ui.Paging {
	return ui.Paging{Page: l.List.Page, More: l.List.HasNext, Target: "#list", Href: l.page}
}

// first is the beginning of the list, with its order and filter.
func (l listing) first() string { return l.address(l.Sort, l.Filter, 1, "") }

// all is the list without any filter.
func (l listing) all() string { return l.address(l.Sort, catalog.Filter{}, 1, "") }

// sorts are the orders to choose from. Choosing the price again turns it round.
func (l listing) sorts(v ui.View) []ui.Sort {
	price, word := catalog.SortPrice, v.T("价格")
	switch l.Sort {
	case catalog.SortPrice:
		price, word = catalog.SortPriceDown, v.T("价格从低到高")
	case catalog.SortPriceDown:
		word = v.T("价格从高到低")
	}
	to := func(s catalog.Sort) string { return l.address(s, l.Filter, 1, "") }
	var sorts []ui.Sort
	if l.Usual == catalog.SortBest {
		sorts = append(sorts, ui.Sort{Label: v.T("综合"), Href: to(catalog.SortBest), Current: l.Sort == catalog.SortBest})
	}
	return append(sorts,
		ui.Sort{Label: v.T("新品"), Href: to(catalog.SortNew), Current: l.Sort == catalog.SortNew},
		ui.Sort{Label: v.T("销量"), Href: to(catalog.SortSales), Current: l.Sort == catalog.SortSales},
		ui.Sort{Label: word, Href: to(price), Icon: "arrow-up-down", Current: l.Sort == catalog.SortPrice ||
			l.Sort == catalog.SortPriceDown})
}

// choice is a box to tick in the filter.
type choice struct {
	id, name, value, label string
	count                  int64
	chosen                 bool
}

func (l listing) brands(v ui.View) []choice {
	var list []choice
	for _, b := range l.Facets.Brands {
		list = append(list, choice{"brand-" + ui.ID(b.ID), "brand", ui.ID(b.ID), v.Pick(b.Name, b.NameEN), b.Count,
			slices.Contains(l.Filter.Brands, b.ID)})
	}
	for _, id := range l.Filter.Brands { // what was chosen elsewhere stays to be unticked
		if !slices.ContainsFunc(l.Facets.Brands, func(b catalog.BrandFacet) bool { return b.ID == id }) {
			list = append(list, choice{"brand-" + ui.ID(id), "brand", ui.ID(id), v.T("其他品牌"), 0, true})
		}
	}
	return list
}

func (l listing) values(v ui.View, at int, s catalog.SpecFacet) []choice {
	var list []choice
	for i, o := range s.Values {
		value := catalog.SpecValue{Name: s.Name, Value: o.Value}
		list = append(list, choice{"spec-" + ui.ID(at) + "-" + ui.ID(i), "spec", specValue(value), v.Pick(o.Value, o.ValueEN), o.Count,
			slices.Contains(l.Filter.Specs, value)})
	}
	return list
}

// others are the chosen values that no group of the filter shows.
func (l listing) others() []catalog.SpecValue {
	return slices.DeleteFunc(slices.Clone(l.Filter.Specs), func(s catalog.SpecValue) bool {
		return slices.ContainsFunc(l.Facets.Specs, func(f catalog.SpecFacet) bool {
			return f.Name == s.Name && slices.ContainsFunc(f.Values, func(o catalog.ValueFacet) bool { return o.Value == s.Value })
		})
	})
}

// count is how many products a choice leads to, as far as it is known.
func (l listing) count(n int64) string {
	switch {
	case n == 0:
		return ""
	case l.Facets.AtLeast:
		return ui.Number(n) + "+"
	}
	return ui.Number(n)
}

// chips are the filters that are on, each with the way to switch it off.
func (l listing) chips(v ui.View) []ui.Link {
	var chips []ui.Link
	off := func(label string, f catalog.Filter) {
		chips = append(chips, ui.Link{Label: label, Href: l.address(l.Sort, f, 1, "")})
	}
	for _, b := range l.brands(v) {
		if b.chosen {
			f := l.Filter
			f.Brands = slices.DeleteFunc(slices.Clone(f.Brands), func(id int64) bool { return ui.ID(id) == b.value })
			off(b.label, f)
		}
	}
	for _, s := range l.Filter.Specs {
		f := l.Filter
		f.Specs = slices.DeleteFunc(slices.Clone(f.Specs), func(o catalog.SpecValue) bool { return o == s })
		off(l.words(v, s), f)
	}
	if l.Filter.Min > 0 || l.Filter.Max > 0 {
		f := l.Filter
		f.Min, f.Max = 0, 0
		off(priceRange(v, l.Filter), f)
	}
	if l.Filter.InStock {
		f := l.Filter
		f.InStock = false
		off(v.T("仅看有货"), f)
	}
	return chips
}

// words is a chosen value in the reader's language, where the list knows it.
func (l listing) words(v ui.View, s catalog.SpecValue) string {
	for _, f := range l.Facets.Specs {
		for _, o := range f.Values {
			if f.Name == s.Name && o.Value == s.Value {
				return v.Pick(o.Value, o.ValueEN)
			}
		}
	}
	return s.Value
}

func priceRange(v ui.View, f catalog.Filter) string {
	switch {
	case f.Max == 0:
		return v.T("%s 以上", ui.Yuan(f.Min))
	case f.Min == 0:
		return v.T("%s 以下", ui.Yuan(f.Max))
	}
	return ui.Yuan(f.Min) + "–" + ui.Yuan(f.Max)
}

// Results is what a search found. Wrong is set when nothing was searched for because of it.
type Results struct {
	Q     string
	Found catalog.Results
	Wrong string
}

func (r Results) listing() listing {
	usual := catalog.SortBest
	if r.Q == "" {
		usual = catalog.SortNew
	}
	return listing{Path: "/search", Q: r.Q, Usual: usual, Sort: r.Found.Sort, Filter: r.Found.Filter, Facets: r.Found.Facets,
		List: r.Found.List, Mark: r.Found.Query}
}

func (r Results) title(v ui.View) string {
	if r.Q == "" {
		return v.T("全部商品")
	}
	return v.T("“%s”的搜索结果", r.Q)
}

// CategoryListHref is the address of a piece of a category's list.
func CategoryListHref(category int64, ask catalog.Ask) string {
	l := listing{Path: ui.CategoryHref(category), Usual: catalog.SortNew}
	return l.address(ask.Sort, ask.Filter, ask.Page, ask.After)
}

// categoryList is a category as a list.
func categoryList(c catalog.CategoryPage) listing {
	return listing{Path: ui.CategoryHref(c.Category.ID), Usual: catalog.SortNew, Sort: c.Sort, Filter: c.Filter, Facets: c.Facets,
		List: c.List}
}

// wayTo is the breadcrumbs down a path of categories. The last of them is a link only if something stands behind it.
func wayTo(v ui.View, path []catalog.Category, here string) []ui.Link {
	way := []ui.Link{{Label: v.T("首页"), Href: "/"}}
	for _, c := range path {
		way = append(way, ui.Link{Label: v.Pick(c.Name, c.NameEN), Href: ui.CategoryHref(c.ID)})
	}
	if here != "" {
		way = append(way, ui.Link{Label: here})
	}
	return way
}

// navOf is the entry of the head's menu above a path of categories.
func navOf(path []catalog.Category) string {
	if len(path) == 0 {
		return ""
	}
	return "category-" + ui.ID(path[0].ID)
}

// SearchHref is the address of a search for some words.
func SearchHref(q string) string { return "/search?q=" + url.QueryEscape(q) }

// SearchListHref is the address of a piece of what a search finds.
func SearchListHref(q string, ask catalog.Ask) string {
	l := listing{Path: "/search", Q: q, Usual: catalog.SortBest}
	return l.address(ask.Sort, ask.Filter, ask.Page, ask.After)
}

// next is the address of the page after this one.
func (l listing) next() string { return l.address(l.Sort, l.Filter, 1, l.List.Next) }

// narrowed says whether there is something to narrow the list by.
func (l listing) narrowed() bool {
	return len(l.List.Cards) > 0 || !l.Filter.Empty() || len(l.Facets.Brands) > 0
}

func anyChosen(list []choice) bool {
	return slices.ContainsFunc(list, func(c choice) bool { return c.chosen })
}

// asked is a text as a search, to mark what it finds. One that is no search marks nothing.
func asked(q string) search.Query {
	query, err := search.Parse(q)
	if err != nil {
		return search.Query{}
	}
	return query
}

// plainYuan is an amount as it is typed: 100 or 99.90.
func plainYuan(f money.Fen) string { return strings.TrimSuffix(f.String(), ".00") }
