package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	"dashop/views/locale"
	"dashop/views/ui"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in China

const testNo = "20261122101530004212"

// The fixtures are in Latin letters, so that any Chinese on an English page is a word that was not translated.
func view(lang locale.Lang) ui.View {
	return ui.View{Lang: lang, ShopName: "DD Mall", User: &ui.Who{ID: 7, Name: "Ming"}, Path: "/cart", Freight: 1000, FreeFrom: 19900,
		Now: noon, PayMethods: testMethods()[:1]}
}

// testMethods are two ways to pay; a shop has the first, unless a test is about the choice.
func testMethods() []gateway.About {
	return []gateway.About{
		{ID: "alipay", Name: gateway.Words{ZH: "支付宝", EN: "Alipay"}, Hint: gateway.Words{ZH: "跳转到支付宝付款", EN: "Pay on Alipay's page"}},
		{ID: "scan", Name: gateway.Words{ZH: "扫码付", EN: "Scan to pay"},
			Hint: gateway.Words{ZH: "用手机扫码付款", EN: "Scan a code with your phone"}},
	}
}

func testSKU(id, stock int64) catalog.SKU {
	return catalog.SKU{ID: id, SPUID: id * 10, Name: "Pot red", ProductName: "Pot", Spec: "red", Price: 4990,
		Image: "images/products/1-1.webp", Launched: true, Stock: stock}
}

func testQuote() promo.Quote {
	return promo.Quote{
		Lines: []promo.Line{{SKU: testSKU(1, 50), Count: 2, Unit: 4990, Goods: 9980, Payable: 9980}},
		Count: 2, Goods: 9980, Freight: 1000, FreightShort: 9920, Payable: 10980, Digest: strings.Repeat("a", 64),
	}
}

func testCart() cart.Cart {
	return cart.Cart{
		Lines: []cart.Line{
			{SKU: testSKU(1, 50), Count: 2, Selected: true, Sum: 9980},
			{SKU: testSKU(2, 3), Count: 5, Selected: true, Sum: 24950},
			{SKU: testSKU(3, 8), Count: 1, Sum: 4990},
		},
		Gone:  []cart.Line{{SKU: testSKU(4, 0), Count: 1}},
		Quote: testQuote(),
	}
}

func testCheckout(addresses ...account.Address) CheckoutPage {
	p := CheckoutPage{Checkout: order.Checkout{Choice: testChoice(), Token: "token-0123456789abcdef", Addresses: addresses},
		Note: "ring twice"}
	if len(addresses) > 0 {
		p.Chosen = addresses[0].ID
	}
	return p
}

// testChoice is a basket with a coupon that is chosen and one that does not fit, and credits to spend.
func testChoice() promo.Choice {
	q := testQuote()
	q.Ask.CouponID, q.CreditsMost = 7, 2000
	return promo.Choice{Quote: q, Credits: 820, Offers: []promo.Offer{
		{Coupon: promo.Coupon{ID: 7, Name: "Welcome", Off: 1000, EndsAt: noon}, Saving: 1000, Freight: 1000},
		{Coupon: promo.Coupon{ID: 8, Name: "Ten percent", Percent: 90, Cap: 5000, Threshold: 99900, EndsAt: noon}, Why: promo.UnusableShort, Short: 100},
	}}
}

func testAddresses() []account.Address {
	return []account.Address{
		{ID: 11, Receiver: "Zhang", Mobile: "13800135621", Area: "Beijing Dongcheng", Place: "Street 4", Title: "Home", Default: true},
		{ID: 12, Receiver: "Wang", Mobile: "13900130087", Area: "Sichuan Chengdu", Place: "Road 21"},
	}
}

func testOrder(s order.Status) order.Order {
	o := order.Order{
		No: testNo, Status: s, Goods: 9980, Freight: 1000, Payable: 10980, ItemCount: 2, PayMethod: "alipay", Receiver: "Zhang",
		Mobile: "13800135621",
		Area:   "Beijing", Place: "Street 4", AddressTitle: "Home", Note: "ring twice", CreatedAt: noon.Add(-time.Hour),
		PayDeadline: noon.Add(10 * time.Minute),
		Items: []order.Item{{Line: 1, SKUID: 1, SPUID: 10, Name: "Pot", Spec: "red", Image: "images/products/1-1.webp", Unit: 4990,
			Count: 2, Payable: 9980}},
		Events: []order.Event{{Kind: order.EventPlaced, CreatedAt: noon.Add(-time.Hour)}},
	}
	if s != order.StatusPendingPayment && s != order.StatusCancelled {
		o.PaidAt = at(-30 * time.Minute)
		o.Events = append([]order.Event{{Kind: order.EventPaid, CreatedAt: *o.PaidAt}}, o.Events...)
	}
	if s == order.StatusPendingReceipt {
		o.Shipments = []order.Shipment{{Carrier: "sf", TrackingNo: "SF1682930017734", CreatedAt: noon}}
		o.ShippedAt, o.ReceiptDue = at(0), at(168*time.Hour)
	}
	if s == order.StatusCancelled {
		o.CancelReason, o.EndedAt = order.CancelledByTimeout, at(0)
		o.Events = append([]order.Event{{Kind: order.EventCancelled, Detail: "timeout", CreatedAt: noon}}, o.Events...)
	}
	return o
}

