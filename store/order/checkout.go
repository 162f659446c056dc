package order

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Checkout is what the confirmation page shows.
type Checkout struct {
	Quote     promo.Quote
	Token     string // makes the form one order, however often it is sent
	Addresses []account.Address
	Chosen    int64       // the chosen address; 0: there is none yet
	BuyNow    *promo.Item // nil: the ticked lines of the cart
}

// Checkout prices what a user is about to order: one item at once, or the ticked lines of the cart that can be bought.
// addressID is the address to choose; 0, or one that is not theirs, chooses the default.
func (s *Service) Checkout(ctx context.Context, userID int64, buyNow *promo.Item, addressID int64) (Checkout, error) {
	var items []promo.Item
	if buyNow != nil {
		items = []promo.Item{*buyNow}
	} else {
		ticked, err := s.cart.Ticked(ctx, s.db, cart.UserOwner(userID))
		if err != nil {
			return Checkout{}, err
		}
		if items = buyable(ticked); len(items) == 0 {
			return Checkout{}, nothingTicked()
		}
	}
	quote, err := s.promo.Quote(ctx, s.db, promo.Ask{UserID: userID, Items: items})
	if buyNow != nil && fault.HasCode(err, fault.CodeShortStock) {
		return Checkout{}, fault.Missing() // not on sale: its name is nobody's business
	}
	if err != nil {
		return Checkout{}, err
	}
	addresses, err := s.addresses.Addresses(ctx, userID)
	if err != nil {
		return Checkout{}, err
	}
	return Checkout{Quote: quote, Token: newToken(), Addresses: addresses, Chosen: choose(addresses, addressID), BuyNow: buyNow}, nil
}

// Short is 50103 for goods of which there are not enough as things stand, so that one learns it before placing; else nil.
func (c Checkout) Short() error {
	for _, l := range c.Quote.Lines {
		if l.SKU.Stock < l.Count {
			return promo.Short(l.SKU.Name, l.SKU.Stock)
		}
	}
	return nil
}

func choose(addresses []account.Address, id int64) int64 {
	chosen := int64(0)
	for i, a := range addresses {
		if a.ID == id {
			return id
		}
		if i == 0 || a.Default {
			chosen = a.ID
		}
	}
	return chosen
}

// items are the lines as they stand, whether they can be bought or not.
func items(lines []cart.Line) []promo.Item {
	list := make([]promo.Item, len(lines))
	for i, l := range lines {
		list[i] = promo.Item{SKUID: l.SKU.ID, Count: l.Count}
	}
	return list
}

// buyable are the lines that an order could take now.
func buyable(lines []cart.Line) []promo.Item {
	var list []cart.Line
	for _, l := range lines {
		if !l.Gone() && !l.Short() {
			list = append(list, l)
		}
	}
	return items(list)
}

// basket finds what the shopper agreed to: the ticked lines, all of them or those that could be bought when the page
// was shown, whichever has the digest of the form. If neither has, the price or the stock has changed since.
func (s *Service) basket(ctx context.Context, q db.Queryer, in Placing) (promo.Quote, error) {
	if in.BuyNow != nil {
		quote, err := s.promo.Quote(ctx, q, in.ask([]promo.Item{*in.BuyNow}))
		if err == nil && quote.Digest != in.Digest {
			err = priceChanged()
		}
		return quote, err
	}
	ticked, err := s.cart.Ticked(ctx, q, cart.UserOwner(in.UserID))
	if err != nil {
		return promo.Quote{}, err
	}
	if len(ticked) == 0 {
		return promo.Quote{}, nothingTicked()
	}
	all, allErr := s.promo.Quote(ctx, q, in.ask(items(ticked)))
	if allErr == nil && all.Digest == in.Digest {
		return all, nil
	}
	if some := buyable(ticked); len(some) > 0 {
		quote, err := s.promo.Quote(ctx, q, in.ask(some))
		if err != nil || quote.Digest == in.Digest {
			return quote, err
		}
	}
	for _, l := range ticked {
		if l.Gone() || l.Short() {
			return promo.Quote{}, promo.Short(l.SKU.Name, l.SKU.Stock)
		}
	}
	if allErr != nil {
		return promo.Quote{}, allErr
	}
	return promo.Quote{}, priceChanged()
}

func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func nothingTicked() error {
	return fault.New(fault.Invalid, 0, "请先勾选要结算的商品")
}

func priceChanged() error {
	return fault.New(fault.Conflict, fault.CodePriceChanged, "价格有变动，请核对后再提交")
}
