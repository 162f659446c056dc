package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/storetest"
)

func TestReadersGetNoCookieAndNoRow(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		b := s.browser()
		for _, path := range []string{"/", "/cart", "/login", "/search?q=x", "/nowhere", "/account"} {
			if res := b.get(path); len(res.Cookies()) > 0 {
				t.Errorf("%s sets %v", path, res.Cookies())
			}
		}
		if n := s.sessions(); n != 0 {
			t.Errorf("%d sessions for somebody who only reads", n)
		}
		if got := b.get("/").Header.Get("Cache-Control"); !strings.HasPrefix(got, "public, max-age=0") {
			t.Errorf("a stranger's page: Cache-Control %q", got)
		}
	})
}

func TestLoginMakesANewSession(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		s.user("xiaoming", account.Shopper)
		b := s.browser()
		sku := storetest.SKU(t, s.store.DB, 1000, 5)
		b.post("/cart/items", url.Values{"sku_id": {itoa(sku)}, "count": {"2"}})
		before := b.cookies["sid"]
		if before == "" {
			t.Fatal("no session for a visitor with a cart")
		}
		b.login("xiaoming")
		after := b.cookies["sid"]
		if after == "" || after == before {
			t.Fatal("the session id is the same before and after the login")
		}
		if n := s.sessions(); n != 1 {
			t.Errorf("%d sessions after the login", n)
		}
		old := s.browser()
		old.cookies["sid"] = before
		if res := old.get("/account"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("the id from before the login opens the account: %d", res.StatusCode)
		}
		if res := b.get("/cart"); !strings.Contains(res.body, `data-count="2"`) || !strings.Contains(res.body, "已经带过来") {
			t.Error("the visitor's cart did not come along, or nobody said so")
		}
		if res := b.get("/cart"); strings.Contains(res.body, "已经带过来") {
			t.Error("the notice is shown twice")
		}
		if res := b.get("/account"); res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("own page: %d, Cache-Control %q", res.StatusCode, res.Header.Get("Cache-Control"))
		}
	})
}

// An id that the server did not make is never taken over.
func TestSessionFixation(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		s.user("xiaoming", account.Shopper)
		b := s.browser()
		b.cookies["sid"] = "chosen-by-somebody-else"
		b.login("xiaoming")
		if b.cookies["sid"] == "chosen-by-somebody-else" {
			t.Error("the session has an id that the browser brought")
		}
	})
}

func TestLogoutEndsTheSessionForGood(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		s.user("xiaoming", account.Shopper)
		b := s.browser().login("xiaoming")
		stolen := s.browser()
		stolen.cookies["sid"] = b.cookies["sid"]
		if res := stolen.get("/account"); res.StatusCode != http.StatusOK {
			t.Fatalf("copied cookie: %d", res.StatusCode)
		}
		if res := b.post("/logout", nil); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("logout: %d", res.StatusCode)
		}
		if _, ok := b.cookies["sid"]; ok || s.sessions() != 0 {
			t.Error("the cookie or the row outlives the logout")
		}
		for _, x := range []*browser{b, stolen} {
			if res := x.get("/account"); res.StatusCode != http.StatusSeeOther {
				t.Errorf("after the logout: %d", res.StatusCode)
			}
		}
	})
}

func TestRevokedAndDisabled(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		u := s.user("xiaoming", account.Shopper)
		a, b := s.browser().login("xiaoming"), s.browser().login("xiaoming")
		if err := s.store.Account.EndSessions(context.Background(), u.ID, ""); err != nil {
			t.Fatal(err)
		}
		for _, x := range []*browser{a, b} {
			if res := x.get("/account"); res.StatusCode != http.StatusSeeOther {
				t.Errorf("revoked session: %d", res.StatusCode)
			}
		}
		a.login("xiaoming")
		if err := s.store.Account.Disable(context.Background(), u.ID, true); err != nil {
			t.Fatal(err)
		}
		if res := a.get("/account"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("disabled user: %d", res.StatusCode)
		}
	})
}

