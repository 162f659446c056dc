package ui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"dashop/store/promo"
	"dashop/views/locale"
	"dashop/views/ui"
)

func rendered(t *testing.T, c templ.Component) *goquery.Selection {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Selection
}

// A price is explained row by row, and what stands in the rows adds up to the last of them.
func TestPriceDetails(t *testing.T) {
	p := ui.LinePrice{Unit: 69900, Count: 2, Sale: 47490, AtSale: 1, Freight: 640, Payable: 110390, Shares: []promo.Share{
		{Kind: promo.KindFlash, ID: 3, Name: "限时抢购", Amount: 22410}, {Kind: promo.KindCoupon, ID: 7, Name: "新人见面礼", Amount: 6500},
		{Kind: promo.KindCredits, Name: "积分", Amount: 500},
	}}
	v := ui.View{Lang: locale.Zh}
	doc := rendered(t, ui.PriceDetails(v, p, "应付"))
	var rows []string
	doc.Find(".sum__row").Each(func(_ int, s *goquery.Selection) {
		rows = append(rows, strings.Join(strings.Fields(s.Find("dt").Text()), " ")+" "+s.Find("[data-fen]").AttrOr("data-fen", "?"))
	})
	want := "原价 ¥699.00 × 2 139800|限时抢购 -22410|优惠券 新人见面礼 -6500|积分 使用 500 积分 -500|分摊运费 640|应付 111030"
	if got := strings.Join(rows, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	unit := strings.Join(strings.Fields(rendered(t, ui.UnitPrice(v, p)).Text()), " ")
	if unit != "¥474.90 原价¥699.00 其中 1 件" {
		t.Errorf("unit price: %s", unit)
	}
	plain := ui.LinePrice{Unit: 69900, Count: 2, Payable: 139800}
	if text := rendered(t, ui.PriceDetails(v, plain, "应付")).Text(); text != "" {
		t.Errorf("a plain price is explained: %s", text)
	}
}
