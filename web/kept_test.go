package web_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/catalog/desk"
	"dashop/store/review"
	"dashop/web"
	"dashop/web/webtest"
)

// looks are what is asked for of each kept page: plain and compressed, whole and in part, in both languages and all themes.
var looks = []http.Header{
	{},
	{"Accept-Encoding": {"gzip"}},
	{"Accept-Language": {"en"}, "Accept-Encoding": {"gzip"}},
	{"Cookie": {"theme=dark"}},
	{"HX-Request": {"true"}},
}

var keptPaths = []string{"/", "/categories", "/search?q=%E8%80%B3%E6%9C%BA", "/categories/1", "/categories/1?sort=-price",
	"/products/1001", "/products/1001?sku=100102", "/products/1002"}

// fetch asks an app for a page as the browser would, and gives its status and text.
func fetch(t *testing.T, app *fiber.App, path string, b *webtest.Browser, header http.Header) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if header != nil {
		r.Header = header.Clone()
	}
	for _, name := range []string{"sid", "seen"} {
		if v := b.Cookie(name); v != "" {
			r.Header.Add("Cookie", name+"="+v)
		}
	}
	if cookies := r.Header["Cookie"]; len(cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	res, err := app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := io.Reader(res.Body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s %v: %v", path, header, err)
	}
	return res.StatusCode, string(text)
}

// twin is a shop's app that keeps pages, and one over the same store that makes each anew.
type twin struct {
	*testing.T
	keeps, afresh *fiber.App
	paths         []string
	looks         []http.Header
}

func newTwin(t *testing.T, s *webtest.Shop) twin {
	t.Helper()
	keeps, err := web.New(s.Deps)
	if err != nil {
		t.Fatal(err)
	}
	afresh, err := web.Afresh(s.Deps)
	if err != nil {
		t.Fatal(err)
	}
	return twin{t, keeps, afresh, keptPaths, looks}
}

var requestID = regexp.MustCompile(`[0-9a-f]{16}`)

// same asks both for all pages in all looks, for each of some people, and has them answer alike.
func (w twin) same(when string, people ...*webtest.Browser) {
	w.Helper()
	for _, path := range w.paths {
		for i, header := range w.looks {
			for j, b := range people {
				status, got := fetch(w.T, w.keeps, path, b, header)
				wanted, want := fetch(w.T, w.afresh, path, b, header)
				if status != wanted || requestID.ReplaceAllString(got, "") != requestID.ReplaceAllString(want, "") {
					w.Errorf("%s: %s, look %d, person %d: %d with %d bytes, made afresh %d with %d: %s", when, path, i, j, status,
						len(got), wanted, len(want), firstDifference(got, want))
					return
				}
			}
		}
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-60):min(len(s), i+80)] }
	return "…" + cut(a) + "… in place of …" + cut(b) + "…"
}

// What is kept of a page holds nothing of the person who asked first, and what belongs to a person is as it is now. Three
// people look at each page in turn: one with a name, a cart, a favourite and a history, one with nothing, and a stranger.
func TestKeptPagesHoldNobody(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		const name = "独一无二的名字"
		s.Exec("UPDATE users SET nickname = ? WHERE username = 'xiaoming'", name)
		s.User("other", account.Shopper)
		rich, poor, stranger, owner := s.Login("xiaoming"), s.Login("other"), s.Visitor(), s.Login("owner")
		rich.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"7"}})
		rich.Post("/products/1001/favourite", nil)
		rich.Get("/products/1001")
		w := newTwin(t, s)
		w.same("at first", rich, poor, stranger, owner)
		w.same("again", stranger, owner, poor, rich)
		for _, path := range keptPaths {
			_, mine := fetch(t, w.keeps, path, rich, nil)
			if !strings.Contains(mine, name) || !strings.Contains(mine, `<span class="count">7<`) {
				t.Errorf("%s without the name or the cart of its reader", path)
			}
			if heart := strings.Contains(mine, "已收藏"); heart != strings.HasPrefix(path, "/products/1001") {
				t.Errorf("%s: favourite %v", path, heart)
			}
			for who, b := range map[string]*webtest.Browser{"stranger": stranger, "other": poor} {
				_, theirs := fetch(t, w.keeps, path, b, nil)
				if strings.Contains(theirs, name) || strings.Contains(theirs, `class="count"`) || strings.Contains(theirs, "已收藏") ||
					strings.Contains(theirs, "猜你喜欢") {
					t.Errorf("%s shows the %s what is another's", path, who)
				}
			}
		}
		rich.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
		w.same("after a purchase more, with its notice", poor, stranger)
		if _, mine := fetch(t, w.keeps, "/", rich, nil); !strings.Contains(mine, `<span class="count">8<`) {
			t.Error("the cart's number is old")
		}
		if err := s.Store.Account.SetNickname(context.Background(), xiaoming, "别的名字"); err != nil {
			t.Fatal(err)
		}
		w.same("after the name changed", rich, poor, stranger)
	})
}

