package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"dashop/store/account"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// auntie is a new address as typed on the confirmation page, in pairs of field and value.
var auntie = []string{
	"receiver", "王阿姨", "mobile", "13900130087", "province_id", "510000", "city_id", "510100", "district_id", "510107",
	"place", "玉林西路 21 号 1 栋 502", "title", "爸妈家",
}

// fields are what the form that places the order would send as it stands, with pairs of field and value changed.
func fields(b *webtest.Browser, change ...string) url.Values {
	form := url.Values{}
	for _, e := range b.Page.Find("#place input, input[form=place], select[form=place]").EachIter() {
		kind, checked := e.AttrOr("type", ""), e.Is("[checked]")
		if (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		form.Add(e.AttrOr("name", ""), e.AttrOr("value", e.Find("option[selected]").AttrOr("value", "")))
	}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// What is typed for a new address is where the order goes: it is saved with the order, not the address that was ticked before.
func TestOrderGoesToTheAddressThatIsTyped(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Get("/checkout?sku_id=100102&count=1")
		before := s.Int("SELECT COUNT(*) FROM addresses")
		form := fields(b, append(auntie, "note", "下午送")...)
		p := b.Post("/orders", form)
		no := s.Text("SELECT order_no FROM orders")
		if p.At() != "/orders/"+no+"/pay" || s.Text("SELECT receiver FROM orders") != "王阿姨" || s.Text("SELECT note FROM orders") != "下午送" ||
			!strings.Contains(s.Text("SELECT area FROM orders"), "武侯区") || s.Int("SELECT COUNT(*) FROM addresses") != before+1 {
			t.Fatalf("%d at %s, to %s, %d addresses", p.Status, p.At(), s.Text("SELECT receiver FROM orders"),
				s.Int("SELECT COUNT(*) FROM addresses"))
		}
		// The same form again, at once and later, is the same order and the same address.
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() { _, _ = b.Send(http.MethodPost, "/orders", form) })
		}
		wg.Wait()
		if s.Int("SELECT COUNT(*) FROM addresses") != before+1 || s.Int("SELECT COUNT(*) FROM orders") != 1 {
			t.Errorf("%d addresses and %d orders", s.Int("SELECT COUNT(*) FROM addresses")-before, s.Int("SELECT COUNT(*) FROM orders"))
		}
		storetest.CheckBooks(t, s.DB)
	})
}

// One form with a new address, sent many times at once, makes one address and one order.
func TestTypedAddressSentManyTimesAtOnce(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Get("/checkout?sku_id=100102&count=1")
		before := s.Int("SELECT COUNT(*) FROM addresses")
		form := fields(b, auntie...)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if p, err := b.Send(http.MethodPost, "/orders", form); err != nil || p.Status != http.StatusSeeOther {
					t.Errorf("%v, %v", p, err)
				}
			})
		}
		wg.Wait()
		if s.Int("SELECT COUNT(*) FROM addresses") != before+1 || s.Int("SELECT COUNT(*) FROM orders") != 1 {
			t.Errorf("%d addresses and %d orders", s.Int("SELECT COUNT(*) FROM addresses")-before, s.Int("SELECT COUNT(*) FROM orders"))
		}
	})
}

