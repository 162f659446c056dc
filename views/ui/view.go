// Package ui is the shop's dress: layouts and the parts that every page is made of.
package ui

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dashop/static"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/views/locale"
)

// View is what every page knows besides its own subject; web/respond fills it in for each request.
type View struct {
	Lang       locale.Lang
	Theme      string // "light" or "dark"; "" follows the device
	ShopName   string
	Base       string // how browsers reach the shop, for addresses that others keep
	User       *Who   // nil for a visitor
	CartCount  int
	Flash      *Notice             // shown once, after a redirect
	Path       string              // path and query of this page, for links that lead back
	Query      string              // text in the search box
	Menu       []catalog.MenuGroup // the category menu
	HotWords   []string            // beside the search box
	Freight    money.Fen           // promised in the footer
	FreeFrom   money.Fen           // freight is free from this sum on; 0: never
	RequestID  string
	PayMethods []gateway.About // the ways to pay that the shop offers
	Sandbox    bool            // payments go to the sandbox, which the footer says
	Now        time.Time       // the server's clock, for countdowns
	Admin      bool            // may see /admin
	Mine       any             // what this page shows of the person alone; the page knows what it is. nil is nothing
}

// Who is the person that looks at the page.
type Who struct {
	ID     int64
	Name   string
	Role   string
	Avatar string // path under /media/, or ""
}

// Notice is a short message above a page or in a toast. Kind is ok, wait, err or info.
type Notice struct {
	Kind string
	Text fault.Text
	Code int
	Link *Link
	Undo string     // the token that undoes the change of the cart that the notice tells of, or ""
	Way  *fault.Way // the same of a fault, whose label is not in the reader's language yet
}

// Link is a place to go. Label is already in the reader's language.
type Link struct {
	Label string
	Href  string
}

// T says a Chinese text in the reader's language.
func (v View) T(msg string, args ...any) string { return locale.T(v.Lang, msg, args...) }

// Text says a fault's sentence in the reader's language.
func (v View) Text(t fault.Text) string { return locale.Text(v.Lang, t) }

// Pick chooses between data and its English twin; an empty twin falls back to the Chinese.
func (v View) Pick(zh, en string) string {
	if v.Lang == locale.En && en != "" {
		return en
	}
	return zh
}

// PayName is what people call a way to pay, by its id; one that the shop no longer offers has no name of its own.
func (v View) PayName(id string) string {
	if id == order.MethodFree {
		return v.T("无需支付")
	}
	for _, m := range v.PayMethods {
		if m.ID == id {
			return v.Words(m.Name)
		}
	}
	return v.T("其他方式")
}

// Words picks the reader's language.
func (v View) Words(w gateway.Words) string { return v.Pick(w.ZH, w.EN) }

// Wrong says what is wrong with a form's field, or "" when nothing is. e may be nil.
func (v View) Wrong(e *fault.Error, field string) string {
	if e == nil {
		return ""
	}
	if t, ok := e.Fields[field]; ok {
		return v.Text(t)
	}
	return ""
}

// Time writes a moment as the shop's people read it, in China's time, to the minute.
func (v View) Time(t time.Time) string { return t.In(shanghai).Format("2006-01-02 15:04") }

// Date is the day of a moment in China's time.
func (v View) Date(t time.Time) string { return t.In(shanghai).Format("2006-01-02") }

// ShortTime is Time without the year.
func (v View) ShortTime(t time.Time) string { return t.In(shanghai).Format("01-02 15:04") }

// FieldTime is a moment as the value of a field for date and time, in China's time; the zero time is empty.
func FieldTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(shanghai).Format("2006-01-02T15:04")
}

var shanghai = time.FixedZone("CST", 8*60*60) // no summer time since 1991

// Here is this page's own address with one query parameter set, or removed when value is "".
func (v View) Here(name, value string) string {
	u, err := url.Parse(v.Path)
	if err != nil || !strings.HasPrefix(v.Path, "/") {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// LoginHref leads to the login page and from there back to this page.
func (v View) LoginHref() string { return "/login?next=" + url.QueryEscape(v.Path) }

// ProductHref and CategoryHref lead to a product and to a category.
func ProductHref(spu int64) string { return "/products/" + strconv.FormatInt(spu, 10) }

// SKUHref leads to a product with one of its variants chosen.
func SKUHref(spu, sku int64) string {
	return ProductHref(spu) + "?sku=" + strconv.FormatInt(sku, 10)
}

// CategoryHref leads to the list of a category.
func CategoryHref(id int64) string { return "/categories/" + strconv.FormatInt(id, 10) }

// OrderHref leads to an order, or with a verb such as "pay" to a page of it.
func OrderHref(no string, verb ...string) string {
	return "/orders/" + strings.Join(append([]string{no}, verb...), "/")
}

// Swap makes a link swap the part of the page named by target, a selector, and lets the address bar follow. Without a
// target it is a plain link.
func Swap(href, target string) templ.Attributes {
	if target == "" {
		return nil
	}
	return templ.Attributes{"hx-get": href, "hx-target": target, "hx-swap": "outerHTML", "hx-push-url": "true"}
}

// StatusTone is the colour family of an order's status; the word always stands beside it.
func StatusTone(s order.Status) string {
	switch s {
	case order.StatusPendingPayment:
		return "wait"
	case order.StatusPendingShipment, order.StatusPendingReceipt:
		return "info"
	case order.StatusPendingReview, order.StatusCompleted:
		return "ok"
	}
	return "mute"
}

// FaultTone is the kind of note for a fault: a moved price and a payment still under way are nobody's mistake.
func FaultTone(e *fault.Error) string {
	switch e.Code {
	case fault.CodePriceChanged, fault.CodeNotConfirmed, fault.CodeNoAddress:
		return "wait"
	}
	return "err"
}

// payMark is the address of the picture in static/img that is named after a way to pay.
func payMark(method string) string {
	if name := "img/pay-" + method + ".svg"; static.Has(name) {
		return static.URL(name)
	}
	return static.URL("img/pay.svg")
}

func icon(name string) string { return static.Sprite(name) }
