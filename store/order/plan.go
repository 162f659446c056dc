package order

import (
	"context"
	"time"
	"unicode/utf8"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/promo"
)

// maxLines bounds what one order may list: whatever a cart can hold, so that a whole cart can be ordered at once.
const maxLines = cart.MaxMerged

// plan is an order as it is to be written: all that is read and decided before the transaction.
type plan struct {
	in    Placing
	no    string
	to    account.Address
	quote promo.Quote
	now   time.Time
}

// check refuses a form that no reading could help.
func (s *Service) check(in Placing) error {
	if !tokenForm.MatchString(in.Token) || in.Digest == "" {
		return fault.New(fault.Invalid, 0, "确认页已失效，请重新确认订单")
	}
	if len(in.Lines) > maxLines {
		return tooManyLines()
	}
	f := fault.Form()
	if in.PayMethod != "" && !s.methods.Offered(in.PayMethod) {
		f = noMethod()
	}
	if utf8.RuneCountInString(in.Note) > noteLength {
		f.With("note", "备注最多 %d 个字", noteLength)
	}
	return f.OrNil()
}

// plan reads what an order is made of, and refuses what can be seen to fail. What changes after it is found by write.
func (s *Service) plan(ctx context.Context, in Placing) (plan, error) {
	quote, wrong := s.agreed(ctx, in)
	var to account.Address
	if Ships(quote) || len(quote.Lines) == 0 {
		var err error
		if to, err = s.destination(ctx, in); err != nil { // which is told first
			return plan{}, err
		}
	}
	if wrong != nil {
		return plan{}, wrong
	}
	if err := refuseOwned(ctx, s.db, in.UserID, quote); err != nil {
		return plan{}, err
	}
	if in.PayMethod == "" && quote.Payable > 0 {
		return plan{}, noMethod()
	}
	for _, l := range quote.Lines {
		if l.SKU.Stock < l.Count {
			return plan{}, promo.Short(l.SKU.Name, l.SKU.Stock)
		}
	}
	now := s.clock()
	return plan{in: in, no: newNumber(now), to: to, quote: quote, now: now}, nil
}

// destination is the address the order goes to.
func (s *Service) destination(ctx context.Context, in Placing) (account.Address, error) {
	if in.AddressID == 0 {
		all, err := s.addresses.Addresses(ctx, in.UserID)
		if err != nil {
			return account.Address{}, err
		}
		if len(all) == 0 {
			return account.Address{}, NoAddress()
		}
	}
	to, err := s.addresses.Address(ctx, s.db, in.UserID, in.AddressID)
	if fault.Is(err, fault.NotFound) { // nobody learns whether another has an address of this number
		f := fault.Field("address_id", "请选择收货地址")
		f.Code = fault.CodeBadAddress
		return account.Address{}, f
	}
	return to, err
}

// NoAddress is 50100: there is no address to send anything to yet.
func NoAddress() error {
	return fault.New(fault.Invalid, fault.CodeNoAddress, "还没有收货地址，请先添加一个")
}

// agreed prices what the form is about, and refuses it unless it is what the shopper has seen.
func (s *Service) agreed(ctx context.Context, in Placing) (promo.Quote, error) {
	switch {
	case in.BuyNow != nil:
		return s.seen(ctx, in, []promo.Item{*in.BuyNow})
	case len(in.Lines) > 0:
		return s.agreedLines(ctx, in)
	}
	return s.agreedTicked(ctx, in)
}

// seen is the price of items as it is now, if it has the digest of the form.
func (s *Service) seen(ctx context.Context, in Placing, items []promo.Item) (promo.Quote, error) {
	return in.agrees(s.promo.Quote(ctx, s.db, in.ask(items)))
}

// ask is what a form asks for, about these items.
func (in Placing) ask(items []promo.Item) promo.Ask {
	return promo.Ask{UserID: in.UserID, Items: items, CouponID: in.CouponID, Credits: in.Credits}
}

// agrees refuses a quote that has not the digest of the form.
func (in Placing) agrees(quote promo.Quote, err error) (promo.Quote, error) {
	if err == nil && quote.Digest != in.Digest {
		err = promo.PriceChanged()
	}
	return quote, err
}

// agreedLines is about the lines of the cart that the form lists. They need not be ticked any more, but must be there.
func (s *Service) agreedLines(ctx context.Context, in Placing) (promo.Quote, error) {
	quote, err := s.seen(ctx, in, in.Lines)
	if fault.Is(err, fault.NotFound) { // the merchant has deleted a product
		return promo.Quote{}, cart.Changed()
	}
	if err != nil {
		return promo.Quote{}, err
	}
	missing, err := s.cart.Missing(ctx, s.db, cart.UserOwner(in.UserID), quote.Ask.Items)
	if err != nil || len(missing) == 0 {
		return quote, err
	}
	for _, l := range quote.Lines {
		if l.SKU.ID == missing[0].SKUID {
			return promo.Quote{}, fault.New(fault.Conflict, fault.CodeTooFast, "购物车里的 %s 刚刚有变动，请核对后再提交", l.SKU.Name)
		}
	}
	return promo.Quote{}, cart.Changed()
}

// agreedTicked is about what the confirmation page would show now, for a form that lists nothing.
func (s *Service) agreedTicked(ctx context.Context, in Placing) (promo.Quote, error) {
	ticked, err := s.ticked(ctx, in.UserID)
	if err != nil {
		return promo.Quote{}, err
	}
	quote, err := in.agrees(s.promo.QuoteOf(ctx, s.db, ticked.skus, in.ask(ticked.items)))
	if fault.HasCode(err, fault.CodePriceChanged) && ticked.short != nil { // more likely it is the line that was left out
		err = ticked.short
	}
	return quote, err
}

// tickedLines are the ticked lines of a cart.
type tickedLines struct {
	items []promo.Item // that can be bought; at least one
	skus  map[int64]catalog.SKU
	short error // for the first line that cannot, such as 50103; or nil
}

// ticked are the lines of a user's cart that an order would take now. When there are none, the fault says why.
func (s *Service) ticked(ctx context.Context, userID int64) (t tickedLines, err error) {
	lines, err := s.cart.Ticked(ctx, s.db, cart.UserOwner(userID))
	if err != nil {
		return tickedLines{}, err
	}
	t.skus = make(map[int64]catalog.SKU, len(lines))
	for _, l := range lines {
		t.skus[l.SKU.ID] = l.SKU
		if !l.Gone() && !l.Short() {
			t.items = append(t.items, promo.Item{SKUID: l.SKU.ID, Count: l.Count})
		} else if t.short == nil {
			t.short = l.Refusal()
		}
	}
	switch {
	case len(lines) == 0:
		return t, fault.New(fault.Invalid, 0, "请先勾选要结算的商品")
	case len(t.items) == 0:
		return t, t.short
	case len(t.items) > maxLines:
		return t, tooManyLines()
	}
	return t, nil
}

func noMethod() *fault.Error { return fault.Field("pay_method", "请选择支付方式") }

func tooManyLines() error {
	return fault.New(fault.Invalid, 0, "一笔订单最多 %d 种商品，请分几次结算", maxLines)
}
