package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// eachDemo runs a test on the demo shop in each database.
func eachDemo(t *testing.T, test func(t *testing.T, s *catalog.Service, d *db.DB, clock *storetest.Clock)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if _, err := demo.Load(ctx, d, nil, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		test(t, catalog.New(d, clock.Now), d, clock)
	})
}

func ids(cards []catalog.Card) []int64 {
	var list []int64
	for _, c := range cards {
		list = append(list, c.SPUID)
	}
	return list
}

func TestMenuOffersOnlyWhatIsOnSale(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, clock *storetest.Clock) {
		names := func() string {
			menu, err := s.Menu(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, g := range menu {
				for _, c := range g.Categories {
					all = append(all, c.Name)
					for _, child := range c.Children {
						all = append(all, child.Name)
					}
				}
			}
			return strings.Join(all, " ")
		}
		got := names()
		if !strings.HasPrefix(got, "手机数码 手机通讯 影音设备") || !strings.Contains(got, "图书课程 ") {
			t.Errorf("menu: %s", got)
		}
		if strings.Contains(got, "电子书") || strings.Contains(got, "编程课程") {
			t.Errorf("the menu offers categories with nothing on sale: %s", got)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE category1_id = 11")
		clock.Advance(2 * time.Minute)
		if got := names(); strings.Contains(got, "图书课程") {
			t.Errorf("the menu still offers an emptied category: %s", got)
		}
	})
}

func TestCategory(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		for id, level := range map[int64]int{5: 1, 501: 2, 50101: 3} {
			column := fmt.Sprintf("category%d_id", level)
			var want []int64
			if err := d.Select(ctx, &want, "SELECT id FROM spus WHERE is_launched = 1 AND "+column+" = ? ORDER BY min_price_fen, id",
				id); err != nil {
				t.Fatal(err)
			}
			var got []int64
			for page := 1; ; page++ {
				c, err := s.Category(ctx, id, catalog.Ask{Sort: catalog.SortPrice, Page: page})
				if err != nil {
					t.Fatal(err)
				}
				if len(c.Path) != level || c.Path[level-1].ID != id || c.List.Page != page {
					t.Errorf("category %d: path %v, page %d", id, c.Path, c.List.Page)
				}
				got = append(got, ids(c.List.Cards)...)
				if !c.List.HasNext {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("category %d (-want +got):\n%s", id, diff)
			}
		}
	})
}

func TestSorts(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		inOrder := map[catalog.Sort]func(a, b catalog.Card) bool{
			catalog.SortNew:       func(a, b catalog.Card) bool { return !a.CreatedAt.Before(b.CreatedAt) },
			catalog.SortPrice:     func(a, b catalog.Card) bool { return a.MinPrice <= b.MinPrice },
			catalog.SortPriceDown: func(a, b catalog.Card) bool { return a.MinPrice >= b.MinPrice },
			catalog.SortSales:     func(a, b catalog.Card) bool { return a.Sales >= b.Sales },
			"no such order":       func(a, b catalog.Card) bool { return !a.CreatedAt.Before(b.CreatedAt) },
		}
		for sort, ok := range inOrder {
			c, err := s.Category(ctx, 5, catalog.Ask{Sort: sort, Page: 1})
			if err != nil || len(c.List.Cards) != 20 || !c.List.HasNext {
				t.Fatalf("%s: %d cards, next %v, %v", sort, len(c.List.Cards), c.List.HasNext, err)
			}
			for i := 1; i < len(c.List.Cards); i++ {
				if !ok(c.List.Cards[i-1], c.List.Cards[i]) {
					t.Errorf("%s: card %d stands before card %d", sort, i-1, i)
				}
			}
		}
	})
}

func TestCategoryFaults(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		for _, c := range []struct {
			id   int64
			page int
		}{{999999, 1}, {-1, 1}, {5, 0}, {5, -1}, {5, 101}} {
			if _, err := s.Category(ctx, c.id, catalog.Ask{Page: c.page}); !fault.Is(err, fault.NotFound) {
				t.Errorf("category %d page %d: %v; want NotFound", c.id, c.page, err)
			}
		}
		// Past the end is an empty page: the goods may have become fewer since the shopper came.
		c, err := s.Category(ctx, 5, catalog.Ask{Page: 100})
		if err != nil || len(c.List.Cards) != 0 || c.List.HasNext {
			t.Errorf("page past the end: %+v, %v", c.List, err)
		}
	})
}

