package page

import (
	"time"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/views/ui"
)

// swatches are the colour tokens, as DevUI shows them.
var swatches = []string{
	"bg", "surface", "raised", "sunken", "line", "line-2", "field", "ink", "ink-2", "ink-3", "accent", "accent-fill", "accent-press",
	"accent-soft", "accent-line", "ok", "ok-soft", "wait", "wait-soft", "info", "info-soft", "mute", "mute-soft", "err", "err-soft",
	"focus", "star",
}

var everyStatus = []order.Status{
	order.StatusPendingPayment, order.StatusPendingShipment, order.StatusPendingReceipt,
	order.StatusPendingReview, order.StatusCompleted, order.StatusCancelled,
}

// sampleCards show a product in each of its states: a price from, a struck price, sold out.
var sampleCards = []catalog.Card{
	{SPUID: 1001, Name: "云梯 Nova 7 轻薄影像手机", Caption: "6.5 英寸柔光屏，一只手刚好握住", Image: "images/products/1001-1.webp", MinPrice: 2599_00,
		MaxPrice: 2899_00, MarketPrice: 3199_00, Sales: 825, InStock: true, Rating: catalog.Rating{Four: 3, Five: 2}},
	{SPUID: 1002, Name: "指南鹤 日行 22L 双肩包，名字很长的时候折成两行，再长就省略掉后面的字", Caption: "电脑、雨伞、饭盒，各有各的房间，说明太长也只占一行",
		Image: "images/products/1002-1.webp", MinPrice: 239_50, MaxPrice: 239_50, MarketPrice: 309_00, Sales: 1102, InStock: true},
	{SPUID: 1003, Name: "雪线以北 花样冰刀鞋", Caption: "到货可通知您", Image: "images/products/1003-1.webp", MinPrice: 459_00, MaxPrice: 459_00},
	{SPUID: 1004, Name: "澄音 H9 头戴降噪耳机", Image: "images/products/1004-1.webp", MinPrice: 699_00, MaxPrice: 699_00, MarketPrice: 999_00,
		Sales: 4898, InStock: true},
	{SPUID: 1005, Name: "若川 法式收腰茶歇裙", Caption: "转圈的时候，裙摆会慢半拍", Image: "images/products/1005-1.webp", MinPrice: 259_00, MaxPrice: 259_00,
		Sales: 921, InStock: true},
}

var shortStock = fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 只剩 %d 件", "慢炖珐琅砂锅", 18)

func sampleTabs(v ui.View) []ui.Tab {
	return []ui.Tab{
		{Label: v.T("全部"), Href: "/dev/ui", Current: true},
		{Label: v.T(order.StatusPendingPayment.Name()), Href: "/dev/ui?tab=1", Count: 1},
		{Label: v.T(order.StatusPendingReceipt.Name()), Href: "/dev/ui?tab=3", Count: 1},
		{Label: v.T(order.StatusCompleted.Name()), Href: "/dev/ui?tab=5"},
	}
}

func sampleSteps(v ui.View) []ui.PathStep {
	return []ui.PathStep{
		{Label: v.T(order.EventPlaced.Name()), Time: v.ShortTime(v.Now.Add(-48 * time.Hour)), State: "done"},
		{Label: v.T(order.EventPaid.Name()), Time: v.ShortTime(v.Now.Add(-47 * time.Hour)), State: "done"},
		{Label: v.T(order.EventShipped.Name()), Time: v.ShortTime(v.Now.Add(-20 * time.Hour)), State: "now", Icon: "truck"},
		{Label: v.T(order.StatusPendingReview.Name()), State: "next", Icon: "star"},
	}
}

func sampleTimeline(v ui.View) []ui.TimelineEntry {
	return []ui.TimelineEntry{
		{Text: v.T(order.EventShipped.Name()), Time: v.ShortTime(v.Now.Add(-20 * time.Hour))},
		{Text: v.T(order.EventPaid.Name()), Time: v.ShortTime(v.Now.Add(-47 * time.Hour))},
		{Text: v.T(order.EventPlaced.Name()), Time: v.ShortTime(v.Now.Add(-48 * time.Hour))},
	}
}

func samplePage(int) string { return "/dev/ui" }

// samplePrice is that of two pieces, one of them in a sale, with something else taken off and a share of the freight.
var samplePrice = ui.LinePrice{Unit: 699_00, Count: 2, Sale: 474_90, AtSale: 1, Freight: 6_40, Payable: 1103_90, Shares: []promo.Share{
	{Kind: promo.KindFlash, Name: "限时抢购", Amount: 224_10},
	{Kind: promo.KindReduction, Name: "满 499 减 60", Amount: 60_00},
	{Kind: promo.KindCoupon, Name: "新人见面礼", Amount: 10_00},
}}
