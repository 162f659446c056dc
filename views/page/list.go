package page

import (
	"net/url"

	"dashop/store/catalog"
	"dashop/views/ui"
)

// listing is a list of cards with its address, so that sorts and pages can be linked.
type listing struct {
	Path string // such as /categories/5 or /search
	Q    string // what was searched for
	Sort catalog.Sort
	List catalog.List
}

// href is the address of a page of the list in an order. What is the default is left out.
func (l listing) href(sort catalog.Sort, page int) string {
	q := url.Values{}
	if l.Q != "" {
		q.Set("q", l.Q)
	}
	if sort != catalog.SortNew {
		q.Set("sort", string(sort))
	}
	if page > 1 {
		q.Set("page", ui.ID(page))
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// sorts are the orders to choose from. Choosing the price again turns it round.
func (l listing) sorts(v ui.View) []ui.Sort {
	price, word := catalog.SortPrice, v.T("价格")
	switch l.Sort {
	case catalog.SortPrice:
		price, word = catalog.SortPriceDown, v.T("价格从低到高")
	case catalog.SortPriceDown:
		word = v.T("价格从高到低")
	}
	return []ui.Sort{
		{Label: v.T("新品"), Href: l.href(catalog.SortNew, 1), Current: l.Sort == catalog.SortNew},
		{Label: v.T("销量"), Href: l.href(catalog.SortSales, 1), Current: l.Sort == catalog.SortSales},
		{Label: word, Href: l.href(price, 1), Icon: "arrow-up-down", Current: l.Sort == catalog.SortPrice || l.Sort == catalog.SortPriceDown},
	}
}

func (l listing) paging() ui.Paging {
	return ui.Paging{Page: l.List.Page, More: l.List.HasNext, Target: "#list",
		Href: func(page int) string { return l.href(l.Sort, page) }}
}

// Results is what a search found. Wrong is set when nothing was searched for because of it.
type Results struct {
	Q     string
	Sort  catalog.Sort
	List  catalog.List
	Wrong string
}

func (r Results) listing() listing {
	return listing{Path: "/search", Q: r.Q, Sort: r.Sort, List: r.List}
}

func (r Results) title(v ui.View) string {
	if r.Q == "" {
		return v.T("全部商品")
	}
	return v.T("“%s”的搜索结果", r.Q)
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

func searchHref(q string) string { return "/search?q=" + url.QueryEscape(q) }
