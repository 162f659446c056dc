package order

import (
	"context"
	"crypto/rand"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Checkout is what the confirmation page shows.
type Checkout struct {
	promo.Choice        // the quote, and what the user could choose instead
	Refused      error  // why the coupon or the credits of the form are left out of the quote; nil: they are in it
	Token        string // makes the form one order, however often it is sent
	Addresses    []account.Address
	Chosen       int64       // the chosen address; 0: there is none yet
	BuyNow       *promo.Item // nil: lines of the cart, which the form lists
}

// Checkout prices what a user is about to order: one item at once, or the ticked lines of the cart that can be bought; with the best
// of the user's coupons. addressID is the address to choose; 0, or one that is not theirs, chooses the default.
func (s *Service) Checkout(ctx context.Context, userID int64, buyNow *promo.Item, addressID int64) (Checkout, error) {
	return s.checkout(ctx, Placing{UserID: userID, BuyNow: buyNow, AddressID: addressID}, true)
}

// Again prices the same form once more: the lines that it lists, as long as they can be priced, so that the page stays about
// what it shows; else what Checkout gives. A coupon or credits that cannot be used are left out, and Refused says why.
func (s *Service) Again(ctx context.Context, in Placing) (Checkout, error) {
	if in.BuyNow == nil && len(in.Lines) > 0 && len(in.Lines) <= maxLines {
		c, err := s.confirm(ctx, in, in.Lines, nil, false)
		if !fault.Is(err, fault.NotFound) && !fault.Refused(err) {
			return c, err
		}
	}
	return s.checkout(ctx, in, false)
}

func (s *Service) checkout(ctx context.Context, in Placing, best bool) (Checkout, error) {
	if in.BuyNow != nil {
		c, err := s.confirm(ctx, in, []promo.Item{*in.BuyNow}, nil, best)
		if fault.HasCode(err, fault.CodeShortStock) {
			return Checkout{}, fault.Missing() // not on sale: its name is nobody's business
		}
		return c, err
	}
	ticked, err := s.ticked(ctx, in.UserID)
	if err != nil {
		return Checkout{}, err
	}
	return s.confirm(ctx, in, ticked.items, ticked.skus, best)
}

// confirm prices items and puts the addresses and a token beside them. skus may be nil: then they are looked up.
func (s *Service) confirm(ctx context.Context, in Placing, items []promo.Item, skus map[int64]catalog.SKU, best bool) (c Checkout, err error) {
	if c.Choice, c.Refused, err = s.choose(ctx, in.ask(items), skus, best); err != nil {
		return Checkout{}, err
	}
	if err := refuseOwned(s.db.PointRead(ctx), s.db, in.UserID, c.Quote); err != nil {
		return Checkout{}, err
	}
	if c.Addresses, err = s.addresses.Addresses(ctx, in.UserID); err != nil {
		return Checkout{}, err
	}
	c.Token, c.Chosen, c.BuyNow = rand.Text(), choose(c.Addresses, in.AddressID), in.BuyNow
	return c, nil
}

// choose prices an ask. In place of a coupon that cannot be used it takes the best one, and in place of too many credits none: refused says
// what was wrong with the first of them.
func (s *Service) choose(ctx context.Context, ask promo.Ask, skus map[int64]catalog.SKU, best bool) (c promo.Choice, refused, err error) {
	for {
		c, err = s.promo.Choose(ctx, s.db, skus, ask, best)
		switch {
		case ask.CouponID != 0 && fault.HasCode(err, fault.CodeBadCoupon):
			ask.CouponID, best = 0, true
		case ask.Credits != 0 && fault.HasCode(err, fault.CodeShortCredits):
			ask.Credits = 0
		default:
			return c, refused, err
		}
		if refused == nil {
			refused = err
		}
	}
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
