package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/storetest"
	"dashop/web/session"
)

// notifying has pages that leave a notice, of any length.
func notifying(t *testing.T, change func(*Config)) *testShop {
	s := one(t, change)
	s.app = s.srv.app(append(s.srv.routes(), Route{"POST", "/notify", Anyone, func(c *fiber.Ctx) error {
		session.Of(c).Flash("ok", "已存：%s", c.FormValue("what"))
		return c.Redirect("/elsewhere", http.StatusSeeOther)
	}}, Route{"GET", "/elsewhere", Anyone, func(c *fiber.Ctx) error { return c.Redirect("/", http.StatusSeeOther) }}))
	return s
}

// A browser of which nothing is remembered gets a notice without a session: on the next page that it sees, which may be one that is kept
// for all, once, and nobody keeps that answer.
func TestNoticeWithoutASession(t *testing.T) {
	s := notifying(t, nil)
	for _, path := range []string{"/", "/login", "/products/" + itoa(product(t, s)), "/nowhere"} {
		b := s.browser()
		b.get(path)
		if res := b.post("/notify", url.Values{"what": {"canary"}}); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d", res.StatusCode)
		}
		b.get("/elsewhere") // which only leads on
		if _, ok := b.cookies["sid"]; ok || s.sessions() != 0 {
			t.Error("a notice has begun a session")
		}
		seen := b.get(path)
		if !strings.Contains(seen.body, "已存：canary") || seen.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: Cache-Control %q, or without the notice", path, seen.Header.Get("Cache-Control"))
		}
		if again := b.get(path); strings.Contains(again.body, "canary") {
			t.Errorf("%s shows the notice twice", path)
		}
		if len(b.cookies) > 1 || len(b.cookies) == 1 && b.cookies["seen"] == "" {
			t.Errorf("cookies that stay: %v", b.cookies)
		}
		if stranger := s.browser().get(path); strings.Contains(stranger.body, "canary") {
			t.Errorf("%s shows the notice to others", path)
		}
	}
}

// A notice is for the session that it was left in: not for whoever uses the browser next, logged in or not.
func TestNoticeStaysWithItsSession(t *testing.T) {
	s := notifying(t, nil)
	s.user("xiaoming", account.Shopper)
	s.user("xiaohong", account.Shopper)
	for what, next := range map[string]func(b *browser){
		"after a logout":       func(b *browser) { b.post("/logout", nil) },
		"after another login":  func(b *browser) { b.login("xiaohong") },
		"after a second login": func(b *browser) { b.post("/logout", nil); b.login("xiaohong") },
		"with the session gone": func(b *browser) {
			storetest.Exec(t, s.store.DB, "DELETE FROM sessions")
		},
		"without the session's cookie": func(b *browser) { delete(b.cookies, "sid") },
	} {
		b := s.browser().login("xiaoming")
		b.post("/notify", url.Values{"what": {"canary"}})
		if b.cookies["notice"] == "" {
			t.Fatal("no cookie with the notice")
		}
		next(b)
		if res := b.get("/"); strings.Contains(res.body, "canary") || res.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: Cache-Control %q, or the notice of before is shown", what, res.Header.Get("Cache-Control"))
		}
		if _, ok := b.cookies["notice"]; ok {
			t.Errorf("%s: the notice stays in the browser", what)
		}
	}
}

// What does not show a notice leaves it for the next page that does.
func TestNoticeWaitsForAPage(t *testing.T) {
	s := notifying(t, nil)
	s.user("xiaoming", account.Shopper)
	spu := itoa(product(t, s))
	for what, unseen := range map[string]func(b *browser) answer{
		"only the headers":     func(b *browser) answer { return b.do("HEAD", "/", nil) },
		"headers of the cart":  func(b *browser) answer { return b.do("HEAD", "/cart", nil) },
		"a fault, to htmx":     func(b *browser) answer { return b.part("GET", "/nowhere", nil) },
		"the heart of a page":  func(b *browser) answer { return b.part("POST", "/products/"+spu+"/favourite", url.Values{}) },
		"what a search offers": func(b *browser) answer { return b.part("GET", "/search/suggest?q=x", nil) },
	} {
		b := s.browser().login("xiaoming")
		b.post("/notify", url.Values{"what": {"canary"}})
		if res := unseen(b); res.StatusCode >= 500 || strings.Contains(res.body, "canary") {
			t.Errorf("%s: %d, or it shows the notice", what, res.StatusCode)
		}
		if !strings.Contains(b.get("/").body, "已存：canary") {
			t.Errorf("%s: the notice is lost", what)
		}
		if strings.Contains(b.get("/").body, "canary") {
			t.Errorf("%s: the notice is shown twice", what)
		}
	}
}

