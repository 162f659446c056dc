package web_test

import (
	"net/url"
	"strings"
	"testing"

	"dashop/web/webtest"
)

// TestOrdersAreFound has a shopper and the merchant look for the same order by all that it can be found by.
func TestOrdersAreFound(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, owner := s.Login("xiaoming"), s.Login("owner")
		user := s.Int("SELECT id FROM users WHERE username = 'xiaoming'")
		no := s.Order(user, 100101, 1)
		const trade = "2026112022001496540551"
		s.Exec("UPDATE orders SET trade_no = ? WHERE order_no = ?", trade, no)
		spu := s.Int("SELECT i.spu_id FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.order_no = ? LIMIT 1", no)
		name := s.Text("SELECT name FROM spus WHERE id = ?", spu)
		for _, q := range []string{"q=" + no, "q=" + trade, "q=" + url.QueryEscape(name), "q=" + url.QueryEscape("  "+name),
			"spu=" + itoa(spu), "range=today", "range=7&status=1",
			"range=30&status=1&spu=" + itoa(spu) + "&q=" + no} {
			for path, who := range map[string]*webtest.Browser{"/orders?": b, "/admin/orders?": owner} {
				if p := who.Get(path + q); p.Status != 200 || !p.Has("[data-order='"+no+"']") {
					t.Errorf("%s%s does not find it: %d", path, q, p.Status)
				}
			}
		}
		for _, q := range []string{"q=20990101000000000000", "q=" + url.QueryEscape("没有这种商品"), "spu=999", "range=yesterday",
			"range=older", "status=2&q=" + no} {
			for path, who := range map[string]*webtest.Browser{"/orders?": b, "/admin/orders?": owner} {
				if p := who.Get(path + q); p.Status != 200 || p.Has("[data-order='"+no+"']") || p.Has("[data-total]") {
					t.Errorf("%s%s finds it: %d", path, q, p.Status)
				}
			}
		}
		if p := s.Login("teacher").Get("/orders?q=" + no); p.Has("[data-order]") {
			t.Error("another finds it")
		}
		long := strings.Repeat("很", 65)
		for path, who := range map[string]*webtest.Browser{"/orders?status=1&q=": b, "/admin/orders?status=1&q=": owner} {
			p := who.Get(path + url.QueryEscape(long))
			if p.Status != 422 || p.Attr("#order-q", "value") != long || !strings.Contains(p.Text(".orderfind"), "64") ||
				!p.Has(".tab[href*='status=1'][aria-current]") {
				t.Errorf("%s with long words: %d %q", path, p.Status, p.Text(".orderfind"))
			}
		}
	})
}
