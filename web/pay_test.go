package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"dashop/store/order"
	"dashop/web/sandbox"
	"dashop/web/webtest"
)

// xiaoming is the demo's shopper, who has two addresses.
const xiaoming = 1

// Buying at once leaves the cart alone, and the address that was ticked is the one that the order bears.
func TestBuyNow(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Get("/products/1002")
		b.Press("加入购物车")
		b.Get("/products/1001?sku=100102")
		b.Press("立即购买", "count", "2")
		wantPage(t, b, 200, "/checkout?count=2&sku_id=100102")
		if b.Page.Count("main [data-sku]") != 1 || !b.Page.Has("[data-sku='100102'][data-count='2']") {
			t.Fatalf("to be bought: %s", b.Page.Text("main"))
		}
		home, office := s.Int("SELECT id FROM addresses WHERE title = '家'"), s.Int("SELECT id FROM addresses WHERE title = '公司'")
		if got := b.Page.Attr("[name=address_id][checked]", "value"); got != itoa(home) {
			t.Errorf("address %s is ticked, not the default one", got)
		}
		b.Press("提交订单", "address_id", itoa(office))
		no := s.Text("SELECT order_no FROM orders WHERE address_title = '公司'")
		wantPage(t, b, 200, "/orders/"+no+"/pay")
		b.Get("/cart")
		wantCount(t, b, 1)
	})
}

// Choosing another address with htmx prices again and keeps it chosen.
func TestChooseAddressWithHTMX(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	b.HX = true
	b.Get("/checkout?sku_id=100102&count=1")
	office := itoa(s.Int("SELECT id FROM addresses WHERE title = '公司'"))
	p := b.Change("address_id", office)
	if p.Status != http.StatusOK || !strings.Contains(b.Page.Text("#place"), "中关村南大街") {
		t.Fatalf("%d: %s", p.Status, b.Page.Text("#place"))
	}
	b.Press("提交订单")
	if got := s.Text("SELECT address_title FROM orders"); got != "公司" {
		t.Errorf("the order goes to %s", got)
	}
}

func TestCancelGivesTheGoodsBack(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		before := s.Int("SELECT quantity FROM stocks WHERE sku_id = 100102")
		no := s.Order(xiaoming, 100102, 3)
		b := s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay")
		b.Press("确认取消")
		wantPage(t, b, 200, "/orders/"+no)
		if b.Page.Attr("#order", "data-status") != "6" || s.Int("SELECT quantity FROM stocks WHERE sku_id = 100102") != before {
			t.Errorf("after cancelling: %s", b.Page.Text("main"))
		}
		// A second click finds done what it asks for, and gives nothing back a second time.
		p := b.Post("/orders/"+no+"/cancel", nil)
		if p.Status != http.StatusOK || p.At() != "/orders/"+no || s.Int("SELECT quantity FROM stocks WHERE sku_id = 100102") != before {
			t.Errorf("cancelling twice: %d at %s", p.Status, p.At())
		}
		for _, path := range []string{"/pay", "/pay/alipay", "/result"} {
			if p := b.Get("/orders/" + no + path); p.Status >= 500 || p.URL.Port() != s.Deps.Config.BaseURL[len("http://127.0.0.1:"):] {
				t.Errorf("%s of a cancelled order: %d at %s", path, p.Status, p.URL)
			}
		}
		b.Get("/orders/" + no)
		b.Press("再次购买")
		wantPage(t, b, 200, "/cart")
		if !b.Page.Has("[data-sku='100102'][data-count='3']") {
			t.Errorf("bought again: %s", b.Page.Text("#cart"))
		}
	})
}

// Who leaves the cashier comes back to the payment page and pays later, by the same attempt.
func TestPayAgainAfterLeavingTheCashier(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		b := s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay")
		b.Press("确认支付")
		b.Press("#login")
		b.Press("#poor")
		if b.Page.Status != http.StatusUnprocessableEntity {
			t.Fatalf("without money the cashier says %d", b.Page.Status)
		}
		b.Press("#cancel")
		wantPage(t, b, 200, "/orders/"+no+"/pay")
		b.Get("/orders/" + no)
		b.Click("去付款")
		s.Clock.Advance(10 * time.Minute)
		b.Click("去支付宝") // the plain link, for browsers that stop the form
		b.Press("#login")
		b.Press("#pay")
		wantPage(t, b, 200, "/orders/"+no+"/result")
		if b.Page.Attr("#result", "data-status") != "2" || s.Int("SELECT COUNT(*) FROM payments") != 1 {
			t.Errorf("after paying: %s, %d attempts", b.Page.Attr("#result", "data-status"), s.Int("SELECT COUNT(*) FROM payments"))
		}
		if p := b.Post("/orders/"+no+"/cancel", nil); p.Status != http.StatusConflict || p.Code() != 50109 ||
			s.Status(no) != order.StatusPendingShipment {
			t.Errorf("cancelling a paid order: %d %d", p.Status, p.Code())
		}
	})
}

