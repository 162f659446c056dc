package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"dashop/web/webtest"
)

// One's own pages fit a phone in both languages, whatever a device says of itself, and with nothing but HTML.
func TestOwnPagesFitAPhone(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	user := s.Login("xiaoming")
	s.Exec("UPDATE sessions SET user_agent = ?", strings.Repeat("x", 200))
	b := chromium(t, s, 390, false)
	b.do(network.SetCookie("sid", user.Cookie("sid")).WithURL(s.URL))
	for _, lang := range []string{"zh", "en"} {
		for _, page := range []string{"", "/profile", "/sessions", "/password", "/mobile", "/delete", "/history", "/coupons",
			"/addresses?new=1"} {
			b.open("/account" + page)
			if got := b.eval("location.pathname + document.documentElement.lang"); !strings.HasPrefix(got, "/account") ||
				!strings.Contains(got, lang) {
				t.Fatalf("%s in %s is %s", page, lang, got)
			}
		}
		b.do(network.SetCookie("lang", "en").WithURL(s.URL))
	}
}

// The merchant's pages fit a phone, too: what is wider scrolls by itself.
func TestMerchantsPagesFitAPhone(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	owner := s.Login("owner")
	no := s.Order(xiaoming, 100102, 1)
	s.Pay(xiaoming, no)
	b := chromium(t, s, 390, false)
	b.do(network.SetCookie("sid", owner.Cookie("sid")).WithURL(s.URL), network.SetCookie("lang", "en").WithURL(s.URL))
	for _, page := range []string{"orders", "orders/" + no, "products", "products/1005", "refunds", "reviews"} {
		b.open("/admin/" + page)
		if got := b.eval("location.pathname"); got != "/admin/"+page {
			t.Fatalf("%s is %s", page, got)
		}
	}
}
