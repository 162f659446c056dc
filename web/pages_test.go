package web_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/job"
	"dashop/store/storetest"
	"dashop/web/sandbox"
	"dashop/web/webtest"
)

// visit is a page as somebody sees it.
type visit struct {
	b      *webtest.Browser
	path   string
	status int
}

// gallery makes a shop in which each page has something to show, and lists every page, error pages among them.
func gallery(t *testing.T, s *webtest.Shop) []visit {
	t.Helper()
	s.User("newcomer", account.Shopper)
	stranger, newcomer, owner, b := s.Visitor(), s.Login("newcomer"), s.Login("owner"), s.Login("xiaoming")
	waiting, opened, paid := s.Order(xiaoming, 100101, 2), s.Order(xiaoming, 100102, 1), s.Order(xiaoming, 100201, 3)
	shipped, received, cancelled, late := s.Order(xiaoming, 100103, 1), s.Order(xiaoming, 100104, 1), s.Order(xiaoming, 100105, 1),
		s.Order(xiaoming, 100106, 1)
	b.Post("/orders/"+opened+"/pay", url.Values{"method": {"alipay"}})
	for _, no := range []string{paid, shipped, received} {
		s.Pay(xiaoming, no)
	}
	for _, no := range []string{shipped, received} {
		owner.Post("/admin/orders/"+no+"/ship", url.Values{"carrier": {"sf"}, "tracking_no": {"SF100200300"}})
	}
	b.Post("/orders/"+received+"/receipt", nil)
	b.Post("/orders/"+cancelled+"/cancel", nil)
	s.Inject(sandbox.Fault{On: sandbox.OnClose, Kind: sandbox.Broken})
	b.Get("/orders/" + late + "/pay")
	b.Press("确认支付")
	b.Press("#login")
	b.Post("/orders/"+late+"/cancel", nil)
	if err := s.Sandbox.Alipay.Pay(late + "01"); err != nil {
		t.Fatal(err)
	}
	judged := s.Order(xiaoming, 100202, 1)
	s.Receive(xiaoming, judged)
	b.Post("/orders/"+judged+"/review", url.Values{"item_id": {"1"}, "score": {"4"}, "comment": {"很好"}, "anonymous": {"true"}})
	for _, spu := range []string{"1001", "1002", "1003"} {
		b.Post("/products/"+spu+"/favourite", nil)
	}
	s.Exec("UPDATE spus SET is_launched = ? WHERE id = 1003", false)
	hidden := s.Int("SELECT MAX(id) FROM reviews WHERE spu_id = 1002 AND order_id IS NULL")
	owner.Post("/admin/reviews/"+itoa(hidden)+"/hide", url.Values{"reason": {"广告"}})
	owner.Get("/") // the notice is read here
	fillCart(s, b)

	var all []visit
	list := func(b *webtest.Browser, status int, paths ...string) {
		for _, p := range paths {
			all = append(all, visit{b, p, status})
		}
	}
	list(stranger, 200, "/", "/categories", "/categories/5", "/categories/501", "/categories/10101", "/categories/5?sort=price&page=2",
		"/search?q=%E6%89%8B%E6%9C%BA", "/search?q=nothing+like+it", "/search",
		"/products/1001", "/products/1001?sku=100103", "/products/1163", "/products/1001/reviews", "/products/1001/reviews?rate=good",
		"/products/1163/reviews?rate=pictures&page=9", "/cart", "/login", "/login?next=/checkout")
	list(stranger, 200, "/coupons", "/coupons?spu=1005")
	list(stranger, 200, "/terms", "/privacy")
	registering := s.Visitor() // a captcha begins a session
	list(registering, 200, "/register", "/register?next=/checkout", "/password/forgot", "/password/reset")
	list(b, 200, "/account/profile", "/account/sessions", "/account/password", "/account/mobile", "/account/delete", "/account/history")
	list(newcomer, 200, "/account/profile", "/account/mobile", "/account/history", "/account/coupons", "/account/credits",
		"/account/purchases")
	list(stranger, 404, "/nowhere", "/products/999999", "/media/x.webp")
	list(stranger, 422, "/search?q="+strings.Repeat("x", 70), "/payments/alipay/return?x=y")
	list(newcomer, 200, "/coupons", "/account/coupons?state=used", "/account/coupons?state=expired")
	list(newcomer, 200, "/account/reviews", "/account/favourites", "/", "/cart", "/account", "/account/addresses",
		"/checkout?sku_id=100101&count=1", "/orders", "/orders?status=3")
	list(newcomer, 422, "/checkout?sku_id=x&count=1")
	list(newcomer, 403, "/admin")
	list(newcomer, 404, "/orders/"+paid)
	list(b, 200, "/", "/products/1002", "/cart", "/account", "/account/addresses", "/account/addresses?new=1", "/account/addresses/1",
		"/checkout", "/checkout?sku_id=100102&count=1")
	for i := range 6 {
		list(b, 200, "/orders?status="+map[bool]string{true: itoa(int64(i))}[i > 0])
	}
	for _, no := range []string{waiting, opened, paid, shipped, received, cancelled, late} {
		list(b, 200, "/orders/"+no)
		list(owner, 200, "/admin/orders/"+no)
	}
	list(b, 200, "/orders/"+waiting+"/pay", "/orders/"+opened+"/pay", "/orders/"+opened+"/result", "/orders/"+paid+"/result",
		"/orders/"+cancelled+"/result", "/orders/"+late+"/result")
	addJob(s, "7-1", job.StatusDead, "provider refused")
	list(b, 200, "/account/credits", "/account/credits?page=9")
	list(owner, 200, "/admin/credits", "/admin/credits?username=xiaoming")
	list(owner, 422, "/admin/credits?username=nobody")
	list(owner, 200, "/admin/jobs", "/admin/jobs?state=waiting", "/admin/jobs?state=running")
	list(owner, 200, "/admin/orders", "/admin/refunds", "/account", "/admin/products", "/admin/products?q=nothing+like+it",
		"/admin/products/1001", "/admin/products/1163")
	list(owner, 200, "/admin/products/new", "/admin/categories", "/admin/categories/new?parent=1", "/admin/categories/5",
		"/admin/categories/10101", "/admin/brands", "/admin/brands?q=nothing+like+it",
		"/admin/brands/new", "/admin/brands/1", "/admin/channels", "/admin/channels/new", "/admin/channels/1")
	for _, place := range catalog.Places {
		list(owner, 200, "/admin/ads?place="+place.Key, "/admin/ads/new?place="+place.Key,
			"/admin/ads/"+itoa(s.Int("SELECT MIN(id) FROM ads WHERE place = ?", place.Key)))
	}
	running, draft := promotions(s)
	list(stranger, 200, "/promotions/"+itoa(running), "/promotions/"+itoa(running)+"?gap=2300")
	list(stranger, 404, "/promotions/"+itoa(draft))
	list(owner, 200, "/admin/promotions/trial", "/admin/promotions/trial?with="+itoa(draft)+"&sku_1=100101&count_1=2")
	list(owner, 422, "/admin/promotions/trial?sku_1=1&count_1=2")
	list(owner, 200, "/admin/promotions", "/admin/promotions?state=draft", "/admin/promotions?state=upcoming&kind=flash", "/admin/promotions/"+itoa(running),
		"/admin/promotions/"+itoa(draft), "/admin/promotions/new", "/admin/promotions/new?kind=percent", "/admin/promotions/new?kind=price",
		"/admin/promotions/new?kind=flash")
	list(owner, 200, "/admin/coupons", "/admin/coupons/new", "/admin/coupons/1", "/admin/coupons/13")
	list(owner, 404, "/admin/coupons/999999", "/admin/promotions/999999", "/admin/categories/999999", "/admin/brands/999999", "/admin/channels/999999", "/admin/ads/999999",
		"/admin/products/999999")
	list(b, 200, "/account/reviews", "/account/favourites", "/orders/"+received+"/review", "/orders/"+judged+"/review", "/orders/"+judged,
		"/products/1002/reviews")
	list(b, 409, "/orders/"+waiting+"/review")
	list(owner, 200, "/admin/reviews", "/admin/reviews?state=hidden", "/admin/reviews?state=unanswered&score=5",
		"/admin/reviews?score=1&page=90", "/products/1003")
	for i := range 6 {
		list(owner, 200, "/admin/orders?status="+itoa(int64(i+1)))
	}
	return all
}

