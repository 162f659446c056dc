package webtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Form is what a browser would send of the form of a selector, as the page shows it.
func (p *Page) Form(selector string) url.Values {
	return (&Browser{Page: p}).entries(p.Find(selector), nil)
}

// Refused is an answer that is not what was asked for.
type Refused struct {
	Status     int
	RetryAfter string
	Alert      string
}

func (e *Refused) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Alert) }

func refused(p *Page) error {
	return &Refused{Status: p.Status, RetryAfter: p.Header.Get("Retry-After"), Alert: p.Alert()}
}

// Order is a confirmation page that somebody has filled in. Sent any number of times, it makes one order.
type Order struct{ form url.Values }

// Confirm opens the confirmation page of one piece of a SKU, without a coupon, since several pages may be open at once. Unlike Get it gives back what goes wrong on the way.
func (b *Browser) Confirm(sku int64) (*Order, error) {
	p, err := b.Send(http.MethodGet, fmt.Sprintf("/checkout?sku_id=%d&count=1&coupon_id=0", sku), nil)
	if err != nil {
		return nil, err
	}
	if p.Status != http.StatusOK || !p.Has("form#place") {
		return nil, refused(p)
	}
	return &Order{p.Form("form#place")}, nil
}

// Place sends a confirmation page and gives the order's number.
func (b *Browser) Place(o *Order) (no string, err error) {
	p, err := b.Send(http.MethodPost, "/orders", o.form)
	if err != nil {
		return "", err
	}
	no, paying := strings.CutSuffix(strings.TrimPrefix(p.Header.Get("Location"), "/orders/"), "/pay")
	if p.Status != http.StatusSeeOther || !paying {
		return "", refused(p)
	}
	return no, nil
}
