package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// The whole way from the home page to a received parcel, once with JavaScript switched off and once as htmx sends it.
// Both leave the same in the database.
func TestStory(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			left := map[string][]string{}
			for _, mode := range []string{"no script", "htmx"} {
				t.Run(mode, func(t *testing.T) {
					s := webtest.Start(t, webtest.Config{Driver: driver})
					story(t, s, mode == "htmx")
					storetest.CheckBooks(t, s.DB)
					left[mode] = remains(t, s)
				})
			}
			if diff := cmp.Diff(left["no script"], left["htmx"]); diff != "" {
				t.Errorf("without script and with htmx the database differs:\n%s", diff)
			}
		})
	}
}

func story(t *testing.T, s *webtest.Shop, hx bool) {
	s.User("xiaohong", account.Shopper)
	b := s.Visitor()
	b.HX = hx
	chooseGoods(t, b)
	tendCart(t, b)
	logIn(t, b)
	no := placeOrder(t, s, b)
	pay(t, s, b, no)
	seeTabs(t, b, no, 2)
	ship(t, s, no, hx)
	receive(t, s, b, no)
}

// chooseGoods looks around as a stranger and puts two kinds of goods into the cart.
func chooseGoods(t *testing.T, b *webtest.Browser) {
	t.Helper()
	b.Get("/")
	wantPage(t, b, 200, "/")
	b.Click("食品生鲜")
	wantPage(t, b, 200, "/categories/5")
	if b.Page.Count(".product-card, article a[href^='/products/'], a[href^='/products/']") == 0 {
		t.Fatal("the category shows no products")
	}
	b.Get("/categories/10101")
	b.Click("a[href='/products/1001']")
	wantPage(t, b, 200, "/products/1001")
	price, sku := b.Page.Fen(".product__price .money"), b.Page.Attr("#buy [name=sku_id]", "value")
	b.Click("雾凇蓝")
	b.Click("12GB+256GB")
	if got := b.Page.Attr("#buy [name=sku_id]", "value"); got != "100104" || sku == "100104" {
		t.Fatalf("the spec chosen leads to SKU %s", got)
	}
	if got := b.Page.Fen(".product__price .money"); got == price || got != 299900 {
		t.Fatalf("the price after choosing is %d, before it was %d", got, price)
	}
	b.Press("加入购物车", "count", "2")
	if b.HX && b.Page.Count("#toasts a[href='/cart']") != 1 {
		t.Fatal("what htmx has put into the cart is not told of with a way to the cart")
	}
	if !b.HX && b.Page.Count("#toasts a[href='/cart']") != 0 {
		t.Fatal("the cart's page offers a way to itself")
	}
	wantCount(t, b, 2)
	b.Get("/products/1002")
	b.Press("加入购物车")
	wantCount(t, b, 3)
}

// tendCart changes counts and ticks in the visitor's cart, and takes one kind out again.
func tendCart(t *testing.T, b *webtest.Browser) {
	t.Helper()
	b.Click("购物车")
	wantPage(t, b, 200, "/cart")
	line := "[data-sku='100104']"
	if b.Page.Attr(line, "data-count") != "2" || b.Page.Count("#cart [data-sku]") != 2 {
		t.Fatalf("the cart holds %s", b.Page.Text("#cart"))
	}
	change := line + " .cart__count button"
	if b.HX {
		b.Page.Find(line+" [name=count]").SetAttr("value", "1")
		b.Press(change)
	} else {
		b.Press(change, "count", "1")
	}
	if got := b.Page.Attr(line, "data-count"); got != "1" {
		t.Fatalf("after the change the count is %s", got)
	}
	if got := b.Page.Fen(line + " .cart__sum .money"); got != 299900 {
		t.Fatalf("the line comes to %d", got)
	}
	b.Press("#tick-100104")
	if got := b.Page.Attr("#tick-100104", "aria-checked"); got != "false" {
		t.Fatalf("the tick is %s", got)
	}
	if got := b.Page.Attr("#cart-all", "aria-checked"); got != "mixed" {
		t.Fatalf("the tick for all is %s", got)
	}
	b.Press("#cart-all")
	if b.Page.Attr("#tick-100104", "aria-checked") != "true" || b.Page.Attr("#cart-all", "aria-checked") != "true" {
		t.Fatal("not all are ticked")
	}
	b.Press("#cart-all")
	if b.Page.Attr("#tick-100104", "aria-checked") != "false" || b.Page.Has("a[href='/checkout']") {
		t.Fatal("with nothing ticked one can still go to checkout")
	}
	b.Press("#tick-100104")
	other := b.Page.Find("#cart [data-sku]:not([data-sku='100104'])").AttrOr("data-sku", "")
	b.Press("form[action='/cart/items/" + other + "/remove'] button")
	if b.Page.Count("#cart [data-sku]") != 1 {
		t.Fatal("the line is still there")
	}
	wantCount(t, b, 1)
}

