package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dashop/web/webtest"
)

// hostile are texts that break what is careless: markup, quotes, bytes that are no text, and far too much of it.
var hostile = []string{
	`"><b id=xss>`, `'><img id=xss src=x onerror=alert(1)>`, `<script id=xss>alert(1)</script>`, `</title><b id=xss>`,
	`</textarea><b id=xss>`, `javascript:alert(1)`,
	`'; DROP TABLE orders; --`, "\x00", "a\x00b", "\xff\xfe", "%s%d%!(NOVERB)", "{{.}}", "💥💥💥", "\u202eabc", "a\r\nSet-Cookie: x=1",
	strings.Repeat("长", 5000), strings.Repeat("x", 100_000),
}

// Hostile texts in every field of every form are refused or kept as they are, and never become part of a page.
func TestHostileTexts(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		paid := s.Order(xiaoming, 100102, 1)
		s.Pay(xiaoming, paid)
		b, owner, stranger := s.Login("xiaoming"), s.Login("owner"), s.Visitor()
		forms := []struct {
			b      *webtest.Browser
			path   string
			fields []string
		}{
			{stranger, "/login", []string{"username"}}, // each try takes long, on purpose
			{stranger, "/preferences", []string{"lang", "theme", "next"}},
			{stranger, "/cart/items", []string{"sku_id", "count"}},
			{stranger, "/cart/items/100101", []string{"count", "selected"}},
			{stranger, "/cart/selection", []string{"selected"}},
			{b, "/orders", []string{"checkout_token", "digest", "address_id", "pay_method", "note", "sku_id", "count"}},
			{b, "/checkout/quote", []string{"address_id", "pay_method", "note"}},
			{b, "/account/addresses", []string{"receiver", "mobile", "province_id", "city_id", "district_id", "place", "title",
				"postal_code", "default", "next", "refresh"}},
			{b, "/orders/" + no + "/pay", []string{"method"}},
			{owner, "/admin/orders/" + paid + "/ship", []string{"carrier", "tracking_no", "back"}},
			{owner, "/admin/products", []string{"name", "name_en", "category_id", "brand_id", "caption", "caption_en", "description",
				"description_en", "new_spec", "new_options", "new_spec_2", "new_options_2"}},
			{owner, "/admin/products/1005", []string{"name", "version", "category_id", "price_100501", "market_100501", "launched_100501",
				"launched", "description"}},
			{owner, "/admin/products/1001/delete", []string{"version"}},
			{owner, "/admin/products/1001/specs", []string{"version", "spec_1", "spec_en_1", "spec_order_1", "remove_spec_1", "option_1",
				"option_en_1", "color_1", "order_1", "remove_1", "add_1", "new_spec", "new_spec_en", "new_options"}},
			{owner, "/admin/products/1001/skus", []string{"do", "price", "market", "choice_1", "launched"}},
			{owner, "/admin/products/1001/pictures", []string{"target", "pictures"}},
			{owner, "/admin/products/1001/pictures/move", []string{"skus", "image", "do"}},
			{owner, "/admin/categories", []string{"name", "name_en", "parent_id", "sequence", "picture"}},
			{owner, "/admin/categories/10101", []string{"version", "name", "name_en", "parent_id", "sequence"}},
			{owner, "/admin/brands", []string{"name", "name_en", "letter", "intro", "intro_en", "picture"}},
			{owner, "/admin/brands/1", []string{"version", "name"}},
			{owner, "/admin/brands/1/delete", []string{"version"}},
			{owner, "/admin/channels", []string{"name", "name_en", "sequence", "channel_1", "channel_6"}},
			{owner, "/admin/ads", []string{"title", "title_en", "text", "text_en", "place", "target_type", "target_id", "sequence",
				"shown", "picture"}},
			{owner, "/admin/ads/7", []string{"version", "title", "place"}},
			{stranger, "/payments/alipay/notify", []string{"out_trade_no", "sign", "total_amount", "notify_id"}},
		}
		usual := url.Values{"sku_id": {"100101"}, "count": {"1"}, "checkout_token": {"aaaaaaaaaaaa"}, "digest": {"x"},
			"pay_method": {"alipay"}, "carrier": {"sf"}, "tracking_no": {"SF1"},
			"receiver": {"王明"}, "mobile": {"13900001111"}, "province_id": {"330000"}, "city_id": {"330100"}, "district_id": {"330106"},
			"place": {"文三路 478 号"},
			"name":  {"好货"}, "title": {"好货"}, "category_id": {"10101"}, "parent_id": {"101"}, "version": {"0"}, "price": {"1"}}
		for _, f := range forms {
			for _, field := range f.fields {
				for _, text := range hostile {
					if len(text) > 6000 && field != f.fields[0] {
						continue // once a form is enough
					}
					form := url.Values{}
					for k, v := range usual {
						form[k] = v
					}
					form.Set(field, text)
					p, err := f.b.Send("POST", f.path, form)
					if err != nil {
						t.Fatalf("POST %s with %s=%.40q: %v", f.path, field, text, err)
					}
					if p.Status >= 500 || p.Status < 200 || p.Has("#xss") || p.Has("[onerror]") ||
						strings.Contains(strings.Join(p.Header.Values("Set-Cookie"), ";"), "x=1") {
						t.Errorf("POST %s with %s=%.40q: %d", f.path, field, text, p.Status)
					}
					if to := p.Header.Get("Location"); p.Status == 303 && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
						t.Errorf("POST %s with %s=%.40q leads to %q", f.path, field, text, to)
					}
				}
			}
		}
		if s.Int("SELECT COUNT(*) FROM orders") != 2 {
			t.Error("orders came to be")
		}
	})
}

