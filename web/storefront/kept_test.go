package storefront_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/money"
	"dashop/store/recent"
	"dashop/store/storetest"
)

const firstPrice = "#product .product__price .money"

func (w window) price(path string) string {
	w.t.Helper()
	return w.page(path).Find(firstPrice).First().AttrOr("data-fen", "")
}

// A price or a stock that has changed is shown at once by the node that changed it, and within a second by another, whatever they
// keep.
func TestPricesAndStockOnTwoNodes(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d := storetest.Open(t, c)
			if _, err := demo.Load(context.Background(), d, nil, clock.Now(), nil); err != nil {
				t.Fatal(err)
			}
			here, there := openWindow(t, d, clock), openWindow(t, storetest.Open(t, c), clock)
			const page = "/products/1001?sku=100101"
			was := here.price(page)
			for range 2 { // a page is kept when it is asked for again
				if got := there.price(page); was == "" || got != was {
					t.Fatalf("%q and %q", was, got)
				}
			}
			for i, price := range []money.Fen{12300, 45600} {
				now := fmt.Sprint(int64(price))
				storetest.Exec(t, d, "UPDATE skus SET price_fen = ? WHERE id = 100101", price)
				if got := here.price(page); got != now {
					t.Errorf("here: %s after the price became %s", got, now)
				}
				if got := there.price(page); got != was {
					t.Errorf("there: %s at once; then nothing was kept, and this test shows nothing", got)
				}
				clock.Advance(time.Second)
				if got := there.price(page); got != now {
					t.Errorf("%d: there %s a second after the price became %s", i, got, now)
				}
				was = now
			}
			for _, left := range []struct {
				n    int
				says string
			}{{3, "仅剩 3 件"}, {0, "缺货"}, {500, "有货"}} {
				there.page(page)
				asked := time.Now()
				storetest.Exec(t, d, "UPDATE stocks SET quantity = ? WHERE sku_id = 100101", left.n)
				if strings.Contains(there.page(page).Find(".product__stock").Text(), left.says) && time.Since(asked) < recent.Life/2 {
					t.Errorf("%d left: there at once; then nothing was kept, and this test shows nothing", left.n)
				}
				for _, w := range []window{here, there} {
					if w == there {
						time.Sleep(time.Until(asked.Add(recent.Life)))
					}
					for _, header := range [][]string{nil, {"HX-Request", "true"}} {
						doc := w.page(page, header...)
						if got := doc.Find(".product__stock").Text(); !strings.Contains(got, left.says) {
							t.Errorf("%d left: %s", left.n, got)
						}
						if most := doc.Find("input[name=count]").AttrOr("max", ""); left.n > 0 && most != fmt.Sprint(min(left.n, 99)) {
							t.Errorf("%d left, the stepper goes to %s", left.n, most)
						}
					}
				}
			}
		})
	}
}

// Addresses of somebody's making take no memory, and neither does what is not there.
func TestHostileAddressesAreNotKept(t *testing.T) {
	eachWindow(t, func(w window) {
		for _, path := range []string{"/", "/categories/1", "/categories/1?sort=price", "/products/1001"} {
			w.page(path)
			w.page(path)
		}
		before := w.kept.Weight()
		if before < 50_000 {
			t.Fatalf("%d bytes are kept", before)
		}
		for i := range 40 {
			for _, path := range []string{"/?x=%d", "/?q=%d", "/categories/1?x=%d", "/categories/1?sort=%d", "/categories/1?brand=%d",
				"/categories/1?min=%d", "/categories/1?after=%d",
				"/categories/%d00000", "/products/1001?sku=%d", "/products/1001?y=%d", "/products/%d00000", "/search?q=x%d",
				"/categories/1?spec=a:%d"} {
				w.get(fmt.Sprintf(path, i+3))
			}
		}
		if after := w.kept.Weight(); after != before {
			t.Errorf("%d bytes are kept after hostile addresses, %d before", after, before)
		}
	})
}