// Money that comes after the order was cancelled is owed back: the shopper and the merchant are told.
func TestLatePaymentIsOwedBack(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		b, phone := s.Login("xiaoming"), s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay")
		b.Press("确认支付")
		b.Press("#login")
		s.Inject(sandbox.Fault{On: sandbox.OnClose, Kind: sandbox.Broken})
		phone.Get("/orders/" + no)
		phone.Press("确认取消")
		if s.Status(no) != order.StatusCancelled {
			t.Fatalf("the order is %s", s.Status(no).Name())
		}
		b.Press("#pay")
		wantPage(t, b, 200, "/orders/"+no+"/result")
		if got := b.Page.Text("h1"); !strings.Contains(got, "退给您") {
			t.Errorf("the shopper reads %q", got)
		}
		if s.Status(no) != order.StatusCancelled {
			t.Errorf("late money made the order %s", s.Status(no).Name())
		}
		owner := s.Login("owner")
		owner.Get("/admin/refunds")
		row := "tr[data-refund]"
		if owner.Page.Count(row) != 1 || owner.Page.Fen(row+" [data-fen]") != s.Int("SELECT payable_fen FROM orders") ||
			!strings.Contains(owner.Page.Text(row), no) {
			t.Errorf("the merchant reads: %s", owner.Page.Text("main"))
		}
	})
}

// A notify that never comes is no harm: the way back, the result page or the order itself find out.
func TestLostNotify(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		for name, look := range map[string]func(no string){
			"coming back":       func(string) { b.Press("#pay", "then", "silent") },
			"opening the order": func(no string) { b.Get("/orders/" + no) },
			"the result page":   func(no string) { b.Get("/orders/" + no + "/result") },
		} {
			s.Sandbox.Clear()
			no := s.Order(xiaoming, 100102, 1)
			b.Get("/orders/" + no + "/pay")
			b.Press("确认支付")
			b.Press("#login")
			if name != "coming back" { // the buyer pays and closes the window
				s.Inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
				s.Inject(sandbox.Fault{On: sandbox.OnReturn, Kind: sandbox.Drop})
				b.Press("#pay")
				if s.Status(no) != order.StatusPendingPayment {
					t.Fatal("paid without news")
				}
			}
			look(no)
			if got := b.Page.Attr("[data-order]", "data-status"); got != "2" ||
				s.Text("SELECT paid_source FROM payments WHERE order_no = ?", no) == "notify" {
				t.Errorf("%s: the page shows status %s", name, got)
			}
		}
	})
}

// The page that waits is led on as soon as the money is there.
func TestPollLeadsToTheResult(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		b := s.Login("xiaoming")
		b.HX = true
		b.Get("/orders/" + no + "/pay")
		b.Press("确认支付")
		b.Get("/orders/" + no + "/result")
		if b.Page.Code() != 50105 || b.Page.Status != http.StatusOK {
			t.Fatalf("while nothing is known: %d %d %s", b.Page.Status, b.Page.Code(), b.Page.Text("main"))
		}
		if p := b.Poll(); p.Status != http.StatusNoContent || p.Header.Get("HX-Redirect") != "" {
			t.Fatalf("nothing is known, but the poll answers %d %v", p.Status, p.Header)
		}
		s.Pay(xiaoming, no)
		p := b.Poll()
		if p.At() != "/orders/"+no+"/result" || p.Status != http.StatusOK || !strings.Contains(p.Text("h1"), "付款成功") ||
			p.Has("[hx-trigger]") && p.Has("#result [hx-trigger]") {
			t.Errorf("after paying the poll leads to %s: %s", p.At(), p.Text("h1"))
		}
		// Without the script, the address that is polled leads to the result as well.
		b.HX = false
		b.Get("/orders/" + no + "/status")
		wantPage(t, b, 200, "/orders/"+no+"/result")
	})
}