func at(d time.Duration) *time.Time {
	t := noon.Add(d)
	return &t
}

func testResult(s order.Status) payment.Result {
	trade := "2026112022001496540551"
	r := payment.Result{Order: testOrder(s), Attempt: &payment.Attempt{Status: payment.StatusOpen, Method: "alipay"}}
	if r.Order.PaidAt != nil {
		r.Attempt.Status, r.Attempt.TradeNo, r.Attempt.PaidAt = payment.StatusPaid, &trade, r.Order.PaidAt
	}
	return r
}

func waitingResult() payment.Result {
	r := testResult(order.StatusPendingPayment)
	r.Confirming = true
	return r
}

func frozenResult() payment.Result {
	r := testResult(order.StatusPendingPayment)
	r.Frozen, r.Attempt.Status = true, payment.StatusFrozen
	return r
}

func lateResult() payment.Result {
	r := testResult(order.StatusCancelled)
	r.Late = true
	return r
}

func overdueResult() payment.Result {
	r := testResult(order.StatusPendingPayment)
	r.Order.PayDeadline = noon
	return r
}

// every is each page of this half of the shop in each state that it has.
func every(v ui.View) map[string]templ.Component {
	short := fault.New(fault.Conflict, fault.CodeShortStock, "仅剩 %d 件", 3)
	pages := map[string]templ.Component{
		"cart":           Cart(v, testCart(), CartMore{}),
		"cart wrong":     Cart(v, testCart(), CartMore{Fault: CartFault{SKU: 1, Fault: fault.Field("count", "仅剩 %d 件", 3)}}),
		"cart refused":   Cart(v, testCart(), CartMore{Fault: CartFault{Fault: short}, Aside: 3}),
		"cart empty":     Cart(v, cart.Cart{}, CartMore{}),
		"checkout":       Checkout(v, testCheckout(testAddresses()...)),
		"checkout new":   Checkout(v, testCheckout()),
		"checkout short": Checkout(v, refused(short)),
		"pay":            Pay(v, testOrder(order.StatusPendingPayment), "alipay", nil),
		"pay wrong":      Pay(v, testOrder(order.StatusPendingPayment), "alipay", fault.Field("method", "请选择付款方式")),
		"result waiting": Result(v, waitingResult()),
		"result frozen":  Result(v, frozenResult()),
		"result unpaid":  Result(v, testResult(order.StatusPendingPayment)),
		"result overdue": Result(v, overdueResult()),
		"result late":    Result(v, lateResult()),
		"orders empty":   Orders(v, ui.OrderList{Path: "/orders", Page: order.Page{Number: 1}}),
		"orders none":    Orders(v, ui.OrderList{Path: "/orders", Status: 3, Page: order.Page{Number: 1}}),
		"order wrong":    Order(v, testResult(order.StatusPendingReceipt), fault.New(fault.Conflict, fault.CodeWrongOrderState, "付款时间已过")),
		"order late":     Order(v, lateResult(), nil),
		"order frozen":   Order(v, frozenResult(), nil),
		"order waiting":  Order(v, waitingResult(), nil),
	}
	list := order.Page{Number: 2, Total: 26, Next: order.Cursor{At: noon, ID: 7}}
	for s := order.StatusPendingPayment; s <= order.StatusCancelled; s++ {
		o := testOrder(s)
		o.No = fmt.Sprintf("%020d", s)
		list.Orders = append(list.Orders, o)
		pages[fmt.Sprint("order ", s)] = Order(v, testResult(s), nil)
		pages[fmt.Sprint("result ", s)] = Result(v, testResult(s))
	}
	pages["orders"] = Orders(v, ui.OrderList{Path: "/orders", Counts: order.Counts{order.StatusPendingPayment: 3}, Page: list})
	pages["orders narrowed"] = Orders(v, ui.OrderList{Path: "/orders", Status: 2, Range: order.Last7, SPU: 1, Words: "茶", Page: list})
	pages["orders behind"] = Orders(v, ui.OrderList{Path: "/orders", After: list.Next,
		Page: order.Page{Orders: list.Orders[:1], Total: 1001, Next: list.Next}})
	pages["orders not found"] = Orders(v, ui.OrderList{Path: "/orders", Words: "x", Page: order.Page{Number: 1}})
	pages["orders no more"] = Orders(v, ui.OrderList{Path: "/orders", Page: order.Page{Number: 9, Total: 3}})
	pages["orders refused"] = Orders(v, ui.OrderList{Path: "/orders", Words: "x", Fault: fault.Field("q", "搜索词最多 %d 个字", 64)})
	return pages
}

func refused(f *fault.Error) CheckoutPage {
	p := testCheckout(testAddresses()...)
	p.BuyNow, p.Fault = &promo.Item{SKUID: 1, Count: 2}, f
	return p
}