// What a page does not read of its address makes no other page of it, and is nowhere on it. What it reads is found however it is written.
func TestOtherAddressesOfAKeptPage(t *testing.T) {
	eachWindow(t, func(w window) {
		*w.version = func(context.Context) (int64, error) { return 1, nil } // so that a page that is kept stays as it is
		pages := map[string][]string{
			"/":                                      {"/?utm_source=evil", "/?gclid=evil&sort=evil", "/?"},
			"/categories":                            {"/categories?spm=evil"},
			"/categories/1":                          {"/categories/1?from=evil", "/categories/1?page=1&sort=evil", "/categories/1?brand=evil&min=evil&after="},
			"/categories/1?sort=price":               {"/categories/1?page=1&sort=price", "/categories/1?x=evil&sor%74=pric%65", "/categories/1?sort=price&sort=evil"},
			"/categories/1?min=1&sort=price&stock=1": {"/categories/1?stock=1&sort=price&min=1.00&evil"},
			"/categories/5?page=2":                   {"/categories/5?page=2&utm_term=evil", "/categories/5?brand=&page=2"},
			"/products/1001":                         {"/products/1001?from=evil", "/products/1001?sku=123&evil"},
			"/products/1001?sku=100102":              {"/products/1001?spm=evil&sku=100102"},
			"/search?q=%E8%80%B3%E6%9C%BA":           {"/search?utm_source=evil&q=耳机", "/search/?q=耳机", "/search?q=%e8%80%b3%e6%9c%ba&sort=evil"},
		}
		whole := map[string]string{}
		text := func(path string) string {
			t.Helper()
			doc := w.page(path)
			html, err := doc.Html()
			if err != nil || strings.Contains(html, "evil") {
				w.t.Errorf("%s: %v, or a stranger's word is on the page", path, err)
			}
			return html
		}
		for path, others := range pages {
			for i, other := range append(others, path) { // kept as a stranger asked for it
				html := text(other)
				if i > 0 && html != whole[path] {
					w.t.Errorf("%s is another page than %s", other, others[0])
				}
				whole[path] = html
			}
		}
		before := w.kept.Weight()
		storetest.Exec(w.t, w.db, "UPDATE spus SET name = 'another name'")
		for path, others := range pages {
			for _, other := range append(others, path) {
				if text(other) != whole[path] {
					w.t.Errorf("%s is not the kept page of %s", other, path)
				}
			}
		}
		if after := w.kept.Weight(); after != before {
			w.t.Errorf("%d bytes are kept, %d before", after, before)
		}
	})
}

// Without a version nothing is kept and nothing is old; without a menu a page is shown, but not kept.
func TestPagesWithoutAVersion(t *testing.T) {
	eachWindow(t, func(w window) {
		menu, version := w.site.Menu, *w.version
		var broken atomic.Bool
		broken.Store(true)
		*w.version = func(ctx context.Context) (int64, error) {
			if broken.Load() {
				return 0, errors.New("out of order")
			}
			return version(ctx)
		}
		for _, price := range []string{"11100", "22200"} {
			storetest.Exec(t, w.db, "UPDATE skus SET price_fen = ? WHERE id = 100101", price)
			if got := w.price("/products/1001?sku=100101"); got != price {
				t.Errorf("%s, want %s", got, price)
			}
		}
		if n := w.kept.Weight(); n != 0 {
			t.Errorf("%d bytes are kept of no version", n)
		}
		broken.Store(false)
		w.site.Menu = func(context.Context) ([]catalog.MenuGroup, error) { return nil, errors.New("out of order") }
		if w.page("/").Find(".pcard").Length() == 0 {
			t.Error("no page without a menu")
		}
		w.site.Menu = menu
		if w.page("/").Find(".cats__group").Length() == 0 {
			t.Error("the page without a menu was kept")
		}
	})
}

// While a price rises again and again, no page shows one that was past already when it was asked for, and no page is broken.
func TestKeptPagesAreNeverOlder(t *testing.T) {
	d, clock := storetest.Open(t, storetest.Config(t, db.SQLite)), storetest.NewClock()
	if _, err := demo.Load(context.Background(), d, nil, clock.Now(), nil); err != nil {
		t.Fatal(err)
	}
	w := openWindow(t, d, clock)
	const page = "/products/1001?sku=100101"
	var shown atomic.Int64 // the price that is committed
	shown.Store(1)
	storetest.Exec(t, w.db, "UPDATE skus SET price_fen = 1 WHERE id = 100101")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 6 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := shown.Load()
				got, err := strconv.ParseInt(w.price(page), 10, 64)
				if err != nil || got < least {
					t.Errorf("%d, %v; it was %d before", got, err, least)
					return
				}
			}
		})
	}
	for price := int64(2); price < 25; price++ {
		storetest.Exec(t, w.db, "UPDATE skus SET price_fen = ? WHERE id = 100101", price)
		shown.Store(price)
	}
	close(stop)
	readers.Wait()
}
