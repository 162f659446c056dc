package storefront

import (
	"net/url"
	"strings"

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

// checkoutForm is the confirmation form as it was sent.
type checkoutForm struct {
	order.Placing
	NewAddress   account.AddressInput // typed in place, to be saved
	TypedCredits string               // as it was typed, a number or not
	First        bool                 // nothing is chosen yet
}

// Checkout shows the confirmation page for the ticked cart lines, or for one SKU bought at once: GET /checkout.
func (p Pages) Checkout(c *fiber.Ctx) error {
	in, err := parseGoods(c)
	if err != nil {
		return err
	}
	in.Lines = nil
	// These are only wishes: an unknown address falls back to the default one.
	in.AddressID, _ = form.Number(c.Query("address_id"))
	in.Note, _ = form.Text(c, "note")
	in.PayMethod = c.Query("pay_method")
	chosen := checkoutForm{Placing: in, First: c.Query("coupon_id")+c.Query("credits") == ""}
	_ = chosen.parseSpent(c)
	return p.showCheckout(c, chosen, nil, "")
}

// QuoteCheckout prices the confirmation page again for the choices made so far: POST /checkout/quote. One of its buttons
// saves the address that is typed.
func (p Pages) QuoteCheckout(c *fiber.Ctx) error {
	goods, err := parseGoods(c)
	if err != nil {
		return err // what is to be bought is not legible, so there is no page to show
	}
	in, err := parseCheckout(c, goods)
	if fault.HasCode(err, fault.CodeBadCoupon) || fault.HasCode(err, fault.CodeShortCredits) { // all else is for placing to find
		return p.showCheckout(c, in, fault.Of(err), "checkout")
	}
	if form.Value(c, "save") != "address" || in.NewAddress.Empty() {
		return p.showCheckout(c, in, nil, "checkout-sum")
	}
	err = p.saveAddress(c, &in)
	switch {
	case fault.Refused(err):
		return p.showCheckout(c, in, fault.Of(err), "checkout")
	case err != nil:
		return err
	case respond.IsFragment(c):
		return p.showCheckout(c, in, nil, "checkout")
	}
	return respond.SeeOther(c, checkoutHref(in))
}

// PlaceOrder turns the confirmation page into an order and leads to its payment: POST /orders. An address that is typed in
// place is saved first, and the order goes there.
func (p Pages) PlaceOrder(c *fiber.Ctx) error {
	goods, err := parseGoods(c)
	if err != nil {
		return err // what is to be bought is not legible, so there is no page to show again
	}
	in, err := parseCheckout(c, goods)
	if err == nil {
		err = p.saveAddress(c, &in)
	}
	var no string
	if err == nil {
		no, err = p.Store.Order.Place(c.UserContext(), in.Placing)
	}
	if fault.Refused(err) {
		return p.showCheckout(c, in, fault.Of(err), "checkout")
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, ui.OrderHref(no, "pay"))
}

// saveAddress saves the address that is typed, if any, and chooses it. The same form sent twice saves it once.
func (p Pages) saveAddress(c *fiber.Ctx, in *checkoutForm) error {
	if in.NewAddress.Empty() {
		return nil
	}
	id, err := p.Store.Account.AddAddressOnce(c.UserContext(), in.UserID, in.NewAddress)
	if fault.Is(err, fault.Invalid) {
		bad := *fault.Of(err)
		bad.Code = fault.CodeBadAddress
		return &bad
	}
	if err != nil {
		return err
	}
	in.AddressID, in.NewAddress = id, account.AddressInput{}
	return nil
}

// showCheckout shows the confirmation page with what was typed and chosen so far and, after a refusal, with what was wrong.
// When nothing can be confirmed any more, the cart says so. part is what htmx gets of it.
func (p Pages) showCheckout(c *fiber.Ctx, in checkoutForm, wrong *fault.Error, part string) error {
	in.UserID = session.Of(c).UserID()
	if wrong != nil && wrong.Kind == fault.Conflict && wrong.Code != fault.CodePriceChanged {
		in.Lines = nil // the goods are not what the page showed: now it shows what can be ordered
	}
	now, err := p.priceCheckout(c, in)
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
		if in.PayMethod, err = p.Store.Order.LastMethod(c.UserContext(), in.UserID); err != nil {
			return err
		}
	}
	if in.NewAddress.Empty() {
		in.NewAddress.Default = len(now.Addresses) == 0
	}
	address, err := p.Store.Account.AddressForm(c.UserContext(), in.NewAddress)
	if err != nil {
		return err
	}
	if wrong == nil && now.Refused != nil && part != "" { // in the address of a page these are only wishes
		wrong = fault.Of(now.Refused)
	}
	shown := page.CheckoutPage{Checkout: now, Note: in.Note, Method: in.PayMethod, Credits: in.TypedCredits, Address: address, Fault: wrong}
	if part == "checkout-sum" && wrong == nil && respond.IsFragment(c) {
		return respond.Part(c, page.CheckoutPriced(respond.View(c), shown))
	}
	if wrong != nil { // the words about it stand outside of the sum
		part = "checkout"
		c.Set("HX-Retarget", "#checkout")
		c.Set("HX-Reswap", "outerHTML")
	}
	return respond.PageStatus(c, form.StatusOf(wrong), func(v ui.View) templ.Component { return page.Checkout(v, shown) }, part)
}

