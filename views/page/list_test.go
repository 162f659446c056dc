package page

import (
	"testing"

	"dashop/store/catalog"
)

// Pages have numbers as long as they are found by them for what a cursor costs; then only the cursor is named.
func TestNumbersOfPages(t *testing.T) {
	filter := catalog.Filter{InStock: true}
	for _, test := range []struct {
		l    listing
		want string
	}{
		{listing{Path: "/search", Q: "a", Usual: catalog.SortBest, Sort: catalog.SortBest, List: catalog.List{Page: 4, Next: "x"}},
			"/search?after=x&page=5&q=a"},
		{listing{Path: "/search", Q: "a", Usual: catalog.SortBest, Sort: catalog.SortBest, List: catalog.List{Page: 5, Next: "x"}},
			"/search?after=x&q=a"},
		{listing{Path: "/search", Q: "a", Usual: catalog.SortBest, Sort: catalog.SortBest, Filter: filter, List: catalog.List{Page: 5, Next: "x"}},
			"/search?after=x&page=6&q=a&stock=1"},
		{listing{Path: "/search", Q: "a", Usual: catalog.SortBest, Sort: catalog.SortSales, List: catalog.List{Page: 5, Next: "x"}},
			"/search?after=x&page=6&q=a&sort=sales"},
		{listing{Path: "/categories/5", Usual: catalog.SortNew, Sort: catalog.SortNew, List: catalog.List{Page: 99, Next: "x"}},
			"/categories/5?after=x&page=100"},
		{listing{Path: "/categories/5", Usual: catalog.SortNew, Sort: catalog.SortNew, List: catalog.List{Page: 100, Next: "x"}},
			"/categories/5?after=x"},
	} {
		if got := test.l.page(test.l.List.Page + 1); got != test.want {
			t.Errorf("after page %d: %s, want %s", test.l.List.Page, got, test.want)
		}
	}
}