// fillCart puts goods of every sort into the cart: plain ones, too many, sold out and no longer for sale.
func fillCart(s *webtest.Shop, b *webtest.Browser) {
	for _, sku := range []string{"100101", "100201", "100301", "100401"} {
		b.Post("/cart/items", url.Values{"sku_id": {sku}, "count": {"2"}})
	}
	for sku, left := range map[int64]int64{100201: 1, 100301: 0} {
		s.Exec("INSERT INTO stock_ledger (sku_id, kind, delta, created_at) SELECT sku_id, 'corrected', ? - quantity, ? FROM stocks WHERE sku_id = ?", left, s.Clock.Now(), sku)
		s.Exec("UPDATE stocks SET quantity = ? WHERE sku_id = ?", left, sku)
	}
	s.Exec("UPDATE skus SET is_launched = ? WHERE id = 100401", false)
	b.Get("/cart") // the notice is read here
}

// Every page is sound: as a document, to a screen reader, and to the content policy.
func TestPagesAreSound(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		links := map[string]*webtest.Browser{}
		for _, v := range gallery(t, s) {
			p := v.b.Get(v.path)
			if p.Status != v.status || len(p.Via) > 0 {
				t.Errorf("%s: %d %v, want %d: %s", v.path, p.Status, p.Via, v.status, brief(p))
				continue
			}
			if p.Attr("html", "lang") != "zh-CN" || p.Text("title") == "" || !strings.Contains(p.Text("title"), "达达商城") {
				t.Errorf("%s: lang %q, title %q", v.path, p.Attr("html", "lang"), p.Text("title"))
			}
			for _, wrong := range unsound(p) {
				t.Errorf("%s: %s", v.path, wrong)
			}
			p.Find("a[href^='/']").Each(func(_ int, a *goquery.Selection) {
				href := a.AttrOr("href", "")
				if links[href] == nil && !strings.Contains(href, "lang=en") {
					links[href] = v.b
				}
			})
		}
		followLinks(t, links)
	})
}

