package storefront_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/fault"
	"dashop/store/interest"
	"dashop/store/media"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/review"
	"dashop/store/storetest"
	"dashop/web/keep"
	"dashop/web/respond"
	"dashop/web/storefront"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// window is a demo shop that can only be looked at.
type window struct {
	t    *testing.T
	app  *fiber.App
	db   *db.DB
	site *respond.Site
	kept *keep.Pages

	version *func(context.Context) (int64, error) // of the catalogue, as the pages ask for it
}

// eachWindow runs a test on the demo shop in each database.
func eachWindow(t *testing.T, test func(w window)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if _, err := demo.Load(context.Background(), d, nil, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		test(openWindow(t, d, clock))
	})
}

// openWindow makes a node of the shop in a database.
func openWindow(t *testing.T, d *db.DB, clock *storetest.Clock) window {
	s := catalog.New(d, clock.Now)
	version := s.Version
	kept := keep.NewPages(func(ctx context.Context) (int64, error) { return version(ctx) }, clock.Now)
	p := storefront.Pages{Store: &store.Store{DB: d, Catalog: s, Reviews: review.New(d, clock.Now), Sales: sale.New(d, clock.Now),
		Promo:    promo.New(d, s, promo.NoHoldings{}, clock.Now, promo.Rules{}),
		Interest: interest.New(d, s, clock.Now)}, Kept: kept, Clock: clock.Now}
	site := &respond.Site{ShopName: "达达商城", Freight: 1000, FreeFrom: 19900, Clock: clock.Now, Menu: s.Menu, HotWords: s.HotWords}
	app := newApp()
	app.Use(func(c *fiber.Ctx) error { site.Attach(c); return c.Next() })
	app.Get("/", p.Home)
	app.Get("/categories", p.Categories)
	app.Get("/categories/:id", p.Category)
	app.Get("/search", p.Search)
	app.Get("/search/suggest", p.Suggest)
	app.Get("/products/:spu", p.Product)
	app.Get("/products/:spu/reviews", p.Reviews)
	return window{t: t, app: app, db: d, site: site, kept: kept, version: &version}
}

func newApp() *fiber.App {
	return fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		if e := new(fiber.Error); errors.As(err, &e) {
			return c.SendStatus(e.Code)
		}
		status := map[fault.Kind]int{fault.NotFound: http.StatusNotFound, fault.Invalid: http.StatusUnprocessableEntity}[fault.Of(err).Kind]
		if status == 0 {
			status = http.StatusInternalServerError
		}
		return c.Status(status).SendString(err.Error())
	}})
}

// get asks for a page with headers given in pairs.
func (w window) get(path string, header ...string) (int, *goquery.Document) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := w.app.Test(r, -1)
	if err != nil {
		w.t.Fatalf("GET %s: %v", path, err)
	}
	defer answer.Body.Close()
	doc, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, doc
}

func (w window) page(path string, header ...string) *goquery.Document {
	w.t.Helper()
	status, doc := w.get(path, header...)
	if status != http.StatusOK {
		w.t.Fatalf("GET %s: %d %s", path, status, doc.Text())
	}
	return doc
}

func values(s *goquery.Selection, attr string) []string {
	return s.Map(func(_ int, e *goquery.Selection) string { return e.AttrOr(attr, "") })
}

// Whatever the pages for looking around link to is there, and each page has one h1 and no inline script or style.
func TestNoLinkIsDead(t *testing.T) {
	eachWindow(t, func(w window) {
		seen := map[string]bool{}
		for _, path := range []string{"/", "/categories", "/categories/5", "/categories/501?sort=price", "/categories/50101", "/search?q=茶",
			"/search?q=nothing+like+it", "/products/1001", "/products/1163", "/search/suggest?q=茶"} {
			doc := w.page(strings.ReplaceAll(path, "茶", url.QueryEscape("茶")))
			if n := doc.Find("h1").Length(); n != 1 && !strings.Contains(path, "suggest") {
				t.Errorf("%s has %d h1", path, n)
			}
			if bad := doc.Find("[style], script:not([src]):not([type='application/ld+json']), style, [onclick]"); bad.Length() > 0 {
				t.Errorf("%s has inline script or style: %s", path, goquery.NodeName(bad))
			}
			for _, href := range values(doc.Find("a[href]"), "href") {
				seen[href] = true
			}
		}
		checked := 0
		for href := range seen {
			u, err := url.Parse(href)
			if err != nil {
				w.t.Errorf("bad link %q", href)
				continue
			}
			if u.Path != "/" && !strings.HasPrefix(u.Path, "/categories") && !strings.HasPrefix(u.Path, "/products/") &&
				!strings.HasPrefix(u.Path, "/search") {
				continue // the pages of others
			}
			checked++
			if status, _ := w.get(u.RequestURI()); status != http.StatusOK {
				w.t.Errorf("the link %s leads to %d", href, status)
			}
		}
		if checked < 150 {
			w.t.Errorf("only %d links were found", checked)
		}
	})
}