// After every sort of write the next page is as if nothing were kept.
func TestKeptPagesFollowEveryWrite(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		ctx, c, merchant, reviews := context.Background(), s.Store.Catalog, s.Store.Desk, s.Store.Reviews
		b, stranger, reader := s.Login("xiaoming"), s.Visitor(), s.Login("teacher")
		owner := s.Int("SELECT id FROM users WHERE username = 'owner'")
		no := twoItems(s, b)
		was := s.Int("SELECT sku_id FROM order_items WHERE line = 1")
		s.Exec("UPDATE order_items SET spu_id = 1001, sku_id = 100101 WHERE line = 1")
		written := s.Int("SELECT MIN(id) FROM reviews WHERE spu_id = 1001")
		save := func(spu int64, change func(*desk.ProductInput, []desk.SKUInput)) func() error {
			return func() error {
				e, err := merchant.Editing(ctx, spu)
				if err != nil {
					return err
				}
				var skus []desk.SKUInput
				for _, k := range e.SKUs {
					skus = append(skus, k.SKUInput)
				}
				change(&e.Input, skus)
				return merchant.SaveProduct(ctx, owner, spu, e.Input, skus)
			}
		}
		raw := func(query string, args ...any) func() error {
			return func() error { s.Exec(query, args...); return nil }
		}
		w := newTwin(t, s)
		w.paths, w.looks = []string{"/", "/categories", "/categories/1", "/products/1001", "/search?q=%E8%80%B3%E6%9C%BA"}, looks[1:2]
		w.same("at first", stranger, reader)
		for _, step := range []struct {
			what string
			do   func() error
		}{
			{"price", save(1001, func(_ *desk.ProductInput, skus []desk.SKUInput) { skus[0].Price += 700 })},
			{"name", save(1001, func(p *desk.ProductInput, _ []desk.SKUInput) { p.Name += "新" })},
			{"taken off sale", save(1001, func(p *desk.ProductInput, _ []desk.SKUInput) { p.Launched = false })},
			{"launched", save(1001, func(p *desk.ProductInput, _ []desk.SKUInput) { p.Launched = true })},
			{"one variant off sale", save(1001, func(_ *desk.ProductInput, skus []desk.SKUInput) { skus[1].Launched = false })},
			{"reply", func() error { return reviews.Reply(ctx, owner, written, "谢谢") }},
			{"hidden review", func() error { return reviews.Hide(ctx, owner, written, "测试") }},
			{"shown review", func() error { return reviews.Unhide(ctx, owner, written) }},
			{"review", func() error {
				return s.Store.Order.Review(ctx, xiaoming, no, 1, review.Input{Score: 1, Comment: "写下的评价"})
			}},
			{"author's name", func() error { return s.Store.Account.SetNickname(ctx, xiaoming, "换了名字") }},
			{"author's picture", func() error {
				_, err := s.Store.Account.SaveProfile(ctx, xiaoming, "换了名字", "uploads/x.webp")
				return err
			}},
			{"stock", raw("UPDATE stocks SET quantity = 0 WHERE sku_id = 100101")},
			{"card figures", func() error { return c.RefreshCards(ctx, []int64{1001, 1002}) }},
			{"all stock", raw("UPDATE stocks SET quantity = 0")},
			{"all card figures", func() error { _, err := c.RefreshChanged(ctx); return err }},
			{"facets", func() error { return c.RefreshFacets(ctx) }},
			{"advertisement", raw("UPDATE ads SET title = '别的广告'")},
			{"category", raw("UPDATE categories SET name = '别的分类' WHERE level = 1")},
			{"channel", raw("UPDATE channel_groups SET name = '别的频道'")},
			{"brand", raw("UPDATE brands SET name = '别的品牌'")},
			{"gallery", raw("DELETE FROM sku_images WHERE sku_id = 100102")},
			{"author deleted", func() error { return s.Store.Account.DeleteUser(ctx, xiaoming, account.DemoPassword) }},
		} {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.what, err)
			}
			w.same("after "+step.what, stranger, reader)
		}
		// The books are looked at in the end, and these two changes went past them.
		s.Exec("UPDATE order_items SET sku_id = ? WHERE line = 1", was)
		s.Exec("UPDATE stocks SET quantity = (SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l WHERE l.sku_id = stocks.sku_id)")
	})
}

// A draft that the merchant looks at is nobody else's, before and after.
func TestDraftsAreNotKept(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE spus SET is_launched = ? WHERE id = 1003", false)
		w, owner, stranger, shopper := newTwin(t, s), s.Login("owner"), s.Visitor(), s.Login("xiaoming")
		for range 2 {
			if status, text := fetch(t, w.keeps, "/products/1003", owner, nil); status != 200 || !strings.Contains(text, "仅商家可见") {
				t.Fatalf("the owner: %d", status)
			}
			for _, b := range []*webtest.Browser{stranger, shopper} {
				if status, text := fetch(t, w.keeps, "/products/1003", b, nil); status != 404 || strings.Contains(text, "仅商家可见") {
					t.Errorf("somebody else: %d", status)
				}
			}
		}
	})
}

// To place an order does not touch the version, which would make everybody stand in line for one row.
func TestPlacingLeavesTheVersion(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		var wrote []string
		s.DB.OnCommit(func(statements, _ []string) { wrote = append(wrote, statements...) })
		before := s.Int("SELECT version FROM catalog_version")
		s.Order(xiaoming, 100101, 1)
		if after := s.Int("SELECT version FROM catalog_version"); after != before {
			t.Errorf("version %d, before %d", after, before)
		}
		for _, statement := range wrote {
			if strings.Contains(statement, "catalog_version") {
				t.Errorf("placing ran %s", statement)
			}
		}
	})
}
