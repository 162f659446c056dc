package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// saleStory is a shop with one product that is in one sale after the other.
type saleStory struct {
	*webtest.Shop
	t                  *testing.T
	sku, spu, category int64
	name               string
	ordinary           int64
	visitor, shopper   *webtest.Browser
}

// What a piece costs is the same everywhere at each moment: on cards, in the price filter, on the product page and in the words for
// machines, in a search, among favourites and in the basket; also on kept pages, and as windows open and close.
func TestOnePriceAtEachMoment(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		w := saleStory{Shop: s, t: t, visitor: s.Visitor(), shopper: s.Login("xiaoming")}
		w.sku = s.Int(`SELECT MIN(k.id) FROM skus k JOIN spus p ON p.id = k.spu_id WHERE p.is_launched = 1 AND p.is_virtual = 0 AND p.in_stock = 1 AND p.brand_id > 0
			AND (SELECT COUNT(*) FROM skus o WHERE o.spu_id = p.id) = 1 AND NOT EXISTS (SELECT 1 FROM promotion_skus r WHERE r.sku_id = k.id)`)
		w.spu = s.Int("SELECT spu_id FROM skus WHERE id = ?", w.sku)
		w.category = s.Int("SELECT category3_id FROM spus WHERE id = ?", w.spu)
		w.name = s.Text("SELECT name FROM spus WHERE id = ?", w.spu)
		w.ordinary = s.Int("SELECT price_fen FROM skus WHERE id = ?", w.sku)
		w.shopper.Post(fmt.Sprintf("/products/%d/favourite", w.spu), url.Values{})

		begin := s.Clock.Now().Add(time.Hour)
		for i, scope := range []struct {
			kind    string
			id      int64
			percent int64
		}{
			{"sku", w.sku, 90}, {"spu", w.spu, 80}, {"brand", s.Int("SELECT brand_id FROM spus WHERE id = ?", w.spu), 70}, {"category", w.category, 60},
		} {
			from := begin.Add(time.Duration(i) * 10 * time.Minute)
			to := from.Add(8 * time.Minute)
			s.Exec(`INSERT INTO promotions (kind, name, scope, percent, starts_at, ends_at, is_published, created_at) VALUES ('price', '限时折扣', ?, ?, ?, ?, 1, ?)`,
				scope.kind, scope.percent, from, to, s.Clock.Now())
			s.Exec("INSERT INTO promotion_targets (promotion_id, target_id) VALUES (?, ?)", s.Int("SELECT MAX(id) FROM promotions"), scope.id)
		}
		for i, percent := range []int64{90, 80, 70, 60} {
			from := begin.Add(time.Duration(i) * 10 * time.Minute)
			sale := (w.ordinary*percent + 50) / 100
			w.at(from.Add(-time.Millisecond), w.ordinary)
			w.at(from, sale)
			w.at(from.Add(time.Duration(rand.Int64N(int64(8*time.Minute)))), sale)
			w.at(from.Add(8*time.Minute-time.Millisecond), sale)
			w.at(from.Add(8*time.Minute), w.ordinary)
		}
	})
}