// part asks for a part of a page, as htmx does.
func (b *browser) part(method, path string, form url.Values) answer {
	b.header.Set("HX-Request", "true")
	defer b.header.Del("HX-Request")
	return b.do(method, path, form)
}

func TestNoticeCookie(t *testing.T) {
	for _, c := range []struct {
		base, name string
		secure     bool
	}{{base, "notice", false}, {"https://shop.example", "__Host-notice", true}} {
		s := notifying(t, func(cfg *Config) { cfg.BaseURL = c.base })
		res := s.browser().post("/notify", url.Values{"what": {strings.Repeat("咖啡豆", 3000)}})
		if len(res.Cookies()) != 1 {
			t.Fatalf("cookies %v", res.Cookies())
		}
		k := res.Cookies()[0]
		if k.Name != c.name || k.Secure != c.secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" ||
			k.MaxAge != 120 || len(k.Value) > 2000 {
			t.Errorf("%d bytes, %+v", len(k.Value), k)
		}
		if strings.Contains(k.Value, "canary") {
			t.Error("the notice can be read in the cookie")
		}
	}
}

// What goes wrong after a notice was left for a new browser takes the notice back, as it does with the session that was to begin.
func TestNoticeOfARefusedRequest(t *testing.T) {
	s := one(t, nil)
	s.app = s.srv.app(append(s.srv.routes(), Route{"POST", "/notify", Anyone, func(c *fiber.Ctx) error {
		session.Of(c).Flash("ok", "已存")
		return fiber.ErrBadRequest
	}}))
	b := s.browser()
	if res := b.post("/notify", nil); len(b.cookies) != 0 || strings.Contains(res.body, "已存") {
		t.Errorf("cookies %v, or the notice is on the page of what went wrong", b.cookies)
	}
}

// What an action of a shopper costs in durable commits, with the page that tells what became of it.
func TestCommitsOfAnAction(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		var commits atomic.Int64
		s.store.DB.OnCommit(func(statements, _ []string) {
			if len(statements) > 0 {
				commits.Add(1)
			}
		})
		s.user("xiaoming", account.Shopper)
		sku, spu := storetest.SKU(t, s.store.DB, 1000, 50), product(t, s)
		add := url.Values{"sku_id": {itoa(sku)}, "count": {"1"}}
		shopper, visitor := s.browser().login("xiaoming"), s.browser()
		shopper.get("/")
		for _, c := range []struct {
			what, path string
			b          *browser
			htmx       bool
			form       url.Values
			says       string
			want       int64
		}{
			// The count of new browsers for each address, the cart, and the session.
			{"the first add of a visitor", "/cart/items", visitor, false, add, "已加入购物车", 3},
			{"another add of a visitor", "/cart/items", visitor, false, add, "已加入购物车", 1},
			{"the same by htmx", "/cart/items", visitor, true, add, "已加入购物车", 1},
			{"an add of a shopper", "/cart/items", shopper, false, add, "已加入购物车", 1},
			{"the same by htmx", "/cart/items", shopper, true, add, "已加入购物车", 1},
			{"a favourite", "/products/" + itoa(spu) + "/favourite", shopper, false, url.Values{"back": {"list"}}, "已收藏", 1},
			{"no favourite any more", "/products/" + itoa(spu) + "/favourite/remove", shopper, false, url.Values{"back": {"list"}}, "已取消收藏", 1},
			{"a logout", "/logout", shopper, false, nil, "", 1},
		} {
			before := commits.Load()
			if c.b.header.Del("HX-Request"); c.htmx {
				c.b.header.Set("HX-Request", "true")
			}
			res := c.b.post(c.path, c.form)
			if res.StatusCode != http.StatusSeeOther {
				t.Fatalf("%s: %d %.300s", c.what, res.StatusCode, res.body)
			}
			if page := c.b.get(res.Header.Get("Location")); page.StatusCode != http.StatusOK || !strings.Contains(page.body, c.says) {
				t.Errorf("%s: %d, without %q", c.what, page.StatusCode, c.says)
			}
			if got := commits.Load() - before; got != c.want {
				t.Errorf("%s costs %d commits, want %d", c.what, got, c.want)
			}
		}
	})
}

// product adds a product and gives its number.
func product(t *testing.T, s *testShop) (spu int64) {
	t.Helper()
	sku := storetest.SKU(t, s.store.DB, 1000, 5)
	if err := s.store.DB.Get(context.Background(), &spu, "SELECT spu_id FROM skus WHERE id = ?", sku); err != nil {
		t.Fatal(err)
	}
	return spu
}