// A half-filled address stops the placing on this page: all that was typed stays, each fault stands beside its field, and the
// page opens at the first. With an address book, and without one.
func TestHalfATypedAddressStopsThePlacing(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	s.User("newcomer", account.Shopper)
	for _, name := range []string{"xiaoming", "newcomer"} {
		for _, path := range []string{"/orders", "/checkout/quote"} { // 提交订单, 保存地址
			b := s.Login(name)
			b.Get("/checkout?sku_id=100102&count=2")
			addresses := s.Int("SELECT COUNT(*) FROM addresses")
			form := fields(b, "receiver", "王阿姨", "mobile", "139", "province_id", "510000", "city_id", "510100", "note", "下午送")
			if path == "/checkout/quote" {
				form.Set("save", "address")
			}
			p := b.Post(path, form)
			if p.Status != 422 || p.Code() != 50102 || p.Has("form[action*='/account/addresses']") ||
				!p.Has("form#place[action='/orders']") {
				t.Fatalf("%s, %s: %d %d", name, path, p.Status, p.Code())
			}
			if !p.Has("#f-mobile-wrong") || !p.Has("#f-district_id-wrong") || !p.Has("#f-place-wrong") || p.Has("#f-receiver-wrong") ||
				p.Count("[autofocus]") != 1 || !p.Has("#f-mobile[autofocus]") {
				t.Errorf("%s, %s: faults are not beside their fields: %s", name, path, p.Text(".address-form"))
			}
			for field, want := range map[string]string{"receiver": "王阿姨", "mobile": "139", "note": "下午送"} {
				if got := p.Attr("[name="+field+"]", "value"); got != want {
					t.Errorf("%s, %s: %s became %q", name, path, field, got)
				}
			}
			if p.Attr("[name=city_id] option[selected]", "value") != "510100" || p.Has("details.checkout__new:not([open])") ||
				p.Attr("#place [name=sku_id]", "value") != "100102" || p.Attr("#place [name=count]", "value") != "2" {
				t.Errorf("%s, %s: the areas, the open form or the goods are lost", name, path)
			}
			if s.Int("SELECT COUNT(*) FROM orders") != 0 || s.Int("SELECT COUNT(*) FROM addresses") != addresses {
				t.Fatalf("%s, %s: something was made of it", name, path)
			}
			// Set right, the same page places the order.
			b.Press("提交订单", "mobile", "13900130087", "district_id", "510107", "place", "玉林西路 21 号 1 栋 502")
			if s.Text("SELECT receiver FROM orders") != "王阿姨" || s.Text("SELECT note FROM orders") != "下午送" {
				t.Errorf("%s, %s: %d at %s", name, path, b.Page.Status, b.Page.At())
			}
			s.Exec("DELETE FROM order_items")
			s.Exec("DELETE FROM order_events")
			s.Exec("DELETE FROM stock_ledger WHERE order_id IS NOT NULL")
			s.Exec("UPDATE stocks SET quantity = quantity + sold, sold = 0")
			s.Exec("DELETE FROM orders")
			s.Exec("DELETE FROM addresses WHERE receiver = '王阿姨'")
		}
	}
}

// The address stays when the placing then fails for another reason: it is chosen, and its form closed.
func TestTypedAddressStaysWhenTheGoodsAreGone(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	b.Get("/checkout?sku_id=100102&count=1")
	form := fields(b, append(auntie, "note", "下午送")...)
	s.Exec("INSERT INTO stock_ledger (sku_id, kind, delta, created_at) SELECT sku_id, 'corrected', -quantity, ? FROM stocks WHERE sku_id = 100102", s.Clock.Now())
	s.Exec("UPDATE stocks SET quantity = 0 WHERE sku_id = 100102")
	p := b.Post("/orders", form)
	saved := itoa(s.Int("SELECT id FROM addresses WHERE receiver = '王阿姨'"))
	if p.Status != 409 || p.Code() != 50103 || p.Attr("[name=address_id][checked]", "value") != saved ||
		p.Attr("[name=receiver]", "value") != "" ||
		p.Has("details.checkout__new[open]") || p.Attr("[name=note]", "value") != "下午送" ||
		!strings.Contains(p.Text(".checkout__to"), "王阿姨") {
		t.Errorf("%d %d, chosen %s of %s", p.Status, p.Code(), p.Attr("[name=address_id][checked]", "value"), saved)
	}
}