// at says what costs what at a moment. Each page is asked for thrice, so that it is kept in between.
func (w saleStory) at(moment time.Time, want int64) {
	w.t.Helper()
	w.Clock.Set(moment)
	w.Store.Sweep(w.t.Context())
	card := fmt.Sprintf(`article.pcard:has(a[href="/products/%d"]) .pcard__price [data-fen]`, w.spu)
	yuan := money.Fen(want).String()
	for _, look := range []struct {
		who            *webtest.Browser
		path, selector string
	}{
		{w.visitor, fmt.Sprintf("/categories/%d", w.category), card},
		{w.visitor, fmt.Sprintf("/categories/%d?min=%s&max=%s", w.category, yuan, yuan), card},
		{w.visitor, fmt.Sprintf("/products/%d", w.spu), ".product__price [data-fen]"},
		{w.visitor, "/search?q=" + url.QueryEscape(w.name), card},
		{w.shopper, fmt.Sprintf("/products/%d", w.spu), ".product__quick [data-fen]"},
		{w.shopper, "/account/favourites", card},
	} {
		for range 3 {
			p := look.who.Get(look.path)
			if got := p.Attr(look.selector, "data-fen"); got != fmt.Sprint(want) {
				w.t.Errorf("%s at %s: %q, not %d", look.path, moment.Format("15:04:05.000"), got, want)
			}
			if strings.HasPrefix(look.path, "/products/") && look.who == w.visitor && !strings.Contains(p.Body, `"price":"`+yuan+`"`) {
				w.t.Errorf("at %s machines read another price than %s", moment.Format("15:04:05.000"), yuan)
			}
		}
	}
	q, err := w.Store.Promo.Quote(w.t.Context(), w.DB, promo.Ask{Items: []promo.Item{{SKUID: w.sku, Count: 1}}})
	if err != nil || int64(q.Lines[0].Current()) != want {
		w.t.Errorf("the basket at %s: %+v, %v", moment.Format("15:04:05.000"), q.Lines, err)
	}
}

// The home page shows what is on, and announces what comes; each is a page of its own too. The browser is told the time beside the page.
func TestFlashPages(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Visitor()
		s.Store.Sweep(t.Context())
		for _, path := range []string{"/", "/flash", "/"} {
			p := b.Get(path)
			if got := p.Text("#flash h2"); !strings.Contains(got, "限时抢购") {
				t.Errorf("%s: %q", path, got)
			}
			if p.Fen(`#flash li:has(a[href*="sku=100503"]) [data-fen]`) != 47490 || p.Attr("#flash time", "data-until") == "" {
				t.Errorf("%s: %s", path, p.Text("#flash"))
			}
			if want := fmt.Sprintf(`now;desc="%d"`, s.Clock.Now().UnixMilli()); p.Header.Get("Server-Timing") != want {
				t.Errorf("%s tells the time %q", path, p.Header.Get("Server-Timing"))
			}
		}
		if p := b.Get("/products/1005?sku=100503"); p.Fen(".product__price [data-fen]") != 47490 || !strings.Contains(p.Text("#sale"), "每人限购 2 件") ||
			!strings.Contains(p.Text("#sale"), "本场仅剩 20 件") {
			t.Errorf("the product: %s", p.Text("#sale"))
		}
		no := s.Order(xiaoming, 100503, 2)
		if s.Int("SELECT goods_fen - discount_fen FROM orders WHERE order_no = ?", no) != 2*47490 || s.Int("SELECT quantity FROM promotion_skus WHERE sku_id = 100503") != 18 {
			t.Error("the order has not taken two pieces of the sale")
		}
		if p := b.Get("/products/1005?sku=100503"); !strings.Contains(p.Text("#sale"), "本场仅剩 18 件") {
			t.Errorf("after an order: %s", p.Text("#sale"))
		}
		storetest.CheckBooks(t, s.DB)
		s.Clock.Advance(40 * time.Minute)
		s.Store.Sweep(t.Context())
		if p := b.Get("/products/1005?sku=100503"); s.Status(no) != order.StatusCancelled || !strings.Contains(p.Text("#sale"), "本场仅剩 20 件") {
			t.Errorf("after it was cancelled (%d): %s", s.Status(no), p.Text("#sale"))
		}
		s.Clock.Advance(200 * time.Hour)
		s.Store.Sweep(t.Context())
		if p := b.Get("/products/1005?sku=100503"); p.Fen(".product__price [data-fen]") != 69900 || p.Has("#sale") {
			t.Errorf("after the end: %s", p.Text(".product__price"))
		}
		if p := b.Get("/"); p.Has("#flash li") {
			t.Errorf("after the end home shows %s", p.Text("#flash"))
		}
		if p := b.Get("/flash"); !strings.Contains(p.Text("#flash"), "现在没有限时抢购") {
			t.Errorf("after the end: %s", p.Text("#flash"))
		}
	})
}