// Markup in what people wrote is shown as they wrote it, on every page that shows it.
func TestMarkupIsShownAsText(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		probe := func(what string) string { return `"'><b id=xss>` + what }
		b := s.Login("xiaoming")
		p := b.Post("/account/addresses", url.Values{"receiver": {probe("收")}, "mobile": {"13900001111"}, "province_id": {"330000"},
			"city_id":     {"330100"},
			"district_id": {"330106"}, "place": {probe("路 1 号")}, "title": {`"><b id=xss>`}, "default": {"true"}})
		if p.Status != http.StatusOK {
			t.Fatalf("the address is not taken: %d %s", p.Status, brief(p))
		}
		s.Exec("UPDATE users SET nickname = ? WHERE id = ?", probe("名"), xiaoming)
		s.Exec("UPDATE spus SET name = ?, caption = ?, description = ? WHERE id = 1001", probe("货"), probe("句"),
			probe("述")+"<script id=xss>alert(1)</script>")
		s.Exec("UPDATE skus SET name = ? WHERE id = 100101", probe("款"))
		s.Exec("UPDATE categories SET name = ? WHERE id = 5", probe("类"))
		b.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
		b.Get("/checkout")
		b.Press("提交订单", "note", probe("注"))
		no := s.Text("SELECT order_no FROM orders")
		s.Pay(xiaoming, no)
		owner := s.Login("owner")
		if err := s.Store.Order.Ship(context.Background(), 2, no, "other", probe("号")); err != nil {
			t.Logf("a strange tracking number is refused: %v", err)
		}
		shown := 0
		for _, path := range []string{"/", "/categories", "/categories/5", "/categories/10101", "/products/1001?sku=100101",
			"/search?q=xss", "/search/suggest?q=xss", "/cart", "/account", "/account/addresses",
			"/checkout?sku_id=100101&count=1", "/orders", "/orders/" + no, "/orders/" + no + "/result", "/nowhere"} {
			shown += wantNoMarkup(t, b, path)
		}
		s.Exec("UPDATE brands SET name = ?, intro = ? WHERE id = 1", probe("牌"), probe("介"))
		s.Exec("UPDATE spec_options SET value = ? WHERE id = 1", probe("选"))
		s.Exec("UPDATE specs SET name = ? WHERE id = 1", probe("格"))
		s.Exec("UPDATE ads SET title = ?, text = ? WHERE place IN ('home_banner', 'home_notice', 'search_hot_word')", probe("题"),
			probe("文"))
		s.Exec("UPDATE channel_groups SET name = ? WHERE id = 1", probe("组"))
		for _, path := range []string{"/admin/orders", "/admin/orders/" + no, "/admin/refunds", "/admin/products", "/admin/products/1001",
			"/admin/products/new", "/admin/categories", "/admin/categories/5",
			"/admin/categories/501", "/admin/brands", "/admin/brands/1", "/admin/channels", "/admin/channels/1",
			"/admin/ads?place=home_banner", "/admin/ads/1", "/admin/ads?place=search_hot_word", "/", "/products/1001"} {
			shown += wantNoMarkup(t, owner, path)
		}
		if shown < 30 {
			t.Errorf("the probes were seen only %d times, so they prove little", shown)
		}
	})
}

// wantNoMarkup counts the probes on a page.
func wantNoMarkup(t *testing.T, b *webtest.Browser, path string) int {
	t.Helper()
	p := b.Get(path)
	if p.Status >= 500 || p.Has("#xss") {
		t.Errorf("%s: %d, and what people wrote is markup there: %v", path, p.Status, p.Has("#xss"))
	}
	return strings.Count(p.Body, "id=xss&gt;")
}
