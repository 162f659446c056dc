package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/account"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// noNumbers are texts that are no id of anything.
var noNumbers = []string{"0", "-1", "999999999", "1000000000000", "9223372036854775808", "abc", "１００１", "1001'--", "1e3", "0x3e9", "%00",
	"..%2f..", "%ff%fe"}

// Whatever stands in an address where a number belongs, the answer is a page of the shop.
func TestStrangeAddresses(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, owner := s.Login("xiaoming"), s.Login("owner")
		for _, path := range []string{"/products/%s", "/categories/%s", "/categories/10101?page=%s", "/search?q=x&page=%s",
			"/account/addresses/%s",
			"/orders/%s", "/orders/%s/pay", "/orders/%s/result", "/orders/%s/status", "/orders/%s/pay/alipay", "/orders?status=%s",
			"/orders?page=%s", "/orders?after=%s", "/orders?range=%s"} {
			for _, n := range noNumbers {
				if n == "1000000000000" && strings.Contains(path, "page=") {
					continue // as any other number too large
				}
				wantNotFound(t, b, fmt.Sprintf(path, n))
			}
		}
		for _, path := range []string{"/admin/orders/%s", "/admin/orders?status=%s", "/admin/orders?page=%s", "/admin/orders?after=%s",
			"/admin/orders?range=%s"} {
			for _, n := range noNumbers {
				wantNotFound(t, owner, fmt.Sprintf(path, n))
			}
		}
		for _, path := range []string{"/nothing", "/orders/20260304000000000000", "/orders/20260304000000000000/nothing",
			"/PRODUCTS/1001", "/products/1001/x",
			"/media/nothing.webp", "/media/../shop.db", "/media/%2e%2e/shop.db", "/static/x", "/.git/config", "/admin/nothing"} {
			wantNotFound(t, b, path)
		}
		// What is only a wish falls back to what there is.
		for path, want := range map[string]int{
			"/products/1001?sku=%s": 200, "/categories/10101?sort=%s": 200, "/search?q=x&sort=%s": 200,
			"/checkout?sku_id=100101&count=1&address_id=%s": 200,
			"/areas?parent=%s": 200, "/search/suggest?q=%s": 200, "/search?q=%s": 200, "/?lang=%s": 200, "/login?next=%s": 303,
		} {
			for _, n := range append([]string{"%27;drop%20table%20orders", "-price%20--", "%3Cb%20id=xss%3E", "99999"}, noNumbers...) {
				p, err := b.Send("GET", fmt.Sprintf(path, n), nil)
				if err != nil || p.Status != want || p.Has("#xss") {
					t.Errorf(path+": %d, want %d (%v)", n, p.Status, want, err)
				}
			}
		}
		if p, err := owner.Send("GET", "/admin/orders?page=-5", nil); err != nil || p.Status != 200 && p.Status != 404 {
			t.Errorf("page -5 of the merchant's list: %d %v", p.Status, err)
		}
		long := strings.Repeat("很", 65)
		if p := b.Get("/search?q=" + url.QueryEscape(long)); p.Status != 422 ||
			p.Attr("main [name=q], .search__input", "value") != long || !strings.Contains(p.Text("main"), "64") {
			t.Errorf("a long search: %d %s", p.Status, brief(p))
		}
		if p := b.Get("/search?q=" + strings.Repeat("x", 5000)); p.Status != 422 {
			t.Errorf("a very long search: %d", p.Status)
		}
	})
}

func wantNotFound(t *testing.T, b *webtest.Browser, path string) {
	t.Helper()
	p, err := b.Send("GET", path, nil)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	plain := strings.HasPrefix(path, "/static/")
	if p.Status != http.StatusNotFound || !plain && (p.Count("h1") != 1 || p.Alert() == "" && p.Text("h1") == "") {
		t.Errorf("%s: %d: %s", path, p.Status, brief(p))
	}
}

// shot is a form that should not be taken.
type shot struct {
	path   string
	form   string
	status int
	code   int
	says   string // what is said somewhere on the page
}