// followLinks opens what the pages lead to; of the many products and categories a part is enough.
func followLinks(t *testing.T, links map[string]*webtest.Browser) {
	t.Helper()
	var goods int
	for href, b := range links {
		if strings.HasPrefix(href, "/products/") || strings.HasPrefix(href, "/categories/") {
			if goods++; goods > 60 {
				continue
			}
		}
		p, err := b.Send(http.MethodGet, href, nil)
		if err != nil || p.Status >= 400 {
			t.Errorf("a link leads to %s: %d, %v", href, p.Status, err)
		}
	}
	if len(links) < 100 {
		t.Errorf("only %d links were found", len(links))
	}
}

// productPage is a page that a browser notes as seen, which makes it that browser's own.
var productPage = regexp.MustCompile(`^/products/[0-9]+($|\?)`)

// The security headers of every page, to the letter.
func TestHeadersOfEveryPage(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
		"media-src 'self'; form-action 'self'%s; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	for _, v := range gallery(t, s) {
		p := v.b.Get(v.path)
		abroad := ""
		if strings.HasSuffix(v.path, "/pay") {
			abroad = " " + s.Sandbox.URL()
		}
		keep := "private, no-store"
		if v.b.Cookie("sid") == "" && v.status == 200 && !productPage.MatchString(v.path) {
			keep = "public, max-age=0, must-revalidate"
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": fmt.Sprintf(policy, abroad), "X-Content-Type-Options": "nosniff",
			"Referrer-Policy":            "strict-origin-when-cross-origin",
			"Permissions-Policy":         "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": keep, "Server": "", "Location": "",
			"Vary": "Cookie, HX-Request, HX-Request-Type, Accept-Language, Accept-Encoding",
		} {
			if got := p.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", v.path, name, got, want)
			}
		}
		if p.Header.Get("X-Request-Id") == "" || len(p.Header.Values("Content-Security-Policy")) != 1 {
			t.Errorf("%s: %v", v.path, p.Header)
		}
	}
}

