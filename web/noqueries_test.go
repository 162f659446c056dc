package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/recent"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// Somebody who is logged in and looks around asks the database nothing when asking for the same page again within a second.
func TestLookingAroundAgainAsksTheDatabaseNothing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"7"}})
		b.Post("/products/1001/favourite", nil)
		b.Get("/products/1002")
		s.Clock.Advance(time.Second)
		b.Get("/products/1001")
		for b.Cookie("moved") != "" { // the login of tests is of another node, as it were
			time.Sleep(100 * time.Millisecond)
		}
		var mu sync.Mutex
		var asked []string
		s.DB.OnStatement(func(statement string, _ []any) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, statement)
		})
		for _, path := range []string{"/", "/categories", "/categories/1", "/products/1001", "/products/1001?sku=100102",
			"/search?q=%E8%80%B3%E6%9C%BA"} {
			ask := func() (statements []string) {
				t.Helper()
				p, err := b.Send(http.MethodGet, path, nil)
				if err != nil || p.Status != http.StatusOK || !strings.HasPrefix(p.Text("header .count"), "7") {
					t.Fatalf("%s: %v, %d, a cart of %q", path, err, p.Status, p.Text("header .count"))
				}
				mu.Lock()
				defer mu.Unlock()
				statements, asked = asked, nil
				return statements
			}
			if len(ask()) == 0 && path == "/" {
				t.Error("the home page asks nothing at first, and this test shows nothing")
			}
			ask() // a page is kept at the second asking
			for {
				began := time.Now()
				ask()
				again := ask()
				if time.Since(began) >= recent.Life {
					continue // too slow to tell
				}
				if len(again) > 0 {
					t.Errorf("%s again asks %q", path, again)
				}
				break
			}
		}
		s.DB.OnStatement(func(string, []any) {})
	})
}

// While people buy, no page says that there is more than when the last of them was told to have bought: neither is what was read
// before a sale kept after it, nor is anybody given it.
func TestNoPageShowsMoreThanWasLeft(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		const pieces, buyers = 60, 4
		sku := storetest.SKU(t, s.DB, 9900, pieces)
		path := "/products/" + strconv.FormatInt(s.Int("SELECT spu_id FROM skus WHERE id = ?", sku), 10)
		var pages, left atomic.Int64 // left as somebody was told, at most
		left.Store(pieces)
		reader := s.Login("xiaoming")
		bought := make(chan struct{})
		var readers, all sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				for {
					most := left.Load()
					p, err := reader.Send(http.MethodGet, path, nil)
					if err != nil {
						t.Error(err)
						return
					}
					if shown, err := strconv.ParseInt(p.Attr("input[name=count]", "max"), 10, 64); err == nil {
						if pages.Add(1); shown > most {
							t.Errorf("%d shown; %d were left before", shown, most)
							return
						}
					}
					select {
					case <-bought:
						return
					default:
					}
				}
			})
		}
		for range buyers {
			all.Go(func() {
				for range pieces / buyers {
					s.Order(xiaoming, sku, 1)
					left.Add(-1)
				}
			})
		}
		all.Wait()
		close(bought)
		readers.Wait()
		if p := reader.Get(path); p.Has("input[name=count]") {
			t.Errorf("all are sold, and the page offers %s", p.Attr("input[name=count]", "max"))
		}
		if n := pages.Load(); n < buyers {
			t.Errorf("%d pages while there was stock: too few to show anything", n)
		}
	})
}
