package web_test

import (
	"net/url"
	"strings"
	"testing"

	"dashop/store/payment/gateway/gatewaytest"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// savings gives xiaoming two coupons and 820 credits, and nothing else of the kind.
func savings(t *testing.T, s *webtest.Shop) (small, large int64) {
	s.Exec("DELETE FROM user_coupons")
	s.Exec("UPDATE coupons SET claimed = 0, used = 0, saved_fen = 0, is_public = 0")
	user := s.Int("SELECT id FROM users WHERE username = 'xiaoming'")
	hold := func(off int64) int64 {
		c := storetest.Coupon(t, s.DB, 0, 0)
		s.Exec("UPDATE coupons SET off_fen = ?, claimed = 1 WHERE id = ?", off, c)
		s.Exec(`INSERT INTO user_coupons (coupon_id, user_id, nth, how, claimed_at, starts_at, ends_at)
			SELECT id, ?, 1, 'claimed', starts_at, starts_at, ends_at FROM coupons WHERE id = ?`, user, c)
		return s.Int("SELECT id FROM user_coupons WHERE coupon_id = ?", c)
	}
	s.Exec("DELETE FROM credit_entries")
	s.Exec("DELETE FROM credits")
	s.Exec("INSERT INTO credits (user_id, balance, entries) VALUES (?, 820, 1)", user)
	s.Exec(`INSERT INTO credit_entries (user_id, number, kind, amount, balance, order_id, ref, reason, actor_id, created_at)
		SELECT id, 1, 'granted', 820, 820, 0, 'x', '', 1, created_at FROM users WHERE id = ?`, user)
	return hold(500), hold(2000)
}

// The best coupon is chosen at first; another choice prices the page again, with htmx and without, and nothing typed is lost. The order
// says line by line what the page said.
func TestCouponAndCreditsAtCheckout(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		small, large := savings(t, s)
		b := s.Login("xiaoming")
		p := b.Get("/checkout?sku_id=100102&count=1")
		full := p.Fen("#payable") + 2000
		if p.Attr("[name=coupon_id][checked]", "value") != itoa(large) || p.Count("[name=coupon_id]") != 3 {
			t.Fatalf("at first coupon %s of %d is chosen", p.Attr("[name=coupon_id][checked]", "value"), p.Count("[name=coupon_id]"))
		}
		p = b.Post("/checkout/quote", fields(b, "coupon_id", itoa(small), "credits", "300", "note", "按门铃"))
		if p.Status != 200 || p.Fen("#payable") != full-500-300 || p.Attr("[name=note]", "value") != "按门铃" ||
			p.Attr("[name=credits]", "value") != "300" || p.Attr("[name=coupon_id][checked]", "value") != itoa(small) {
			t.Fatalf("without the script: %d, payable %d of %d", p.Status, p.Fen("#payable"), full)
		}
		b.HX = true
		b.Change("coupon_id", "0")
		if b.Page.Fen("#payable") != full-300 || !strings.Contains(b.Page.Text("#checkout-list .why"), "使用 300 积分") {
			t.Errorf("no coupon: payable %d of %d; %s", b.Page.Fen("#payable"), full, b.Page.Text("#checkout-list .why"))
		}
		b.Change("coupon_id", itoa(large))
		b.HX = false
		p = b.Post("/orders", fields(b, "amount", "1", "price", "1", "payable", "1", "discount", "999999", "pay_method", "alipay"))
		if p.Status != 200 || !strings.HasSuffix(p.At(), "/pay") || p.Fen("#payable") != full-2300 {
			t.Fatalf("placed: %d %s %d", p.Status, p.At(), p.Fen("#payable"))
		}
		no := strings.Split(p.At(), "/")[2]
		p = b.Get("/orders/" + no)
		if p.Fen("#payable") != full-2300 || p.Count(".order .why") != 1 || !strings.Contains(p.Text(".why"), "见面礼") {
			t.Errorf("the order explains: %s", p.Text(".why"))
		}
		owner := s.Login("owner")
		if shown := owner.Get("/admin/orders/" + no).Text(".why"); shown != p.Text(".why") {
			t.Errorf("the merchant sees %q, the shopper %q", shown, p.Text(".why"))
		}
		b.Post("/orders/"+no+"/cancel", nil)
		if n := s.Int("SELECT COUNT(*) FROM user_coupons WHERE order_id = 0"); n != 2 || s.Int("SELECT balance FROM credits") != 820 {
			t.Errorf("after cancelling %d coupons are free", n)
		}
	})
}