func TestCategoryPage(t *testing.T) {
	eachWindow(t, func(w window) {
		doc := w.page("/categories/5?sort=price")
		prices := values(doc.Find(".pcard__price .money"), "data-fen")
		if len(prices) != 20 || doc.Find(".pager").Length() != 1 {
			w.t.Errorf("%d prices, %d pagers", len(prices), doc.Find(".pager").Length())
		}
		if got := doc.Find(".sorts [aria-current]").Text(); !strings.Contains(got, "价格从低到高") {
			w.t.Errorf("the current order is %q", got)
		}
		// htmx gets the list alone, and its links still say all.
		part := w.page("/categories/5?sort=sales&page=2", "HX-Request", "true")
		if part.Find("header").Length() != 0 || part.Find("#list .pcard").Length() == 0 {
			w.t.Error("the fragment is not the list alone")
		}
		if got := part.Find(".pager a[aria-label='上一页']").AttrOr("href", ""); got != "/categories/5?sort=sales" {
			w.t.Errorf("the way back is %q", got)
		}
		for _, path := range []string{"/categories/0", "/categories/abc", "/categories/99999", "/categories/5?page=0",
			"/categories/5?page=-1",
			"/categories/5?page=101", "/categories/5?page=x", "/categories/5?page=1000000000000"} {
			if status, _ := w.get(path); status != http.StatusNotFound {
				w.t.Errorf("%s: %d, want 404", path, status)
			}
		}
		if got := w.page("/categories/5?page=100").Find("#list").Text(); !strings.Contains(got, "这一页没有商品了") {
			w.t.Errorf("a page past the end says %q", got)
		}
		if got := w.page("/categories/1102").Find("#list").Text(); !strings.Contains(got, "这个分类暂时没有商品") {
			w.t.Errorf("an empty category says %q", got)
		}
	})
}

func TestSearchPage(t *testing.T) {
	eachWindow(t, func(w window) {
		doc := w.page("/search?q=" + url.QueryEscape("降噪耳机"))
		if got := values(doc.Find(".pcard__name a"), "href"); len(got) != 1 || got[0] != "/products/1005" {
			w.t.Errorf("降噪耳机 finds %v", got)
		}
		status, doc := w.get("/search?q=" + strings.Repeat("a", 65))
		if status != http.StatusUnprocessableEntity || !strings.Contains(doc.Find("[role=alert]").Text(), "64") {
			w.t.Errorf("a long search: %d, %q", status, doc.Find("[role=alert]").Text())
		}
		doc = w.page("/search?q=" + url.QueryEscape(`"><script>alert(1)</script>`))
		if doc.Find("script:not([src])").Length() != 0 || !strings.Contains(doc.Find("h1").Text(), "<script>") {
			w.t.Error("the search is not shown as the text that it is")
		}
		if doc.Find(".list__hot a").Length() == 0 {
			w.t.Error("an empty search does not help onward")
		}
		if got := w.page("/search/suggest?q=" + url.QueryEscape("耳机")).Find("a.suggest__entry").Length(); got < 2 {
			w.t.Errorf("%d suggestions", got)
		}
		if got := w.page("/search/suggest?q=").Find("a").Length(); got != 0 {
			w.t.Errorf("%d suggestions for nothing", got)
		}
	})
}

func TestProductPage(t *testing.T) {
	eachWindow(t, func(w window) {
		doc := w.page("/products/1001?sku=100103")
		if got := doc.Find("#buy input[name=sku_id]").AttrOr("value", ""); got != "100103" {
			w.t.Errorf("the form sends SKU %s", got)
		}
		if got := doc.Find(".product__price .money").AttrOr("data-fen", ""); got != "259900" {
			w.t.Errorf("the price is %s", got)
		}
		buy := doc.Find("#buy button[formaction='/checkout'][formmethod=get]")
		if buy.Length() != 1 || doc.Find("#buy").AttrOr("action", "") != "/cart/items" {
			w.t.Error("the two buttons do not lead to the cart and to checkout")
		}
		var other string
		doc.Find(".spec").Each(func(_ int, o *goquery.Selection) {
			if strings.Contains(o.Text(), "12GB+256GB") {
				other = o.AttrOr("href", "")
			}
		})
		if other != "/products/1001?sku=100104" {
			w.t.Fatalf("the other edition leads to %q; want that of the same colour", other)
		}
		// Choosing by htmx answers with the product alone, at its new price.
		part := w.page(other, "HX-Request", "true")
		if part.Find("header").Length() != 0 || part.Find("#product .product__price .money").AttrOr("data-fen", "") != "299900" {
			w.t.Error("the fragment is not the product at its new price")
		}
		// Another product's SKU, an unlaunched one and nonsense fall back to the first in stock.
		for _, sku := range []string{"100501", "100704", "x", "-1", "99999999999999999999"} {
			doc := w.page("/products/1007?sku=" + sku)
			if got := doc.Find("#buy input[name=sku_id]").AttrOr("value", ""); got != "100702" {
				w.t.Errorf("?sku=%s shows SKU %s, want 100702, the first in stock", sku, got)
			}
		}
		for _, path := range []string{"/products/1154", "/products/1183", "/products/1", "/products/x", "/products/-1"} {
			if status, _ := w.get(path); status != http.StatusNotFound {
				w.t.Errorf("%s: %d, want 404", path, status)
			}
		}
	})
}

