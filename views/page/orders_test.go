package page

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/promo"
	"dashop/views/locale"
)

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestPagesAreSound(t *testing.T) {
	for name, c := range every(view(locale.Zh)) {
		t.Run(name, func(t *testing.T) { sound(t, render(t, c)) })
	}
}

// sound checks what holds for any page: one h1, unique ids, nothing inline, a name for each field and picture.
func sound(t *testing.T, doc *goquery.Document) {
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1", n)
	}
	if n := doc.Find("[style], style, script:not([src])").Length(); n != 0 {
		t.Errorf("%d inline styles or scripts", n)
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("id %q twice", id)
		}
		ids[id] = true
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("inline handler %s", a.Key)
			}
		}
	})
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		labelled := s.AttrOr("aria-label", "") != "" || s.Closest("label").Length() > 0 ||
			doc.Find("label[for='"+s.AttrOr("id", "-")+"']").Length() > 0
		if !labelled {
			t.Errorf("field %q has no label", s.AttrOr("name", ""))
		}
		if form := s.AttrOr("form", ""); form != "" && doc.Find("form#"+form).Length() != 1 {
			t.Errorf("field %q belongs to a form %q that is not there", s.AttrOr("name", ""), form)
		}
	})
	doc.Find("button").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("type", "") == "" || strings.TrimSpace(s.Text())+s.AttrOr("aria-label", "") == "" {
			t.Errorf("button %q has no type or no name", s.Text())
		}
	})
	if n := doc.Find("img:not([alt])").Length(); n != 0 {
		t.Errorf("%d pictures without alt", n)
	}
	if n := doc.Find("form form").Length(); n != 0 {
		t.Errorf("%d forms in forms", n)
	}
}

func TestEnglishPagesHaveNoChinese(t *testing.T) {
	for name, c := range every(view(locale.En)) {
		doc := render(t, c)
		doc.Find("[lang=zh-CN]").Remove()
		check := func(s string) {
			if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: %q", name, strings.TrimSpace(s))
			}
		}
		doc.Find("body *").Each(func(_ int, s *goquery.Selection) {
			check(s.Contents().Not("*").Text())
			for _, a := range []string{"aria-label", "placeholder", "data-wait", "data-confirm", "alt", "title"} {
				check(s.AttrOr(a, ""))
			}
		})
		check(doc.Find("title").Text())
	}
}

func TestCartContract(t *testing.T) {
	doc := render(t, Cart(view(locale.Zh), testCart(), CartMore{Fault: CartFault{SKU: 2, Fault: fault.Field("count", "仅剩 %d 件", 3)}}))
	line := doc.Find("[data-sku='1']")
	if line.AttrOr("data-count", "") != "2" {
		t.Error("the line has no data-count")
	}
	if line.Find("form[action='/cart/items/1'] input[name=count]").AttrOr("value", "") != "2" {
		t.Error("no form that changes the count")
	}
	if line.Find("form[action='/cart/items/1'] input[name=selected]").AttrOr("value", "") != "false" ||
		line.Find("[role=checkbox]").AttrOr("aria-checked", "") != "true" {
		t.Error("a ticked line offers to untick it")
	}
	if line.Find("form[action='/cart/items/1/remove'] button").Length() != 1 {
		t.Error("no way to remove the line")
	}
	if doc.Find("form[action='/cart/selection'] [aria-checked=mixed]").Length() == 0 {
		t.Error("some ticked, some not: the tick for all is mixed")
	}
	short := doc.Find("[data-sku='2']")
	if !strings.Contains(short.Text(), "仅剩 3 件，您要 5 件") || short.Find("form input[name=count][value='3'][type=hidden]").Length() != 1 {
		t.Error("a line above the stock says so and offers to correct it")
	}
	if short.Find("[role=alert]").Length() != 1 || doc.Find("[data-sku='1'] [role=alert]").Length() != 0 {
		t.Error("the fault stands beside its own line only")
	}
	if doc.Find("form[action='/cart/gone/remove']").Length() != 1 || doc.Find("[data-sku='4'] input[name=count]").Length() != 0 {
		t.Error("what is sold out can only be removed")
	}
	if doc.Find("a[href='/checkout']").Length() == 0 {
		t.Error("no way to checkout")
	}
	empty := testCart()
	empty.Quote = promo.Quote{}
	if render(t, Cart(view(locale.Zh), empty, CartMore{})).Find("a[href='/checkout']").Length() != 0 {
		t.Error("nothing to buy must not lead to checkout")
	}
}