func TestSoldOutStaysAndUnlaunchedGoes(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		// 1163 is sold out; 1154 is not launched; 1183 is a course.
		soldOut, err := s.Search(ctx, "", catalog.Ask{Page: 1})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int64]catalog.Card{}
		for page := 1; ; page++ {
			for _, c := range soldOut.List.Cards {
				seen[c.SPUID] = c
			}
			if !soldOut.List.HasNext {
				break
			}
			if soldOut, err = s.Search(ctx, "", catalog.Ask{Page: page + 1}); err != nil {
				t.Fatal(err)
			}
		}
		if c, ok := seen[1163]; !ok || c.InStock {
			t.Errorf("the sold-out product: %+v, listed %v", c, ok)
		}
		for _, id := range []int64{1154, 1183} {
			if _, ok := seen[id]; ok {
				t.Errorf("product %d is listed", id)
			}
			if _, err := s.Product(ctx, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("product %d: %v; want NotFound", id, err)
			}
		}
		if len(seen) != 189 {
			t.Errorf("%d products are listed, want 189", len(seen))
		}
	})
}

func TestSearch(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		for q, want := range map[string][]int64{
			"降噪耳机":         {1005},
			"  h9   澄音 ":   {1005}, // words in any order, either language's letters in any case
			"chengyin H9":  {1005},
			"零基础 Go 语言实战课": nil, // not launched
			"\xff降噪耳机":     {1005},
			"澄音造 耳机":       {1005}, // the brand is 澄音造 where the goods say 澄音
			"%":            nil,    // no word at all
			"_":            nil,
			`\`:            nil,
		} {
			r, err := s.Search(ctx, q, catalog.Ask{Page: 1})
			if r.Near {
				r.List.Cards = nil
			}
			if diff := cmp.Diff(want, ids(r.List.Cards)); err != nil || diff != "" {
				t.Errorf("search %q: %v (-want +got):\n%s", q, err, diff)
			}
		}
		if _, err := s.Search(ctx, strings.Repeat("茶", 64), catalog.Ask{Page: 1}); err != nil {
			t.Errorf("64 characters: %v", err)
		}
		if _, err := s.Search(ctx, strings.Repeat("a ", 33), catalog.Ask{Page: 1}); !fault.Is(err, fault.Invalid) {
			t.Errorf("65 characters: %v; want Invalid", err)
		}
		if _, err := s.Search(ctx, "茶", catalog.Ask{Page: 101}); !fault.Is(err, fault.NotFound) {
			t.Errorf("page 101: %v; want NotFound", err)
		}
	})
}

func TestSuggest(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		cards, err := s.Suggest(ctx, "耳机")
		if err != nil || len(cards) < 2 || cards[0].Sales < cards[1].Sales {
			t.Errorf("耳机 suggests %v, %v", ids(cards), err)
		}
		for _, q := range []string{"", "   ", strings.Repeat("茶", 65)} {
			if cards, err := s.Suggest(ctx, q); err != nil || len(cards) != 0 {
				t.Errorf("%q suggests %v, %v; want nothing", q, ids(cards), err)
			}
		}
	})
}

func TestHome(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, clock *storetest.Clock) {
		h, err := s.Home(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, section := range h.Sections {
			keys = append(keys, section.Key)
		}
		if diff := cmp.Diff([]string{"new", "pick", "fresh", "popular"}, keys); diff != "" {
			t.Error(diff)
		}
		if got := ids(h.Sections[0].Cards)[:2]; !cmp.Equal(got, []int64{1001, 1049}) {
			t.Errorf("the new section begins with %v", got)
		}
		if len(h.Banners) != 5 || h.Banners[0].TargetType != "category" || h.Banners[0].TargetID != 3 {
			t.Errorf("banners %+v", h.Banners)
		}
		// What goes off sale takes its advertisements with it.
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 1001 OR category1_id = 3")
		clock.Advance(2 * time.Minute)
		if h, err = s.Home(ctx); err != nil {
			t.Fatal(err)
		}
		if got := ids(h.Sections[0].Cards)[0]; got != 1049 || len(h.Banners) != 4 {
			t.Errorf("after that the new section begins with %d, and there are %d banners", got, len(h.Banners))
		}
	})
}