var han = regexp.MustCompile(`\p{Han}+`)

// dataWords are Chinese because somebody wrote them so: the shop's name and the address of the demo's shopper.
var dataWords = strings.NewReplacer("达达商城", "", "张小明", "", "小明", "", "店主", "", "北京市", "", "东城区", "", "海淀区", "", "景山前街 4 号院 2 单元 301 室", "",
	"中关村南大街 18 号 B 座 12 层", "", "公司", "", "家", "")

// The English shop says nothing in Chinese but names and addresses, and what is marked as Chinese.
func TestEnglishPages(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	for _, v := range gallery(t, s) {
		if strings.Contains(v.path, "q=%E6") {
			continue // somebody searches in Chinese
		}
		mark := map[bool]string{true: "&", false: "?"}[strings.Contains(v.path, "?")]
		p := v.b.Get(v.path + mark + "lang=en")
		if p.Status != v.status || p.Attr("html", "lang") != "en" {
			t.Errorf("%s: %d in %s", v.path, p.Status, p.Attr("html", "lang"))
		}
		p.Find("[lang^=zh], select[name=province_id] option, select[name=city_id] option, select[name=district_id] option").Remove()
		for _, text := range wordsOf(p) {
			if found := han.FindString(dataWords.Replace(text)); found != "" {
				t.Errorf("%s says in Chinese: %q", v.path, strings.TrimSpace(text))
			}
		}
	}
}

// wordsOf are all texts of a page that somebody reads or hears.
func wordsOf(p *webtest.Page) (texts []string) {
	p.Find("*").Contents().Each(func(_ int, e *goquery.Selection) {
		if goquery.NodeName(e) == "#text" {
			texts = append(texts, e.Text())
		}
	})
	for _, name := range []string{"alt", "aria-label", "title", "placeholder", "value", "content", "data-wait", "data-confirm",
		"data-copied", "label"} {
		p.Find("[" + name + "]").Each(func(_ int, e *goquery.Selection) {
			if e.Is("input:not([type=hidden])") && name == "value" {
				return // what somebody typed
			}
			texts = append(texts, e.AttrOr(name, ""))
		})
	}
	return texts
}

