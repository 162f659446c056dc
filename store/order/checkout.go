package order

import (
	"context"
	"crypto/rand"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Checkout is what the confirmation page shows.
type Checkout struct {
	Quote     promo.Quote
	Token     string // makes the form one order, however often it is sent
	Addresses []account.Address
	Chosen    int64       // the chosen address; 0: there is none yet
	BuyNow    *promo.Item // nil: lines of the cart, which the form lists
}

// Checkout prices what a user is about to order: one item at once, or the ticked lines of the cart that can be bought.
// addressID is the address to choose; 0, or one that is not theirs, chooses the default.
func (s *Service) Checkout(ctx context.Context, userID int64, buyNow *promo.Item, addressID int64) (Checkout, error) {
	if buyNow != nil {
		quote, err := s.promo.Quote(ctx, s.db, promo.Ask{UserID: userID, Items: []promo.Item{*buyNow}})
		if fault.HasCode(err, fault.CodeShortStock) {
			return Checkout{}, fault.Missing() // not on sale: its name is nobody's business
		}
		if err != nil {
			return Checkout{}, err
		}
		c, err := s.confirm(ctx, quote, addressID)
		c.BuyNow = buyNow
		return c, err
	}
	ticked, err := s.ticked(ctx, userID)
	if err != nil {
		return Checkout{}, err
	}
	quote, err := s.promo.QuoteOf(ctx, s.db, ticked.skus, promo.Ask{UserID: userID, Items: ticked.items})
	if err != nil {
		return Checkout{}, err
	}
	return s.confirm(ctx, quote, addressID)
}

// Again prices the same form once more: the lines that it lists, as long as they can be priced, so that the page stays about
// what it shows; else what Checkout gives.
func (s *Service) Again(ctx context.Context, in Placing) (Checkout, error) {
	if in.BuyNow == nil && len(in.Lines) > 0 && len(in.Lines) <= maxLines {
		quote, err := s.promo.Quote(ctx, s.db, promo.Ask{UserID: in.UserID, Items: in.Lines})
		if err == nil {
			return s.confirm(ctx, quote, in.AddressID)
		}
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
			return Checkout{}, err
		}
	}
	return s.Checkout(ctx, in.UserID, in.BuyNow, in.AddressID)
}

// confirm puts the addresses and a token beside what was quoted.
func (s *Service) confirm(ctx context.Context, quote promo.Quote, addressID int64) (Checkout, error) {
	if err := refuseOwned(s.db.PointRead(ctx), s.db, quote.Ask.UserID, quote); err != nil {
		return Checkout{}, err
	}
	addresses, err := s.addresses.Addresses(ctx, quote.Ask.UserID)
	if err != nil {
		return Checkout{}, err
	}
	return Checkout{Quote: quote, Token: rand.Text(), Addresses: addresses, Chosen: choose(addresses, addressID)}, nil
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