func TestCheckoutContract(t *testing.T) {
	doc := render(t, Checkout(view(locale.Zh), refused(fault.New(fault.Conflict, fault.CodePriceChanged, "价格有变动，请核对后再提交"))))
	form := doc.Find("form#place")
	if form.AttrOr("action", "") != "/orders" || form.AttrOr("hx-post", "") != "" {
		t.Error("the form that places the order is a plain one")
	}
	for name, want := range map[string]string{"checkout_token": "token-0123456789abcdef", "digest": strings.Repeat("a", 64),
		"sku_id": "1", "count": "2"} {
		if got := form.Find("input[name="+name+"]").AttrOr("value", ""); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if doc.Find("#payable").AttrOr("data-fen", "") != "10980" {
		t.Error("no payable amount")
	}
	if doc.Find("[role=alert]").AttrOr("data-code", "") != "50106" {
		t.Error("no alert with the code of the refusal")
	}
	if doc.Find("input[name=note][form=place]").AttrOr("value", "") != "ring twice" ||
		doc.Find("input[name=address_id][checked]").AttrOr("value", "") != "11" {
		t.Error("the note and the address are kept")
	}
	if doc.Find("input[name=from]").Length() != 0 {
		t.Error("what is bought at once is no line of the cart")
	}
	if n := doc.Find("details:not([open]) fieldset.address-form input[form=place], details fieldset.address-form select[form=place]").Length(); n != 9 {
		t.Errorf("%d fields of a new address are sent with the order", n)
	}
	if doc.Find("fieldset.address-form button:not([form=place]), fieldset.address-form [required]").Length() != 0 {
		t.Error("an empty address form keeps the browser from placing the order, or sends another form")
	}
	if doc.Find("form input[name*=fen], form input[name*=amount], form input[name*=price], form input[name=payable]").Length() != 0 {
		t.Error("the form sends an amount")
	}
	none := render(t, Checkout(view(locale.Zh), testCheckout()))
	if none.Find("[role=alert]").AttrOr("data-code", "") != "50100" || none.Find(".address-form").Length() != 1 ||
		none.Find("details .address-form").Length() != 0 {
		t.Error("without an address: 50100 and the open form")
	}
	if form := none.Find("form#place"); form.Find("input[name=from]").AttrOr("value", "") != "cart" ||
		form.Find("input[name=sku_id]").Length() != 1 ||
		form.Find("input[name=count]").Length() != 1 {
		t.Error("the form lists the lines of the cart")
	}
	bad := testCheckout(testAddresses()...)
	bad.Address.Input.Receiver = "Auntie Wang"
	bad.Fault = fault.Field("place", "请写到门牌号，至少 %d 个字", 5).With("mobile", "请填写 11 位手机号")
	doc = render(t, Checkout(view(locale.Zh), bad))
	if doc.Find("details[open] #f-mobile-wrong").Length() != 1 || doc.Find("details[open] #f-place-wrong").Length() != 1 ||
		doc.Find("[autofocus]").Length() != 1 || doc.Find("#f-mobile[autofocus]").Length() != 1 ||
		doc.Find("#f-receiver").AttrOr("value", "") != "Auntie Wang" || strings.Contains(doc.Find("#place").Text(), "寄送至") {
		t.Error("an address with faults is open, with the faults beside its fields, and the page opens at the first")
	}
}

func TestPayContract(t *testing.T) {
	doc := render(t, Pay(view(locale.Zh), testOrder(order.StatusPendingPayment), "alipay", nil))
	form := doc.Find("form[action='/orders/" + testNo + "/pay']")
	if form.Find("input[name=method][value=alipay][checked]").Length() != 1 ||
		!strings.Contains(form.Find("button").Text(), "确认支付 ¥109.80") {
		t.Error("no form to pay")
	}
	if doc.Find("main [hx-post], main [hx-get]").Length() != 0 {
		t.Error("a form that leads abroad is left to the browser")
	}
	if doc.Find("[data-order='"+testNo+"']").AttrOr("data-status", "") != "1" || doc.Find("#payable").AttrOr("data-fen", "") != "10980" {
		t.Error("order, status or amount missing")
	}
	if text := doc.Find(".payclock").Text(); !strings.Contains(text, "10:00") || !strings.Contains(text, "12:10") {
		t.Errorf("the deadline is told as %q", text)
	}
	if doc.Find("a[href='/orders/"+testNo+"/pay/alipay']").Length() != 1 ||
		doc.Find("form[action='/orders/"+testNo+"/cancel']").Length() != 1 {
		t.Error("no plain link to Alipay, or no way to cancel")
	}
}

func TestResultTellsHowItWent(t *testing.T) {
	for name, c := range map[string]struct {
		r    payment.Result
		says string
		code string
	}{
		"paid":      {testResult(order.StatusPendingShipment), "付款成功", ""},
		"waiting":   {waitingResult(), "正在确认您的付款", "50105"},
		"unpaid":    {testResult(order.StatusPendingPayment), "还没有收到", ""},
		"overdue":   {overdueResult(), "付款时间已过", ""},
		"cancelled": {testResult(order.StatusCancelled), "订单已取消", ""},
		"late":      {lateResult(), "¥109.80 将全部原路退回", ""},
	} {
		doc := render(t, Result(view(locale.Zh), c.r))
		if !strings.Contains(doc.Find("main").Text(), c.says) {
			t.Errorf("%s: does not say %q", name, c.says)
		}
		if got := doc.Find("[role=alert]").AttrOr("data-code", ""); got != c.code {
			t.Errorf("%s: code %q", name, got)
		}
		if polls := doc.Find("[hx-get='/orders/"+testNo+"/status'][hx-trigger='every 3s']").Length() == 1; polls != (name == "waiting") {
			t.Errorf("%s: polls: %v", name, polls)
		}
		if doc.Find("#payable").AttrOr("data-fen", "") != "10980" {
			t.Errorf("%s: no payable amount", name)
		}
	}
}

func TestOrdersContract(t *testing.T) {
	doc := render(t, every(view(locale.Zh))["orders"])
	if doc.Find("[data-order]").Length() != 6 {
		t.Fatal("not every order is a card")
	}
	may := map[order.Status][]string{
		order.StatusPendingPayment: {"cancel"}, order.StatusPendingShipment: {"remind"}, order.StatusPendingReceipt: {"receipt"},
		order.StatusPendingReview: {"reorder"}, order.StatusCompleted: {"reorder"}, order.StatusCancelled: {"reorder"},
	}
	for s, verbs := range may {
		card := doc.Find(fmt.Sprintf("[data-status='%d']", s))
		var got []string
		card.Find("form").Each(func(_ int, f *goquery.Selection) {
			action := f.AttrOr("action", "")
			got = append(got, action[strings.LastIndex(action, "/")+1:])
		})
		if fmt.Sprint(got) != fmt.Sprint(verbs) {
			t.Errorf("status %d offers %v, want %v", s, got, verbs)
		}
		if pays := card.Find("a[href$='/pay']").Length() == 1; pays != (s == order.StatusPendingPayment) {
			t.Errorf("status %d offers to pay: %v", s, pays)
		}
		if card.Find("[data-fen='10980']").Length() == 0 || card.Find("[data-fen='1000']").Length() == 0 ||
			card.Find("[data-sku='1'][data-count='2']").Length() != 1 || !strings.Contains(card.Text(), "寄到 Home") {
			t.Errorf("status %d: amount, freight, items or address missing", s)
		}
	}
	if doc.Find(".tab[aria-current]").Text() == "" || doc.Find(".tab[href='/orders?status=5'][hx-get]").Length() != 1 {
		t.Error("tabs are links that htmx swaps")
	}
	if doc.Find(".pager a[href='/orders?page=3']").Length() == 0 {
		t.Error("no way to the next page")
	}
}

// TestOrderListsKeepTheirConditions follows the ways out of a list that is narrowed by all that can narrow it.
func TestOrderListsKeepTheirConditions(t *testing.T) {
	doc := render(t, every(view(locale.Zh))["orders narrowed"])
	for selector, want := range map[string]string{
		".tab:first-child":                      "/orders?q=%E8%8C%B6&range=7&spu=1",
		".tab:last-child":                       "/orders?q=%E8%8C%B6&range=7&spu=1&status=5",
		".orderbar__ranges .chip:first-child":   "/orders?q=%E8%8C%B6&spu=1&status=2",
		".orderbar__ranges .chip:last-child":    "/orders?q=%E8%8C%B6&range=older&spu=1&status=2",
		".orderbar__product":                    "/orders?q=%E8%8C%B6&range=7&status=2",
		".pager__page:last-child":               "/orders?page=3&q=%E8%8C%B6&range=7&spu=1&status=2",
		".orderbar__ranges .chip[aria-current]": "/orders?q=%E8%8C%B6&range=7&spu=1&status=2",
	} {
		if got := doc.Find(selector).AttrOr("href", "none"); got != want {
			t.Errorf("%s leads to %s, want %s", selector, got, want)
		}
	}
	for name, want := range map[string]string{"q": "茶", "range": "7", "spu": "1", "status": "2"} {
		if got := doc.Find(".orderfind [name="+name+"]").AttrOr("value", ""); got != want {
			t.Errorf("the search loses %s: %q", name, got)
		}
	}
	behind := render(t, every(view(locale.Zh))["orders behind"])
	if behind.Find("[data-total]").Text() != "共 1,000+ 单" || behind.Find(".orderbar__pages a").Length() != 2 {
		t.Errorf("behind the last number: %q, %d ways", behind.Find("[data-total]").Text(), behind.Find(".orderbar__pages a").Length())
	}
}

func TestOrderContract(t *testing.T) {
	doc := render(t, every(view(locale.Zh))["order wrong"])
	if doc.Find("[data-order='"+testNo+"']").AttrOr("data-status", "") != "3" || doc.Find("#payable").AttrOr("data-fen", "") != "10980" {
		t.Error("order, status or amount missing")
	}
	if doc.Find("[role=alert]").AttrOr("data-code", "") != "50109" {
		t.Error("no alert with the code")
	}
	if text := doc.Find("main").Text(); !strings.Contains(text, "SF1682930017734") || !strings.Contains(text, "顺丰速运") ||
		!strings.Contains(text, "2026-11-22 11:30") {
		t.Error("the parcel or the times of the history (in China's time) are missing")
	}
	if doc.Find("[data-sku='1'][data-count='2']").Length() != 1 {
		t.Error("items missing")
	}
}

func TestOrderStepsFollowTheStatus(t *testing.T) {
	for s, want := range map[order.Status]string{
		order.StatusPendingPayment:  "done now next next next",
		order.StatusPendingShipment: "done done now next next",
		order.StatusPendingReceipt:  "done done done now next",
		order.StatusPendingReview:   "done done done done now",
		order.StatusCompleted:       "done done done done done",
	} {
		var got []string
		for _, step := range orderSteps(view(locale.Zh), testOrder(s)) {
			got = append(got, step.State)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("status %d: %v", s, got)
		}
	}
}

func TestFreightReason(t *testing.T) {
	v := view(locale.Zh)
	// The coffee costs 250 yuan at its ordinary price, and 150 in a sale.
	parcel := []promo.Line{{SKU: testSKU(1, 50), Count: 1, Goods: 25000, Payable: 15000}}
	course := []promo.Line{{SKU: catalog.SKU{Virtual: true}, Count: 1, Goods: 25000, Payable: 25000}}
	for _, c := range []struct {
		want string
		q    promo.Quote
	}{
		{"", promo.Quote{}},
		{"还差 ¥99.20 免运费", testQuote()},
		{"还差 ¥49 免运费", promo.Quote{Count: 1, Lines: parcel, Goods: 25000, Freight: 1000, FreightShort: 4900}},
		{"满 ¥199 免运费", promo.Quote{Count: 1, Lines: parcel, Goods: 25000}},
		{"免运费", promo.Quote{Count: 1, Lines: course, Goods: 25000}},
		{"免运费", promo.Quote{Count: 1, Lines: parcel, Goods: 25000, FreightShort: 4900}}, // the shop takes none
		{"每单一次", promo.Quote{Count: 1, Lines: parcel, Goods: 100, Freight: 1000}},
	} {
		q, want := c.q, c.want
		if got := freightReason(v, q); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestNobodyIsAskedToPayTwice: while the merchant looks at an amount that does not fit, the result offers no way to pay.
func TestNobodyIsAskedToPayTwice(t *testing.T) {
	doc := render(t, Result(view(locale.Zh), frozenResult()))
	if doc.Find("a[href$='/pay']").Length() != 0 || doc.Find("[role=alert][data-code='50105']").Length() != 1 {
		t.Error("the page must say that the payment is not confirmed, and offer no other")
	}
	if text := render(t, Order(view(locale.Zh), frozenResult(), nil)).Find(".note").Text(); !strings.Contains(text, "请不要再次付款") {
		t.Errorf("the order says %q", text)
	}
	if render(t, Result(view(locale.Zh), testResult(order.StatusPendingPayment))).Find("a[href$='/pay']").Length() != 1 {
		t.Error("who has not paid is offered to pay")
	}
}