// priceCheckout prices what the page is about: with what is chosen on it, or at first with what is best.
func (p Pages) priceCheckout(c *fiber.Ctx, in checkoutForm) (order.Checkout, error) {
	if in.First {
		return p.Store.Order.Checkout(c.UserContext(), in.UserID, in.BuyNow, in.AddressID)
	}
	return p.Store.Order.Again(c.UserContext(), in.Placing)
}

// checkoutHref is the confirmation page with what was chosen and typed.
func checkoutHref(in checkoutForm) string {
	q := url.Values{"address_id": {ui.ID(in.AddressID)}}
	if in.BuyNow != nil {
		q.Set("sku_id", ui.ID(in.BuyNow.SKUID))
		q.Set("count", ui.ID(in.BuyNow.Count))
	}
	if in.Note != "" {
		q.Set("note", in.Note)
	}
	if in.PayMethod != "" {
		q.Set("pay_method", in.PayMethod)
	}
	q.Set("coupon_id", ui.ID(in.CouponID))
	if in.TypedCredits != "" {
		q.Set("credits", in.TypedCredits)
	}
	return "/checkout?" + q.Encode()
}

// parseGoods reads what is to be bought: pairs of sku_id and count. With from=cart they are lines of the cart, one pair
// without it is bought at once, and none means the ticked lines of the cart.
func parseGoods(c *fiber.Ctx) (order.Placing, error) {
	in := order.Placing{UserID: session.Of(c).UserID()}
	skus, counts := form.Values(c, "sku_id"), form.Values(c, "count")
	fromCart := form.Value(c, "from") == "cart"
	if !fromCart && strings.Join(skus, "")+strings.Join(counts, "") == "" {
		return in, nil
	}
	if len(skus) != len(counts) && len(skus) > 0 && len(counts) > 0 || !fromCart && len(skus) > 1 {
		return in, fault.Field("sku_id", "请先选择规格")
	}
	for i := range max(len(skus), len(counts)) {
		item, err := form.Item(at(skus, i), at(counts, i))
		if err != nil {
			return in, err
		}
		in.Lines = append(in.Lines, item)
	}
	if !fromCart {
		in.BuyNow, in.Lines = &in.Lines[0], nil
	}
	return in, nil
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// parseCheckout reads the rest of the confirmation form. With an error it still gives what could be read, so that the page
// can be shown again with it. Amounts are never read: the shop prices.
func parseCheckout(c *fiber.Ctx, goods order.Placing) (checkoutForm, error) {
	in := checkoutForm{Placing: goods, NewAddress: parseAddress(c)}
	in.Token, in.Digest, in.PayMethod = form.Value(c, "checkout_token"), form.Value(c, "digest"), form.Value(c, "pay_method")
	address := form.Value(c, "address_id")
	id, ok := form.Number(address)
	in.AddressID = id
	var err error
	if in.Note, err = form.Text(c, "note"); err != nil {
		return in, err
	}
	if err := in.parseSpent(c); err != nil {
		return in, err
	}
	if address != "" && !ok {
		return in, fault.New(fault.Invalid, fault.CodeBadAddress, "这个收货地址不能用，请换一个")
	}
	return in, nil
}

// parseSpent reads the coupon and the credits to pay with; an absent one is none.
func (in *checkoutForm) parseSpent(c *fiber.Ctx) (err error) {
	var ok bool
	in.TypedCredits = strings.TrimSpace(form.Value(c, "credits"))
	if in.TypedCredits != "" {
		if in.Credits, ok = form.Number(in.TypedCredits); !ok {
			err = promo.NoCredits()
		}
	}
	if s := form.Value(c, "coupon_id"); s != "" {
		if in.CouponID, ok = form.Number(s); !ok {
			err = promo.BadCoupon()
		}
	}
	return err
}
