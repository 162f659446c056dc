package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Checkout shows the confirmation page for the ticked cart lines, or for one SKU bought at once: GET /checkout.
func (p Pages) Checkout(c *fiber.Ctx) error {
	buyNow, err := parseBuyNow(c)
	if err != nil {
		return err
	}
	address, _ := form.Number(c.Query("address_id")) // only a wish: an unknown one falls back to the default address
	return p.showCheckout(c, order.Placing{BuyNow: buyNow, AddressID: address}, nil)
}

// QuoteCheckout prices the confirmation page again for the choices made so far: POST /checkout/quote.
func (p Pages) QuoteCheckout(c *fiber.Ctx) error {
	in, err := parsePlacing(c)
	if in.BuyNow == nil && fault.Is(err, fault.Invalid) && buysNow(c) {
		return err
	}
	return p.showCheckout(c, in, nil)
}

// PlaceOrder turns the confirmation page into an order and leads to its payment: POST /orders.
func (p Pages) PlaceOrder(c *fiber.Ctx) error {
	in, err := parsePlacing(c)
	if err != nil && in.BuyNow == nil && buysNow(c) {
		return err // what is to be bought is not legible, so there is no page to show again
	}
	var no string
	if err == nil {
		no, err = p.Store.Order.Place(c.UserContext(), in)
	}
	if fault.Refused(err) {
		return p.showCheckout(c, in, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, ui.OrderHref(no, "pay"))
}

// showCheckout shows the confirmation page with what was chosen so far and, after a refusal, with what was wrong. When
// nothing can be confirmed any more, the cart says so.
func (p Pages) showCheckout(c *fiber.Ctx, in order.Placing, wrong *fault.Error) error {
	user := session.Of(c).UserID()
	now, err := p.Store.Order.Checkout(c.UserContext(), user, in.BuyNow, in.AddressID)
	nothing := in.BuyNow == nil && fault.Refused(err)
	switch {
	case nothing && wrong != nil:
		return p.showCart(c, 0, wrong)
	case nothing:
		session.Of(c).FlashFault(fault.Of(err))
		return respond.SeeOther(c, "/cart")
	case err != nil:
		return err
	}
	if in.PayMethod == "" && len(p.Store.Payment.Methods()) > 1 {
		if in.PayMethod, err = p.Store.Order.LastMethod(c.UserContext(), user); err != nil {
			return err
		}
	}
	address, err := p.Store.Account.AddressForm(c.UserContext(), account.AddressInput{Default: len(now.Addresses) == 0})
	if err != nil {
		return err
	}
	part := "checkout-sum"
	if wrong != nil { // the words about it stand outside of the sum
		part = "checkout"
		c.Set("HX-Retarget", "#checkout")
		c.Set("HX-Reswap", "outerHTML")
	}
	return respond.PageStatus(c, form.StatusOf(wrong), func(v ui.View) templ.Component {
		return page.Checkout(v, page.CheckoutPage{Checkout: now, Note: in.Note, Method: in.PayMethod, Address: address, Fault: wrong})
	}, part)
}

// buysNow says that the form is about one SKU bought at once, not about the cart.
func buysNow(c *fiber.Ctx) bool {
	return form.Value(c, "sku_id") != "" || form.Value(c, "count") != ""
}

// parseBuyNow reads the SKU and the count to buy at once; nil means the ticked lines of the cart.
func parseBuyNow(c *fiber.Ctx) (*promo.Item, error) {
	if !buysNow(c) {
		return nil, nil
	}
	sku, err := form.ID(c, "sku_id", "请先选择规格")
	if err != nil {
		return nil, err
	}
	count, err := form.Pieces(c, "count")
	if err != nil {
		return nil, err
	}
	return &promo.Item{SKUID: sku, Count: count}, nil
}

// parsePlacing reads the confirmation form. With an error it still gives what could be read, so that the page can be
// shown again with it. Amounts are never read: the shop prices.
func parsePlacing(c *fiber.Ctx) (order.Placing, error) {
	in := order.Placing{
		UserID:    session.Of(c).UserID(),
		Token:     form.Value(c, "checkout_token"),
		Digest:    form.Value(c, "digest"),
		PayMethod: form.Value(c, "pay_method"),
	}
	var err error
	if in.BuyNow, err = parseBuyNow(c); err != nil {
		return in, err
	}
	address := form.Value(c, "address_id")
	id, ok := form.Number(address)
	in.AddressID = id
	if in.Note, err = form.Text(c, "note"); err != nil {
		return in, err
	}
	if in.CouponID, in.Credits, err = parseSpent(c); err != nil {
		return in, err
	}
	if address != "" && !ok {
		return in, fault.New(fault.Invalid, fault.CodeBadAddress, "这个收货地址不能用，请换一个")
	}
	return in, nil
}

// parseSpent reads the coupon and the credits to pay with; an absent one is 0.
func parseSpent(c *fiber.Ctx) (coupon, credits int64, err error) {
	var ok bool
	if s := form.Value(c, "coupon_id"); s != "" {
		if coupon, ok = form.Number(s); !ok {
			return 0, 0, promo.BadCoupon()
		}
	}
	if s := form.Value(c, "credits"); s != "" {
		if credits, ok = form.Number(s); !ok {
			return 0, 0, promo.ShortCredits()
		}
	}
	return coupon, credits, nil
}