// Pages travel gzipped, never as brotli; HEAD asks for the same without a body; assets are kept for a year.
func TestTransport(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	ask := func(method, path, encodings string) (*http.Response, string) {
		r, err := http.NewRequest(method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", encodings)
		answer, err := s.Wire.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer, string(body)
	}
	for _, path := range []string{"/", "/products/1001", "/cart", "/login", "/nowhere"} {
		plain, body := ask("GET", path, "identity")
		if plain.Header.Get("Content-Encoding") != "" || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
			t.Errorf("%s: plain it comes as %q", path, plain.Header.Get("Content-Encoding"))
		}
		zipped, packed := ask("GET", path, "br, zstd, gzip")
		if zipped.Header.Get("Content-Encoding") != "gzip" || len(packed) > len(body)/2 {
			t.Errorf("%s: it comes as %q, %d of %d bytes", path, zipped.Header.Get("Content-Encoding"), len(packed), len(body))
		} else if z, err := gzip.NewReader(strings.NewReader(packed)); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if text, err := io.ReadAll(z); err != nil || len(text) != len(body) {
			t.Errorf("%s: %d bytes unpacked, %d plain, %v", path, len(text), len(body), err)
		}
		if brotli, _ := ask("GET", path, "br"); brotli.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: brotli costs too much for a page, but it comes as %q", path, brotli.Header.Get("Content-Encoding"))
		}
		head, nothing := ask("HEAD", path, "identity")
		if head.StatusCode != plain.StatusCode || nothing != "" || head.Header.Get("Content-Type") != plain.Header.Get("Content-Type") ||
			head.Header.Get("Content-Length") != fmt.Sprint(len(body)) ||
			head.Header.Get("Cache-Control") != plain.Header.Get("Cache-Control") {
			t.Errorf("HEAD %s: %d %v with %d bytes", path, head.StatusCode, head.Header, len(nothing))
		}
	}
	b := s.Visitor()
	page := b.Get("/")
	assets := 0
	for selector, attr := range map[string]string{"link[href^='/static/']": "href", "script[src]": "src", "use[href]": "href"} {
		page.Find(selector).Each(func(_ int, e *goquery.Selection) {
			path, _, _ := strings.Cut(e.AttrOr(attr, ""), "#")
			answer, body := ask("GET", path, "br, gzip")
			if answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || body == "" ||
				answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", path, answer.StatusCode, answer.Header)
			}
			assets++
		})
	}
	if assets < 4 {
		t.Errorf("only %d assets", assets)
	}
	if answer, body := ask("GET", "/media/images/products/1001-1.webp", ""); answer.Header.Get("Content-Type") != "image/webp" ||
		len(body) == 0 || !strings.HasPrefix(answer.Header.Get("Cache-Control"), "public, max-age=") {
		t.Errorf("a picture: %v", answer.Header)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if answer, body := ask("GET", path, ""); answer.StatusCode != 200 || body != want {
			t.Errorf("%s: %d %q", path, answer.StatusCode, body)
		}
	}
}

// Answers to forms that were refused are sound pages too.
func TestRefusalsAreSound(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	paid := s.Order(xiaoming, 100102, 1)
	s.Pay(xiaoming, paid)
	fillCart(s, b)
	for _, c := range []struct {
		path, form string
		status     int
	}{
		{"/login", "username=x&password=y", 422},
		{"/cart/items", "", 422}, {"/cart/items", "sku_id=999999999&count=1", 404}, {"/cart/items/100101", "count=0", 422},
		{"/cart/items/100201", "count=9", 409},
		{"/orders", "sku_id=100101&count=1&checkout_token=abcdefgh&digest=x&pay_method=cash", 422},
		{"/orders", "sku_id=100101&count=1&checkout_token=abcdefgh&digest=x&pay_method=alipay&address_id=1", 409},
		{"/orders/" + paid + "/pay", "method=alipay", 409}, {"/orders/" + paid + "/cancel", "", 409},
		{"/orders/" + paid + "/receipt", "", 409},
		{"/account/addresses", "", 422}, {"/account/addresses/1", "receiver=x", 422}, {"/admin/orders/" + paid + "/ship", "", 403},
		{"/account", "nickname=", 422}, {"/account/password", "old_password=x&password=y&password2=z", 422},
		{"/account/mobile", "mobile=1&sms_code=2", 422},
		{"/account/delete", "password=x", 422}, {"/account/delete", "password=x&sure=true", 422}, {"/account/sessions", "id=x", 404},
		{"/account/identities/qq/remove", "", 404},
		{"/checkout/quote", "sku_id=100101&count=1", 200}, {"/account/addresses", "refresh=1&province_id=330000", 200},
	} {
		form, _ := url.ParseQuery(c.form)
		p := b.Post(c.path, form)
		if p.Status != c.status {
			t.Errorf("POST %s %s: %d, want %d: %s", c.path, c.form, p.Status, c.status, brief(p))
		}
		for _, wrong := range unsound(p) {
			t.Errorf("POST %s %s: %s", c.path, c.form, wrong)
		}
		if p.Status >= 400 && p.Alert() == "" && !p.Has(".field__wrong") && p.Text("h1") == "" {
			t.Errorf("POST %s %s: %d without words: %s", c.path, c.form, p.Status, brief(p))
		}
	}
	storetest.CheckBooks(t, s.DB)
}
