package web_test

import (
	"net/url"
	"strings"
	"testing"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/web/webtest"
)

// A visitor's cart comes along at the login, which can be undone by one click; then it is apart, until the user has it come along after
// all. Each change of several lines can be undone too.
func TestCartUndoStory(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for name, hx := range map[string]bool{"lihua": false, "lilei": true} {
			s.User(name, account.Shopper)
			s.Login(name).Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"2"}})
			b := s.Visitor()
			b.HX = hx
			b.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
			b.Post("/cart/items", url.Values{"sku_id": {"100202"}, "count": {"3"}})
			b.Get("/login")
			b.Press("登录", "username", name, "password", account.DemoPassword)
			if said := b.Page.Text("#notices"); !strings.Contains(said, "2 种商品已经带过来") {
				t.Fatalf("after the login the page says %q", said)
			}
			wantCount(t, b, 6)
			b.Press("#notices form[action='/cart/undo'] button")
			wantCartLines(t, b, "100101 2")
			wantCount(t, b, 2)
			if said := b.Page.Text("main"); !strings.Contains(said, "登录前选的 2 种商品还没有放进来") {
				t.Errorf("nobody says where the visitor's goods are: %s", said)
			}
			b.Press("放进购物车")
			wantCartLines(t, b, "100101 3", "100202 3")

			b.Press("#cart form[action='/cart/items/100202/remove'] button")
			wantCartLines(t, b, "100101 3")
			b.Press("#toasts form button")
			wantCartLines(t, b, "100101 3", "100202 3")
			b.Press("#cart-all")
			b.Press("#toasts form button")
			b.Press("移除选中商品")
			wantCartLines(t, b)
			b.Press("#toasts form button")
			wantCartLines(t, b, "100101 3", "100202 3")
			b.Press("移到收藏")
			wantCartLines(t, b)
			if n := s.Int("SELECT favourites FROM users WHERE username = ?", name); n != 2 {
				t.Errorf("%d favourites", n)
			}
			b.Press("#toasts form button")
			wantCartLines(t, b, "100101 3", "100202 3")
			if n := s.Int("SELECT favourites FROM users WHERE username = ?", name); n != 0 {
				t.Errorf("%d favourites after the undo", n)
			}

			b.Click("#spec-100101")
			b.Press("换成这款", "to", "100103")
			wantCartLines(t, b, "100103 3", "100202 3")
			b.Press("#toasts form button")
			wantCartLines(t, b, "100101 3", "100202 3")
			b.Post("/cart/undo", url.Values{"token": {"AAAAAAAAAAAAAAAAAAAAAAAAAA"}})
			wantCartLines(t, b, "100101 3", "100202 3")
		}
	})
}

// What was undone is the browser's again when the user logs out, and is not the next user's unless they log in.
func TestUndoneMergeIsKeptForTheBrowser(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	s.User("lihua", account.Shopper)
	b := s.Visitor()
	b.Post("/cart/items", url.Values{"sku_id": {"100202"}, "count": {"3"}})
	b.Get("/login")
	b.Press("登录", "username", "lihua", "password", account.DemoPassword)
	b.Press("#notices form[action='/cart/undo'] button")
	wantCartLines(t, b)
	b.Post("/logout", nil)
	b.Get("/cart")
	wantCartLines(t, b, "100202 3")
	if s.Visitor().Get("/cart").Has("#cart [data-sku]") {
		t.Error("another browser sees the cart")
	}
}

// wantCartLines checks the lines of the cart's page, each as its SKU and count.
func wantCartLines(t *testing.T, b *webtest.Browser, want ...string) {
	t.Helper()
	got := map[string]bool{}
	lines := b.Page.Find("#cart [data-sku]")
	for i := range lines.Length() {
		got[lines.Eq(i).AttrOr("data-sku", "")+" "+lines.Eq(i).AttrOr("data-count", "")] = true
	}
	for _, line := range want {
		if !got[line] {
			t.Errorf("no line %q among %v", line, got)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("the cart holds %v, want %v", got, want)
	}
}

// As counts change the cart says how far a 满减 has come, with htmx and without, and leads to goods that fill the gap.
func TestCartStepsOfAReduction(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	price := s.Int("SELECT price_fen FROM skus WHERE id = 100202")
	publishReduction(s, 2*price+1, 500)
	for _, hx := range []bool{false, true} {
		b := s.Visitor()
		b.HX = hx
		b.Post("/cart/items", url.Values{"sku_id": {"100202"}, "count": {"1"}})
		b.Get("/cart")
		for count, short := range map[string]int64{"1": price + 1, "2": 1, "3": 0} {
			if b.HX {
				b.Page.Find("#line-100202 [name=count]").SetAttr("value", count)
				b.Press("#line-100202 .cart__count form button[type=submit]")
			} else {
				b.Press("#line-100202 .cart__count form button[type=submit]", "count", count)
			}
			link, off := b.Page.Attr(".cart__promo a", "href"), b.Page.Count(".sum [data-fen='-500']")
			if short == 0 && (link != "" || off == 0) || short > 0 && (!strings.HasSuffix(link, "?gap="+itoa(short)) || off > 0) {
				t.Errorf("%s pieces: %q, %s", count, link, b.Page.Text(".with-side__side"))
			}
			if link != "" && s.Visitor().Get(link).Status != 200 {
				t.Errorf("%s leads nowhere", link)
			}
		}
	}
}