// What cannot be used is refused beside its field, and a price that has moved is shown anew; note, address, coupon and credits stay.
func TestSavingsRefused(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		small, large := savings(t, s)
		b := s.Login("xiaoming")
		b.Get("/checkout?sku_id=100102&count=1")
		form := func(changes ...string) url.Values {
			return fields(b, append([]string{"note", "按门铃", "pay_method", "alipay"}, changes...)...)
		}
		for _, path := range []string{"/orders", "/checkout/quote"} {
			p := b.Post(path, form("credits", "821"))
			if p.Status != 422 || p.Code() != 50108 || p.Attr("[name=credits]", "value") != "821" || p.Attr("[name=note]", "value") != "按门铃" ||
				p.Text("#f-credits-wrong") == "" || p.Attr("[name=coupon_id][checked]", "value") != itoa(large) {
				t.Errorf("%s: too many credits: %d %d %s", path, p.Status, p.Code(), p.Text("#f-credits-wrong"))
			}
		}
		b.Get("/checkout?sku_id=100102&count=1")
		b.Post("/checkout/quote", form("coupon_id", itoa(small), "credits", "100"))
		kept := form()
		s.Exec("UPDATE skus SET price_fen = price_fen + 100 WHERE id = 100102")
		p := b.Post("/orders", kept)
		if p.Status != 409 || p.Code() != 50106 || p.Attr("[name=credits]", "value") != "100" || p.Attr("[name=note]", "value") != "按门铃" ||
			p.Attr("[name=coupon_id][checked]", "value") != itoa(small) {
			t.Fatalf("the price moved: %d %d", p.Status, p.Code())
		}
		kept = form()
		s.Exec("UPDATE user_coupons SET ends_at = starts_at WHERE id = ?", small)
		p = b.Post("/orders", kept)
		if p.Status != 422 || p.Code() != 50107 || p.Text("#checkout-savings [role=alert]") == "" || p.Attr("[name=credits]", "value") != "100" {
			t.Fatalf("the coupon has run out: %d %d", p.Status, p.Code())
		}
		if p = b.Post("/orders", form()); !strings.HasSuffix(p.At(), "/pay") {
			t.Errorf("with what the page chose instead: %d %d", p.Status, p.Code())
		}
	})
}

// What costs nothing is paid as it is placed: the pay page leads on to the result, which says so.
func TestFreeOrderAtCheckout(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		_, large := savings(t, s)
		s.Exec("UPDATE coupons SET off_fen = 10000000 WHERE id = (SELECT coupon_id FROM user_coupons WHERE id = ?)", large)
		s.Exec("UPDATE spus SET is_virtual = 1 WHERE id = 1001")
		b := s.Login("xiaoming")
		p := b.Get("/checkout?sku_id=100102&count=1")
		if p.Fen("#payable") != 0 || p.Has("[type=radio][name=pay_method]") {
			t.Fatalf("payable %d", p.Fen("#payable"))
		}
		p = b.Post("/orders", fields(b))
		if !strings.HasSuffix(p.At(), "/result") || !strings.Contains(p.Text("#result"), "无需支付") {
			t.Errorf("%d at %s: %s", p.Status, p.At(), p.Text("#result"))
		}
	})
}

// With two ways to pay the page remembers the last one. That of a free order is none of them, nor is one that the merchant has removed.
func TestFreeOrdersInARow(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, _ *gatewaytest.Provider) {
		launchCourses(s)
		s.Exec("UPDATE skus SET price_fen = 0 WHERE id = ?", goFor90)
		b := s.Login("xiaoming")
		for i := range 3 {
			b.Get("/checkout?count=1&sku_id=" + itoa(goFor90))
			if p := b.Post("/orders", b.Page.Form("form#place")); !strings.HasSuffix(p.At(), "/result") {
				t.Fatalf("free order %d: %d at %s, %s", i+1, p.Status, p.At(), p.Alert())
			}
		}
		s.Exec("UPDATE orders SET pay_method = 'removed'")
		b.Get("/checkout?count=1&sku_id=" + itoa(goFor90))
		if p := b.Post("/orders", b.Page.Form("form#place")); !strings.HasSuffix(p.At(), "/result") {
			t.Errorf("after one by a method that is gone: %d at %s, %s", p.Status, p.At(), p.Alert())
		}
		b.Get("/checkout?sku_id=100102&count=1")
		if got := chosen(b, "pay_method"); got != "alipay/alipay" {
			t.Errorf("for one that costs money %s is offered", got)
		}
	})
}
