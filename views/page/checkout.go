package page

import (
	"net/url"

	"github.com/a-h/templ"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/views/ui"
)

// CheckoutPage is what the confirmation page shows: the basket as priced now, what the shopper chose so far, and what
// was wrong with the last try.
type CheckoutPage struct {
	order.Checkout
	Note    string
	Method  string              // the way to pay that is chosen, or was used last
	Credits string              // to pay with, as they were typed
	Address account.AddressForm // to add an address in place
	Fault   *fault.Error
}

// wrong says what is wrong with a field: with the form as it was sent, or else with a choice that is left out of the sum.
func (c CheckoutPage) wrong(v ui.View, field string) string {
	if w := v.Wrong(c.Fault, field); w != "" || c.Refused == nil {
		return w
	}
	return v.Wrong(fault.Of(c.Refused), field)
}

// fault is what the page has to say above all: the refusal, or what would be one, such as that there is no address yet.
func (c CheckoutPage) fault() *fault.Error {
	if c.Fault != nil {
		return c.Fault
	}
	if short := c.Short(); short != nil {
		return fault.Of(short)
	}
	if len(c.Addresses) == 0 {
		return fault.Of(order.NoAddress())
	}
	return nil
}

// chosen is the address that the parcel would go to, or nil.
func (c CheckoutPage) chosen() *account.Address {
	for i, a := range c.Addresses {
		if a.ID == c.Chosen {
			return &c.Addresses[i]
		}
	}
	return nil
}

// typed says that the form for one more address is filled in, so that it stands open and the order would go there.
func (c CheckoutPage) typed() bool { return !c.Address.Input.Empty() }

// savesAddress makes a button save what is typed for one more address and show the page again with it chosen.
func savesAddress() templ.Attributes {
	return templ.Attributes{
		"form": "place", "formaction": "/checkout/quote", "name": "save", "value": "address",
		"hx-post": "/checkout/quote", "hx-target": "#checkout", "hx-swap": "outerHTML",
	}
}

// path is the address of this page, with what is bought at once.
func (c CheckoutPage) path() string { return checkoutPath(c.BuyNow) }

// back is where one changes what is to be bought.
func (c CheckoutPage) back(v ui.View) ui.Link {
	if c.BuyNow != nil && len(c.Quote.Lines) > 0 {
		sku := c.Quote.Lines[0].SKU
		return ui.Link{Label: v.T("返回商品页修改"), Href: ui.SKUHref(sku.SPUID, sku.ID)}
	}
	return ui.Link{Label: v.T("返回购物车修改"), Href: "/cart"}
}

func checkoutPath(buyNow *promo.Item) string {
	if buyNow == nil {
		return "/checkout"
	}
	q := url.Values{"sku_id": {ui.ID(buyNow.SKUID)}, "count": {ui.ID(buyNow.Count)}}
	return "/checkout?" + q.Encode()
}

// priced makes a choice of the form price the basket again at once. Of several that are made quickly the last one counts.
func priced(id string) templ.Attributes {
	return templ.Attributes{
		"id": id, "form": "place", "hx-post": "/checkout/quote", "hx-target": "#place", "hx-swap": "outerHTML", "hx-sync": "#checkout:replace",
	}
}

// addressTick is the radio of one address. Choosing another prices the basket again.
func addressTick(a account.Address, chosen int64) ui.Tick {
	return ui.Tick{Name: "address_id", Value: ui.ID(a.ID), Checked: a.ID == chosen, Attrs: priced("address-" + ui.ID(a.ID))}
}

// couponTick is the radio of one coupon, or of none.
func couponTick(id, chosen int64, usable bool) ui.Tick {
	return ui.Tick{Name: "coupon_id", Value: ui.ID(id), Checked: id == chosen, Disabled: !usable, Attrs: priced("coupon-" + ui.ID(id))}
}

// couponAbout says what using a coupon brings, or why it cannot be used.
func couponAbout(v ui.View, o promo.Offer) string {
	if o.Why != promo.Usable {
		return v.Text(o.Reason())
	}
	about := v.T("可省 %s，%s 到期", ui.Yuan(o.Saving), v.Date(o.Coupon.EndsAt))
	if o.Freight > 0 {
		about += v.T("；用后运费多 %s", ui.Yuan(o.Freight))
	}
	return about
}

// mostCredits is how many credits the user can spend on this order.
func (c CheckoutPage) mostCredits() int64 { return min(c.Choice.Credits, c.Quote.CreditsMost) }

// creditsHint says how many credits there are and what they are worth.
func (c CheckoutPage) creditsHint(v ui.View) string {
	return v.T("共 %s 积分，本单最多可用 %s；100 积分 = ¥1", ui.Number(c.Choice.Credits), ui.Number(c.mostCredits()))
}
