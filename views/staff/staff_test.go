package staff

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/views/locale"
	"dashop/views/ui"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

const testNo = "20261122101530004212"

func view(lang locale.Lang) ui.View {
	return ui.View{Lang: lang, ShopName: "DD Mall", User: &ui.Who{ID: 1, Name: "Owner"}, Path: "/admin/orders", Now: noon, Admin: true}
}

func testOrder(s order.Status) order.Order {
	return order.Order{
		No: testNo, Status: s, Goods: 9980, Freight: 1000, Payable: 10980, ItemCount: 3, PayMethod: "alipay", Receiver: "Zhang",
		Mobile: "13800135621",
		Area:   "Beijing", Place: "Street 4", Note: "ring twice", Username: "ming", CreatedAt: noon, PayDeadline: noon, PaidAt: &noon,
		RemindedAt:   &noon,
		CancelReason: order.CancelledByShopper,
		Items: []order.Item{{SKUID: 1, Name: "Pot", Spec: "red", Unit: 4990, Count: 2, Payable: 9980},
			{SKUID: 2, Name: "Pan", Unit: 100, Count: 1, Payable: 100}},
		Shipments: []order.Shipment{{Carrier: "sf", TrackingNo: "SF1682930017734", CreatedAt: noon}},
		Events: []order.Event{
			{Kind: order.EventCancelled, Actor: order.ByShopper, Detail: "shopper", CreatedAt: noon},
			{Kind: order.EventPaid, Actor: order.ByGateway, CreatedAt: noon},
			{Kind: order.EventShipped, Actor: order.ByMerchant, Detail: "sf SF1682930017734", CreatedAt: noon},
			{Kind: order.EventCompleted, Actor: order.BySystem, CreatedAt: noon},
		},
	}
}

func every(v ui.View) map[string]templ.Component {
	trade := "2026112022001496540551"
	var attempts []payment.Attempt
	for s, source := range map[payment.Status]string{payment.StatusOpen: "", payment.StatusPaid: "notify", payment.StatusClosed: "return",
		payment.StatusFrozen: "query"} {
		attempts = append(attempts, payment.Attempt{Status: s, OutTradeNo: testNo + "01", Amount: 10980, PaidSource: source,
			TradeNo: &trade, CreatedAt: noon, PaidAt: &noon})
	}
	var owed []payment.Refund
	for _, r := range []payment.RefundReason{payment.RefundLate, payment.RefundDouble, payment.RefundWrongAmount} {
		owed = append(owed, payment.Refund{OrderNo: testNo, OutRequestNo: "R1", Amount: 10980, Reason: r, CreatedAt: noon})
	}
	bad := fault.Field("tracking_no", "运单号").With("carrier", "快递公司")
	bad.Text = fault.Text{Msg: "未知状态"} // any text that has its English
	two := testOrder(order.StatusPendingShipment)
	two.No = strings.Repeat("1", 20)
	list := order.Page{Number: 1, Total: 1001, Next: order.Cursor{At: noon, ID: 7},
		Orders: []order.Order{testOrder(order.StatusPendingShipment), two, testOrder(order.StatusCancelled)}}
	return map[string]templ.Component{
		"orders": Orders(v, ui.OrderList{Path: "/admin/orders", Status: 2, Counts: order.Counts{order.StatusPendingShipment: 1001},
			Page: list}, 0),
		"jobs none": Jobs(v, JobsPage{Status: job.StatusRunning}),
		"jobs": Jobs(v, JobsPage{Status: job.StatusDead, List: job.List{After: "1-1", Entries: []job.Entry{
			{ID: 1, Kind: "send_sms", Key: "7", Title: "发送短信验证码", Status: job.StatusDead, Attempts: 10, LastError: "refused"},
			{ID: 2, Kind: "unknown_kind", Key: "8", Status: job.StatusDead, Attempts: 10},
		}}}),
		"orders none": Orders(v, ui.OrderList{Path: "/admin/orders", Page: order.Page{Number: 1}}, 0),
		"order": Order(v, testOrder(order.StatusPendingShipment), attempts,
			Shipping{No: testNo, Carrier: "sf", TrackingNo: "!", Fault: bad}),
		"order over":   Order(v, testOrder(order.StatusCancelled), nil, Shipping{}),
		"refunds":      Refunds(v, owed),
		"refunds none": Refunds(v, nil),
	}
}

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
		doc := render(t, c)
		if n := doc.Find("h1").Length(); n != 1 {
			t.Errorf("%s: %d h1", name, n)
		}
		if doc.Find("[style], style, script:not([src])").Length() != 0 {
			t.Errorf("%s: inline style or script", name)
		}
		ids := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if ids[id] {
				t.Errorf("%s: id %q twice", name, id)
			}
			ids[id] = true
		})
		doc.Find("main input:not([type=hidden]), main select").Each(func(_ int, s *goquery.Selection) {
			if doc.Find("label[for='"+s.AttrOr("id", "-")+"']").Length() != 1 {
				t.Errorf("%s: field %q has no label", name, s.AttrOr("name", ""))
			}
		})
	}
}

func TestEnglishPagesHaveNoChinese(t *testing.T) {
	for name, c := range every(view(locale.En)) {
		doc := render(t, c)
		doc.Find("[lang=zh-CN]").Remove()
		doc.Find("title, body *").Each(func(_ int, s *goquery.Selection) {
			said := s.Contents().Not("*").Text() + s.AttrOr("aria-label", "") + s.AttrOr("placeholder", "") + s.AttrOr("data-wait", "")
			if strings.ContainsFunc(said, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: %q", name, said)
			}
		})
	}
}

func TestShipFormContract(t *testing.T) {
	doc := render(t, every(view(locale.Zh))["orders"])
	form := doc.Find("[data-order='" + testNo + "'][data-status='2'] form[action='/admin/orders/" + testNo + "/ship']")
	if form.Find("select[name=carrier] option").Length() != len(order.Carriers)+1 || form.Find("input[name=tracking_no]").Length() != 1 {
		t.Error("no ship form in the row")
	}
	if doc.Find("[data-status='6'] form").Length() != 0 {
		t.Error("a cancelled order offers to ship")
	}
	bad := render(t, every(view(locale.Zh))["order"])
	if bad.Find("input[name=tracking_no][aria-invalid=true]").AttrOr("value", "") != "!" || bad.Find(".field__wrong").Length() != 2 {
		t.Error("a refused form keeps its values and says what is wrong beside each field")
	}
	if bad.Find("select[name=carrier] option[selected]").AttrOr("value", "") != "sf" {
		t.Error("the carrier is forgotten")
	}
	if bad.Find("#payable").AttrOr("data-fen", "") != "10980" || bad.Find(".staff-attempt").Length() != 4 {
		t.Error("amount or attempts missing")
	}
	if n := render(t, every(view(locale.Zh))["refunds"]).Find("[data-refund] [data-fen='10980']").Length(); n != 3 {
		t.Errorf("%d refunds listed", n)
	}
}