// Forms that no page of the shop would send are refused with words, and change nothing.
func TestBadForms(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.User("neighbour", account.Shopper)
		others := itoa(storetest.Address(t, s.DB, s.Int("SELECT id FROM users WHERE username = 'neighbour'")))
		soldOut := itoa(s.Int("SELECT s.sku_id FROM stocks s JOIN skus k ON k.id = s.sku_id WHERE s.quantity = 0 AND k.is_launched = ? ORDER BY s.sku_id LIMIT 1", true))
		hidden := itoa(s.Int("SELECT id FROM skus WHERE is_launched = ? ORDER BY id LIMIT 1", false))
		b := s.Login("xiaoming")
		b.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"1"}})
		b.Get("/checkout?sku_id=100101&count=2")
		good := url.Values{}
		for _, name := range []string{"checkout_token", "digest", "sku_id", "count"} {
			good.Set(name, b.Page.Attr("[name="+name+"]", "value"))
		}
		good.Set("address_id", b.Page.Attr("[name=address_id][checked]", "value"))
		good.Set("pay_method", "alipay")
		order := func(change string) string { // the good form with something changed
			form := url.Values{}
			for k, v := range good {
				form[k] = v
			}
			changes, _ := url.ParseQuery(change)
			for k, v := range changes {
				if form[k] = v; v[0] == "-" {
					delete(form, k)
				}
			}
			return form.Encode()
		}
		shots := []shot{
			{"/cart/items", "", 422, 0, "规格"},
			{"/cart/items", "sku_id=999999999&count=1", 404, 0, ""},
			{"/cart/items", "sku_id=" + hidden + "&count=1", 404, 0, ""},
			{"/cart/items", "sku_id=" + soldOut + "&count=1", 409, 50103, ""},
			{"/cart/items/100102", "count=99", 200, 0, ""},
			{"/cart/items/100102", "", 422, 0, "数量"},
			{"/cart/items/100102", "selected=perhaps", 422, 0, ""},
			{"/cart/items/999999999", "count=1", 404, 0, ""},
			{"/cart/selection", "selected=1", 422, 0, ""},
			{"/orders", order("address_id=" + others), 422, 50102, ""},
			{"/orders", order("address_id=999999"), 422, 50102, ""},
			{"/orders", order("address_id=home"), 422, 50102, ""},
			{"/orders", order("address_id=-7"), 422, 50102, ""},
			{"/orders", order("checkout_token=-"), 422, 0, "确认"},
			{"/orders", order("checkout_token=x"), 422, 0, "确认"},
			{"/orders", order("digest=-"), 422, 0, "确认"},
			{"/orders", order("digest=" + strings.Repeat("0", 64)), 409, 50106, "价格"},
			{"/orders", order("count=3"), 409, 50106, "价格"},
			{"/orders", order("sku_id=100104"), 409, 50106, "价格"},
			{"/orders", order("pay_method=wechat"), 422, 0, "支付方式"},
			{"/orders", order("pay_method=-"), 422, 0, "支付方式"},
			{"/orders", order("note=" + strings.Repeat("x", 201)), 422, 0, "200"},
			{"/orders", order("note=%ff%fe"), 422, 0, "字符"},
			{"/orders", order("sku_id=999999999"), 404, 0, ""},
			{"/orders", order("count=99"), 409, 0, ""},
			{"/checkout/quote", "sku_id=x&count=1", 422, 0, "规格"},
			{"/checkout/quote", "sku_id=100101&count=1000000000000", 422, 0, "数量"},
			{"/orders/20260304000000000000/cancel", "", 404, 0, ""},
			{"/account/addresses/" + others, "receiver=x", 404, 0, ""},
			{"/account/addresses/" + others + "/delete", "", 404, 0, ""},
			{"/account/addresses/" + others + "/default", "", 404, 0, ""},
		}
		for _, count := range []string{"0", "-1", "1000000000000", "100", "two", "２", "1.5", "%20", "1%00", "01"} {
			for _, path := range []string{"/cart/items", "/orders"} {
				form := "sku_id=100101&count=" + count
				if path == "/orders" {
					form = order("count=" + strings.Replace(count, "-1", "%2D1", 1))
				}
				shots = append(shots, shot{path, form, 422, 0, "数量"})
			}
			shots = append(shots, shot{"/cart/items/100102", "count=" + count, 422, 0, "数量"})
		}
		for _, sku := range []string{"0", "-1", "text", "１００１０１", "1e5"} {
			shots = append(shots, shot{"/cart/items", "sku_id=" + url.QueryEscape(sku) + "&count=1", 422, 0, "规格"},
				shot{"/cart/items/" + url.PathEscape(sku), "count=1", 404, 0, ""})
		}
		before := remains(t, s)
		for _, x := range shots {
			form, _ := url.ParseQuery(x.form)
			for _, header := range [][]string{nil, {"HX-Request", "true", "HX-Request-Type", "partial"}} {
				if x.status == 200 { // it is taken as far as the stock goes; the cart says the rest
					continue
				}
				p, err := b.Send("POST", x.path, form, header...)
				switch said := p.Text("main, [role=alert], .field__wrong"); {
				case err != nil || p.Status != x.status:
					t.Errorf("POST %s %s %v: %d, want %d: %s %v", x.path, x.form, header, p.Status, x.status, brief(p), err)
				case p.Alert() == "" && !p.Has(".field__wrong") && p.Text("h1") == "":
					t.Errorf("POST %s %s %v: no words", x.path, x.form, header)
				case x.code != 0 && p.Code() != x.code && header == nil:
					t.Errorf("POST %s %s: code %d, want %d", x.path, x.form, p.Code(), x.code)
				case !strings.Contains(said, x.says):
					t.Errorf("POST %s %s %v: it says %q, not %q", x.path, x.form, header, said, x.says)
				}
			}
		}
		if diff := cmp.Diff(before, remains(t, s)); diff != "" {
			t.Errorf("bad forms changed:\n%s", diff)
		}
		// The form that they were made from is good, and amounts in it are not even read.
		for _, name := range []string{"price", "payable", "payable_fen", "amount", "freight", "unit_fen", "discount", "goods_fen"} {
			good.Set(name, "1")
		}
		b.Post("/orders", good)
		if b.Page.URL.Path != "/orders/"+s.Text("SELECT order_no FROM orders")+"/pay" || b.Page.Fen("#payable") != 2*259900 {
			t.Errorf("the good form: %d %s", b.Page.Status, b.Page.At())
		}
	})
}