// 保存地址 saves without placing, and keeps what else was typed, with htmx and without.
func TestSaveAddressAtCheckout(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	for _, htmx := range []bool{false, true} {
		b := s.Login("xiaoming")
		b.HX = htmx
		b.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"1"}})
		b.Get("/checkout")
		b.Page.Find("[name=note]").SetAttr("value", "下午送")
		if !htmx {
			b.Press("[name=refresh]", "receiver", "王阿姨", "province_id", "510000")
			b.Press("[name=refresh]", "city_id", "510100")
			if b.Page.Status != 200 || b.Page.Attr("[name=note]", "value") != "下午送" || !b.Page.Has("details.checkout__new[open]") {
				t.Fatalf("更新: %d, note %q", b.Page.Status, b.Page.Attr("[name=note]", "value"))
			}
		} else {
			b.Change("province_id", "510000")
			b.Change("city_id", "510100")
		}
		b.Press("保存地址", auntie...)
		saved := itoa(s.Int("SELECT id FROM addresses WHERE receiver = '王阿姨'"))
		if b.Page.URL.Path != "/checkout" || b.Page.Attr("[name=address_id][checked]", "value") != saved ||
			b.Page.Attr("[name=note]", "value") != "下午送" ||
			b.Page.Attr("[name=receiver]", "value") != "" || !strings.Contains(b.Page.Text("#place"), "王阿姨") ||
			b.Page.Attr("#place [name=from]", "value") != "cart" {
			t.Errorf("htmx %v: %s, chosen %s, note %q", htmx, b.Page.At(), b.Page.Attr("[name=address_id][checked]", "value"),
				b.Page.Attr("[name=note]", "value"))
		}
		if s.Int("SELECT COUNT(*) FROM orders") != 0 {
			t.Fatal("saving an address placed an order")
		}
		s.Exec("DELETE FROM addresses WHERE receiver = '王阿姨'")
		s.Exec("DELETE FROM cart_lines")
	}
}

// The page is about the goods that it lists: what is ticked meanwhile in another tab is not ordered by it, and what was taken
// out there is told.
func TestPageOrdersWhatItLists(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.HX = true
		b.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"1"}})
		b.Get("/checkout")
		other := s.Login("xiaoming")
		other.Post("/cart/items", url.Values{"sku_id": {"100104"}, "count": {"1"}})
		sum := b.Page.Fen("#payable")
		b.Change("address_id", itoa(s.Int("SELECT id FROM addresses WHERE title = '公司'")))
		if b.Page.Fen("#payable") != sum || b.Page.Count("#place [name=sku_id]") != 1 {
			t.Errorf("the sum is about other goods than the page: %d", b.Page.Fen("#payable"))
		}
		form := fields(b)
		other.Post("/cart/items/100102/remove", nil)
		p := b.Post("/orders", form)
		if p.Status != 409 || p.Code() != 50104 || !strings.Contains(p.Alert(), "云梯 Nova 7") ||
			p.Attr("#place [name=sku_id]", "value") != "100104" {
			t.Errorf("a line was removed: %d %d %s", p.Status, p.Code(), p.Alert())
		}
		other.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"1"}})
		if p := b.Post("/orders", form); !strings.HasSuffix(p.At(), "/pay") || s.Int("SELECT COUNT(*) FROM order_items") != 1 ||
			s.Int("SELECT sku_id FROM cart_lines") != 100104 {
			t.Errorf("%d at %s", p.Status, p.At())
		}
	})
}

// Coupons and credits that one does not have are refused by their codes.
func TestNothingToSpendAtCheckout(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	b.Get("/checkout?sku_id=100102&count=1")
	for field, want := range map[string]int{"coupon_id": 50107, "credits": 50108} {
		for _, value := range []string{"1000", "x", "-5"} {
			if p := b.Post("/orders", fields(b, field, value)); p.Status != 422 || p.Code() != want ||
				s.Int("SELECT COUNT(*) FROM orders") != 0 {
				t.Errorf("%s=%s: %d %d", field, value, p.Status, p.Code())
			}
		}
		if p := b.Post("/checkout/quote", fields(b, field, "")); p.Status != 200 {
			t.Errorf("no %s: %d", field, p.Status)
		}
	}
}