func TestKeysAreRotated(t *testing.T) {
	old, fresh := strings.Repeat("old-key-", 4), strings.Repeat("new-key-", 4)
	s := one(t, func(c *Config) { c.SessionKeys = []string{old} })
	s.user("xiaoming", account.Shopper)
	b := s.browser().login("xiaoming")
	for _, c := range []struct {
		keys []string
		want int
	}{
		{[]string{fresh, old}, http.StatusOK},
		{[]string{fresh}, http.StatusSeeOther},
	} {
		again := newShop(t, s.store.DB, s.clock, func(cfg *Config) { cfg.SessionKeys = c.keys })
		b.s = again
		if res := b.get("/account"); res.StatusCode != c.want {
			t.Errorf("keys %v: %d, want %d", c.keys, res.StatusCode, c.want)
		}
	}
	d := s.Deps()
	d.Config.SessionKeys = []string{"short"}
	if _, err := New(d); err == nil {
		t.Error("a short key is accepted")
	}
}

func TestCookieIsRenewedWhileInUse(t *testing.T) {
	s := one(t, nil)
	s.user("xiaoming", account.Shopper)
	b := s.browser()
	b.post("/login", url.Values{"username": {"xiaoming"}, "password": {"correct horse"}, "remember": {"true"}})
	if res := b.get("/account"); len(res.Cookies()) != 0 {
		t.Error("cookie sent again at once")
	}
	s.clock.Advance(25 * time.Hour)
	if res := b.get("/account"); len(res.Cookies()) != 1 || res.Cookies()[0].MaxAge != 1209600 {
		t.Errorf("cookie after a day: %v", res.Cookies())
	}
	if res := b.get("/account"); len(res.Cookies()) != 0 {
		t.Error("cookie sent again on the same day")
	}
}

func TestCookieAttributes(t *testing.T) {
	for _, c := range []struct {
		base, name string
		secure     bool
	}{{base, "sid", false}, {"https://shop.example", "__Host-sid", true}} {
		s := one(t, func(cfg *Config) { cfg.BaseURL = c.base })
		s.user("xiaoming", account.Shopper)
		for remember, age := range map[string]int{"true": 1209600, "": 0} {
			res := s.browser().post("/login", url.Values{"username": {"xiaoming"}, "password": {"correct horse"}, "remember": {remember}})
			i := slices.IndexFunc(res.Cookies(), func(k *http.Cookie) bool { return k.Name == c.name })
			if i < 0 {
				t.Fatalf("no %s among the cookies: %v", c.name, res.Cookies())
			}
			k := res.Cookies()[i]
			if k.Secure != c.secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" ||
				k.MaxAge != age {
				t.Errorf("%s, remember %q: cookie %+v", c.base, remember, k)
			}
		}
	}
}

func TestLoginPage(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		s.user("xiaoming", account.Shopper)
		s.user("zhangsan", account.Owner)
		b := s.browser()
		res := b.post("/login", url.Values{"username": {"xiao\"ming"}, "password": {"wrong"}, "next": {"/orders"}})
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(res.body, "用户名或密码不对") ||
			!strings.Contains(res.body, `value="xiao&#34;ming"`) || !strings.Contains(res.body, `value="/orders"`) ||
			strings.Contains(res.body, "wrong") {
			t.Errorf("wrong password: %d", res.StatusCode)
		}
		for _, c := range []struct{ user, next, want string }{
			{"xiaoming", "/orders?status=1", "/orders?status=1"},
			{"xiaoming", "//evil.example", "/"},
			{"xiaoming", "", "/"},
			{"zhangsan", "", "/admin"},
			{"zhangsan", "/cart", "/cart"},
		} {
			res := s.browser().post("/login", url.Values{"username": {c.user}, "password": {"correct horse"}, "next": {c.next}})
			if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != c.want {
				t.Errorf("login as %s with next %q: %d %q, want %q", c.user, c.next, res.StatusCode, got, c.want)
			}
		}
	})
}