// What was typed stands in the form when it is shown again with its faults.
func TestWhatWasTypedIsKept(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	note := "请放在 <门口> & 按铃"
	b.Get("/checkout?sku_id=100101&count=1")
	s.Exec("UPDATE skus SET price_fen = price_fen + 100 WHERE id = 100101")
	office := itoa(s.Int("SELECT id FROM addresses WHERE title = '公司'"))
	b.Press("提交订单", "note", note, "address_id", office)
	if b.Page.Status != 409 || b.Page.Code() != 50106 || b.Page.Attr("[name=note]", "value") != note || b.Page.Fen("#payable") != 260000 ||
		b.Page.Attr("[name=address_id][checked]", "value") != office {
		t.Errorf("the price has moved: %d %d, note %q, %d", b.Page.Status, b.Page.Code(), b.Page.Attr("[name=note]", "value"),
			b.Page.Fen("#payable"))
	}
	b.Press("提交订单")
	if got := s.Text("SELECT note FROM orders"); got != note {
		t.Errorf("the note is %q", got)
	}
	address := url.Values{"receiver": {"王 <b>"}, "mobile": {"12345"}, "province_id": {"330000"}, "city_id": {"330100"},
		"district_id": {"110101"}, "place": {"短"},
		"title": {"家"}, "postal_code": {"31001"}, "default": {"true"}, "next": {"/checkout?sku_id=100101&count=1"}}
	p := b.Post("/account/addresses", address)
	if p.Status != 422 || p.Count(".address-form .field__wrong") < 4 || !p.Has(".address-form [name=default][checked]") {
		t.Errorf("a bad address: %d, %d faults", p.Status, p.Count(".address-form .field__wrong"))
	}
	for name, want := range address {
		if name == "default" || name == "district_id" {
			continue
		}
		got := p.Attr(".address-form input[name="+name+"]", "value")
		if strings.HasSuffix(name, "_id") {
			got = p.Attr(".address-form select[name="+name+"] option[selected]", "value")
		}
		if got != want[0] {
			t.Errorf("%s became %q", name, got)
		}
	}
	owner := s.Login("owner")
	no := s.Order(xiaoming, 100102, 1)
	s.Pay(xiaoming, no)
	p = owner.Post("/admin/orders/"+no+"/ship", url.Values{"carrier": {"sf"}, "tracking_no": {"<S F>" + strings.Repeat("1", 60)}})
	if p.Status != 422 || !strings.HasPrefix(p.Attr("[name=tracking_no]", "value"), "<S F>111") ||
		p.Attr("[name=carrier] option[selected]", "value") != "sf" {
		t.Errorf("a bad tracking number: %d, %q", p.Status, p.Attr("[name=tracking_no]", "value"))
	}
	p = s.Visitor().Post("/login", url.Values{"username": {`a"b<c>`}, "password": {"secret-word"}, "next": {"/orders?status=1"}})
	if p.Status != 422 || p.Attr("[name=username]", "value") != `a"b<c>` || p.Attr("[name=next]", "value") != "/orders?status=1" ||
		strings.Contains(p.Body, "secret-word") {
		t.Errorf("a bad login: %d", p.Status)
	}
}