// logIn is where checkout leads a stranger; the cart comes along.
func logIn(t *testing.T, b *webtest.Browser) {
	t.Helper()
	b.Click("a[href='/checkout']")
	wantPage(t, b, 200, "/login?next=%2Fcheckout")
	b.Press("登录", "username", "xiaohong", "password", "not-the-password")
	if b.Page.Status != http.StatusUnprocessableEntity || b.Page.Attr("[name=username]", "value") != "xiaohong" || b.Page.Alert() == "" {
		t.Fatalf("wrong password: %d, %q", b.Page.Status, b.Page.Alert())
	}
	b.Press("登录", "password", account.DemoPassword)
	wantPage(t, b, 200, "/checkout")
}

// placeOrder adds an address in place, first the province, then the city, then the district, and places the order.
func placeOrder(t *testing.T, s *webtest.Shop, b *webtest.Browser) string {
	t.Helper()
	if b.Page.Code() != 50100 {
		t.Fatalf("without an address the page says %d %q", b.Page.Code(), b.Page.Alert())
	}
	typed := []string{"receiver", "李小红", "mobile", "13900001111", "place", "文三路 478 号 3 幢 1 单元", "title", "家", "postal_code", "310012"}
	if b.HX {
		b.Change("province_id", "浙江省")
		b.Change("city_id", "杭州市")
		b.Press("保存地址", append(typed, "district_id", "西湖区")...)
	} else {
		b.Press("[name=refresh]", append(typed, "province_id", "浙江省")...)
		b.Press("[name=refresh]", "city_id", "杭州市")
		if got := b.Page.Attr("[name=receiver]", "value"); got != "李小红" {
			t.Fatalf("while the areas are chosen the name became %q", got)
		}
		b.Press("保存地址", "district_id", "西湖区")
	}
	if b.Page.URL.Path != "/checkout" || b.Page.Status != http.StatusOK {
		t.Fatalf("the address leads to %d %s: %s", b.Page.Status, b.Page.At(), b.Page.Text("main"))
	}
	if !strings.Contains(b.Page.Text("main"), "浙江省杭州市西湖区") && !strings.Contains(b.Page.Text("main"), "浙江省 杭州市 西湖区") {
		t.Fatalf("the new address is not there: %s", b.Page.Text(".checkout__addresses"))
	}
	if b.Page.Fen("#payable") != 299900 || b.Page.Attr("[data-sku]", "data-sku") != "100104" {
		t.Fatalf("to be paid: %d", b.Page.Fen("#payable"))
	}
	b.Press("提交订单", "note", "放在门口")
	no := s.Text("SELECT order_no FROM orders")
	wantPage(t, b, 200, "/orders/"+no+"/pay")
	if got := s.Int("SELECT quantity FROM stocks WHERE sku_id = 100104") +
		1; got != s.Int("SELECT SUM(delta) FROM stock_ledger WHERE sku_id = 100104 AND kind = 'received'") {
		t.Fatalf("the stock was %d", got)
	}
	return no
}

// pay goes through the cashier of the sandbox and comes back to the result.
func pay(t *testing.T, s *webtest.Shop, b *webtest.Browser, no string) {
	t.Helper()
	main := b.Page.Text("main")
	if b.Page.Fen("#payable") != 299900 || !strings.Contains(main, no) || !strings.Contains(main, "达达商城") ||
		!b.Page.Has("[data-countdown]") {
		t.Fatalf("the payment page says: %s", main)
	}
	b.Press("确认支付")
	if !strings.HasPrefix(b.Page.URL.String(), s.Sandbox.URL()+"/cashier/") || !strings.Contains(b.Page.Text("body"), "2999.00") {
		t.Fatalf("确认支付 leads to %s", b.Page.URL)
	}
	b.Press("#login")
	b.Press("#pay")
	wantPage(t, b, 200, "/orders/"+no+"/result")
	if got := len(b.Page.Via); got != 2 || !strings.Contains(b.Page.Via[0].Location, "/payments/alipay/return?") {
		t.Fatalf("the way back: %v", b.Page.Via)
	}
	main = b.Page.Text("main")
	for _, want := range []string{"付款成功", no, "2026-03-04 12:00", "云梯 Nova 7"} {
		if !strings.Contains(main, want) {
			t.Errorf("the result page does not say %q: %s", want, main)
		}
	}
	if b.Page.Fen("#payable") != 299900 || b.Page.Attr("[data-order]", "data-status") != "2" ||
		!b.Page.Has("[data-sku='100104'][data-count='1']") {
		t.Errorf("the result page: %d, status %s", b.Page.Fen("#payable"), b.Page.Attr("[data-order]", "data-status"))
	}
	if s.Text("SELECT paid_source FROM payments") != "notify" {
		t.Error("the notify did not bring the news")
	}
}

// seeTabs finds the order under its tab and nowhere else.
func seeTabs(t *testing.T, b *webtest.Browser, no string, status int) {
	t.Helper()
	b.Get("/orders")
	for i, tab := range []string{"全部", "待付款", "待发货", "待收货", "待评价", "已完成"} {
		b.Click(".tab[href='" + map[bool]string{true: "/orders", false: fmt.Sprintf("/orders?status=%d", i)}[i == 0] + "']")
		if !strings.HasPrefix(b.Page.Text(".tab[aria-current]"), tab) {
			t.Fatalf("tab %s is not the current one but %q", tab, b.Page.Text(".tab[aria-current]"))
		}
		want := i == 0 || i == status || i == 5 && status == 4
		if got := b.Page.Has("[data-order='" + no + "']"); got != want {
			t.Errorf("tab %s: the order in status %d is there: %v", tab, status, got)
		}
	}
	if b.HX && b.Page.At() != "/orders?status=5" {
		t.Errorf("the address bar shows %s", b.Page.At())
	}
}