func TestStockInWords(t *testing.T) {
	eachWindow(t, func(w window) {
		for stock, want := range map[int]string{0: "缺货", 1: "仅剩 1 件", 10: "仅剩 10 件", 11: "有货"} {
			storetest.Exec(w.t, w.db, "UPDATE stocks SET quantity = ? WHERE sku_id = 100103", stock)
			doc := w.page("/products/1001?sku=100103")
			if got := strings.TrimSpace(doc.Find(".product__stock").Text()); got != want {
				w.t.Errorf("%d pieces: %q, want %q", stock, got, want)
			}
			if got := doc.Find("#buy button[type=submit]").Length() > 0; got != (stock > 0) {
				w.t.Errorf("%d pieces: can be bought: %v", stock, got)
			}
			if got := doc.Find("#buy input[name=count]").AttrOr("max", ""); stock > 0 && got != fmt.Sprint(stock) {
				w.t.Errorf("%d pieces: up to %s can be chosen", stock, got)
			}
		}
		storetest.Exec(w.t, w.db, "UPDATE stocks SET quantity = 0 WHERE sku_id = 100103")
		if got := w.page("/products/1001?sku=100103").Find(".product__else a").AttrOr("href", ""); got != "/products/1001?sku=100101" {
			w.t.Errorf("a sold-out SKU leads on to %q", got)
		}
		// From the other colour, the sold-out combination says so.
		option := w.page("/products/1001?sku=100101").Find("#option-2")
		if !option.HasClass("spec--out") || !strings.Contains(option.Text(), "缺货") {
			w.t.Errorf("the sold-out option says %q", option.Text())
		}
	})
}

func TestEnglishPages(t *testing.T) {
	eachWindow(t, func(w window) {
		doc := w.page("/products/1001?sku=100103&lang=en")
		if got := doc.Find("h1").Text(); !strings.Contains(got, "Rime Blue") {
			w.t.Errorf("the heading is %q", got)
		}
		if got := doc.Find("#detail").Text(); !strings.Contains(got, "street-light") {
			w.t.Errorf("the details are %q", got)
		}
	})
}

func TestMedia(t *testing.T) {
	pictures, err := media.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer pictures.Close()
	const plain, hashed = "images/products/1-1.webp", "uploads/a-0123456789abcdef.svg"
	for _, name := range []string{plain, hashed} {
		if err := pictures.Put(name, strings.NewReader("picture")); err != nil {
			t.Fatal(err)
		}
	}
	app := newApp()
	app.Get("/media/*", storefront.Pages{Store: &store.Store{Media: pictures}}.Media)
	ask := func(method, path string, header ...string) (*http.Response, string) {
		t.Helper()
		r := httptest.NewRequest(method, "/", nil)
		r.RequestURI = path // as it is, not made tidy
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer, string(body)
	}

	answer, body := ask(http.MethodGet, "/media/"+plain)
	for name, want := range map[string]string{
		"Content-Type": "image/webp", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=86400",
		"Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if answer.StatusCode != http.StatusOK || body != "picture" {
		t.Errorf("got %d %q", answer.StatusCode, body)
	}
	again, body := ask(http.MethodGet, "/media/"+plain, "If-None-Match", answer.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("with its tag: %d %q", again.StatusCode, body)
	}
	if again, _ = ask(http.MethodGet, "/media/"+plain, "If-Modified-Since",
		answer.Header.Get("Last-Modified")); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its date: %d", again.StatusCode)
	}
	if again, _ = ask(http.MethodGet, "/media/"+plain, "If-None-Match", `"other"`, "If-Modified-Since",
		answer.Header.Get("Last-Modified")); again.StatusCode != http.StatusOK {
		t.Errorf("with another tag: %d", again.StatusCode)
	}
	if answer, _ = ask(http.MethodGet, "/media/"+hashed); answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("a hashed name is kept for %q", answer.Header.Get("Cache-Control"))
	}
	for _, path := range []string{
		"/media/", "/media/missing.webp", "/media/images", "/media/../shop.db", "/media/..%2f..%2fetc%2fpasswd",
		"/media/%2e%2e/%2e%2e/etc/passwd",
		"/media/images/%2e%2e/%2e%2e/x.webp", "/media//etc/passwd", "/media/%2fetc%2fpasswd", "/media/..%5c..%5cx.webp",
		"/media/%00.webp", "/media/%zz.webp",
		"/media/images/products/.half-x.webp", "/media/%252e%252e/x.webp",
	} {
		if answer, body := ask(http.MethodGet, path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %q, want 404", path, answer.StatusCode, body)
		}
	}
}