// Goods that were sold while somebody filled in the form are named, and the form is shown as it was filled in.
func TestSoldMeanwhile(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"2"}})
		b.Get("/checkout")
		s.Exec("INSERT INTO stock_ledger (sku_id, kind, delta, created_at) SELECT sku_id, 'corrected', 1 - quantity, ? FROM stocks WHERE sku_id = 100102", s.Clock.Now())
		s.Exec("UPDATE stocks SET quantity = 1 WHERE sku_id = 100102")
		b.Press("提交订单", "note", "快一点")
		if b.Page.Status != 409 || b.Page.Code() != 50103 || !strings.Contains(b.Page.Alert(), "云梯 Nova 7") {
			t.Errorf("%d %d: %s", b.Page.Status, b.Page.Code(), b.Page.Alert())
		}
		if s.Int("SELECT COUNT(*) FROM orders") != 0 || s.Int("SELECT COUNT(*) FROM cart_lines") != 1 {
			t.Error("an order came to be, or the cart was emptied")
		}
		// Who buys it at once learns it before placing.
		s.Exec("UPDATE stocks SET quantity = 0 WHERE sku_id = 100102")
		s.Exec("INSERT INTO stock_ledger (sku_id, kind, delta, created_at) VALUES (100102, 'corrected', -1, ?)", s.Clock.Now())
		p := b.Get("/checkout?sku_id=100102&count=1")
		if p.Status != 200 || p.Code() != 50103 || !strings.Contains(p.Alert(), "云梯 Nova 7") {
			t.Errorf("buying at once what is sold out: %d %d %s", p.Status, p.Code(), p.Alert())
		}
		b.Press("提交订单", "note", "快一点")
		if b.Page.Status != 409 || b.Page.Code() != 50103 || b.Page.Attr("[name=note]", "value") != "快一点" {
			t.Errorf("%d %d, note %q", b.Page.Status, b.Page.Code(), b.Page.Attr("[name=note]", "value"))
		}
	})
}

// What is no form at all is refused in words.
func TestBodiesThatAreNoForms(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	for _, c := range []struct {
		kind, body string
		status     int
	}{
		{"application/json", `{"sku_id":100101,"count":1}`, 422},
		{"text/plain", "sku_id=100101&count=1", 422},
		{"", "sku_id=100101&count=1", 422},
		{"multipart/form-data; boundary=x", "--x\r\nnot a part", 400},
		{"application/x-www-form-urlencoded", "sku_id=%zz&count=%", 422},
		{"application/x-www-form-urlencoded", strings.Repeat("a=b&", 300_000), 413},
	} {
		r, err := http.NewRequest(http.MethodPost, s.URL+"/cart/items", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", c.kind)
		r.AddCookie(&http.Cookie{Name: "sid", Value: b.Cookie("sid")})
		answer, err := s.Wire.RoundTrip(r)
		if err != nil {
			if c.status == 413 {
				continue // the shop may close the door while the body still comes
			}
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.status {
			t.Errorf("a body of type %q: %d, want %d", c.kind, answer.StatusCode, c.status)
		}
	}
	if s.Int("SELECT COUNT(*) FROM cart_lines") != 0 {
		t.Error("something was put into the cart")
	}
}