// ship is the owner's part.
func ship(t *testing.T, s *webtest.Shop, no string, hx bool) {
	t.Helper()
	owner := s.Visitor()
	owner.HX = hx
	owner.Get("/login")
	owner.Press("登录", "username", "owner", "password", account.DemoPassword)
	wantPage(t, owner, 200, "/admin/orders?status=2")
	owner.Click(no)
	wantPage(t, owner, 200, "/admin/orders/"+no)
	owner.Press("确认发货", "carrier", "顺丰速运", "tracking_no", "SF1234567890")
	if owner.Page.Status != http.StatusOK || owner.Page.Attr("[data-order]", "data-status") != "3" ||
		!strings.Contains(owner.Page.Text("main"), "SF1234567890") {
		t.Fatalf("after shipping: %d %s", owner.Page.Status, owner.Page.Text("main"))
	}
}

// receive is the end: the parcel is there, and the order waits for a review.
func receive(t *testing.T, s *webtest.Shop, b *webtest.Browser, no string) {
	t.Helper()
	b.Get("/orders?status=3")
	b.Click("查看订单 " + no)
	wantPage(t, b, 200, "/orders/"+no)
	if !strings.Contains(b.Page.Text("main"), "SF1234567890") {
		t.Error("the shopper is not told of the parcel")
	}
	b.Press("确认收货")
	wantPage(t, b, 200, "/orders/"+no)
	if got := b.Page.Text("h1"); got != "待评价" || b.Page.Attr("#order", "data-status") != "4" {
		t.Errorf("after receipt the order is %q", got)
	}
	seeTabs(t, b, no, 4)
}

// remains are the rows that matter, without what is random.
func remains(t *testing.T, s *webtest.Shop) []string {
	t.Helper()
	var all []string
	for _, q := range []string{
		`SELECT user_id, status, cancel_reason, goods_fen, freight_fen, payable_fen, item_count, pay_method, receiver, mobile, area, place,
			address_title, postal_code, note, created_at, pay_deadline, paid_at, shipped_at, receipt_due, received_at, review_due FROM orders ORDER BY id`,
		"SELECT line, sku_id, spu_id, name, spec, unit_fen, count, payable_fen FROM order_items ORDER BY order_id, line",
		"SELECT kind, from_status, to_status, actor, actor_id, detail, created_at FROM order_events ORDER BY id",
		"SELECT method, amount_fen, status, paid_source, paid_at, open_key FROM payments ORDER BY id",
		"SELECT source, verified, outcome FROM notices ORDER BY id",
		"SELECT carrier, tracking_no, created_at FROM shipments ORDER BY id",
		"SELECT user_id, receiver, mobile, province_id, city_id, district_id, place, title, postal_code, is_default FROM addresses ORDER BY id",
		"SELECT sku_id, kind, delta FROM stock_ledger WHERE order_id IS NOT NULL ORDER BY id",
		"SELECT sku_id, quantity, sold FROM stocks WHERE sold > 0 ORDER BY sku_id",
		"SELECT sku_id, count, selected FROM cart_lines ORDER BY sku_id",
		"SELECT spu_id, score, comment, is_anonymous, is_hidden, reply FROM reviews WHERE order_id IS NOT NULL OR is_hidden = 1 ORDER BY id",
		"SELECT user_id, spu_id FROM favourites WHERE user_id = 1 ORDER BY spu_id",
		"SELECT COUNT(*) FROM refunds",
		"SELECT COUNT(*), MIN(user_id), MAX(user_id) FROM sessions",
	} {
		_, read := s.DB.Pools()
		rows, err := read.QueryxContext(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				if text, ok := v.([]byte); ok {
					values[i] = string(text)
				}
			}
			all = append(all, fmt.Sprint(values...))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// wantPage checks where the browser is.
func wantPage(t *testing.T, b *webtest.Browser, status int, at string) {
	t.Helper()
	got := b.Page.At()
	if i := strings.IndexAny(got, "?"); i >= 0 && !strings.Contains(at, "?") {
		got = got[:i]
	}
	if b.Page.Status != status || got != at {
		t.Fatalf("the browser is at %s with %d, want %s with %d: %s", b.Page.At(), b.Page.Status, at, status, brief(b.Page))
	}
}

// wantCount checks the number beside the cart's icon.
func wantCount(t *testing.T, b *webtest.Browser, n int) {
	t.Helper()
	if got, want := b.Page.Find(".cart-count").First().Text(), fmt.Sprintf("%d件", n); strings.Join(strings.Fields(got), "") != want {
		t.Fatalf("%s: the cart's icon bears %q, want %q", b.Page.At(), got, want)
	}
}
