package coupon

import (
	"context"
	"slices"
	"sort"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// mostPublic is how many coupons the centre holds at once.
const mostPublic = 100

// Offer is a coupon in the centre, as it is for one person.
type Offer struct {
	Coupon
	Had   int64 // how many of them the person has had
	State OfferState
}

// OfferState is what a person can do with a coupon in the centre.
type OfferState int

// The states, in the order in which the centre shows them.
const (
	OfferOpen    OfferState = iota // to be claimed now
	OfferEarly                     // later
	OfferHad                       // claimed already, as many as a person may
	OfferSoldOut                   // gone
)

// Centre are the coupons that anybody can claim, or will be able to.
type Centre struct {
	Offers []Offer
	For    *Target // the product that all of them are good for, if one was asked for
}

// Centre shows a user (0: a visitor) the coupons that stand in the centre: what can be claimed now on top, what ends first before others.
// With a product it shows those that are good for it; an unknown one is as none.
func (s *Service) Centre(ctx context.Context, userID, spuID int64) (_ Centre, err error) {
	defer fault.Wrap(&err, "show the coupons of the centre")
	now := s.clock()
	var offers []Offer
	err = s.db.Select(ctx, &offers, "SELECT "+couponColumns+` FROM coupons c WHERE c.is_published = 1 AND c.is_public = 1 AND c.ends_at > ?
		ORDER BY c.ends_at, c.id LIMIT ?`, now, mostPublic)
	if err != nil || len(offers) == 0 {
		return Centre{}, err
	}
	t := terms{}
	for i := range offers {
		t.add(offers[i].ID, &offers[i].Terms)
	}
	if err := t.read(ctx, s.db); err != nil {
		return Centre{}, err
	}
	if err := t.names(ctx, s.db); err != nil {
		return Centre{}, err
	}
	had, err := s.had(ctx, userID, offers)
	if err != nil {
		return Centre{}, err
	}
	for i := range offers {
		offers[i].Had = had[offers[i].ID]
		offers[i].State = offers[i].state(now)
	}
	sort.SliceStable(offers, func(i, j int) bool { return offers[i].State < offers[j].State })
	return s.fitting(ctx, offers, spuID)
}

func (o Offer) state(now time.Time) OfferState {
	switch {
	case o.Had >= o.PerPerson:
		return OfferHad
	case o.SoldOut():
		return OfferSoldOut
	case now.Before(o.StartsAt):
		return OfferEarly
	}
	return OfferOpen
}

// had is how many of each a user has had.
func (s *Service) had(ctx context.Context, userID int64, offers []Offer) (map[int64]int64, error) {
	if userID == 0 {
		return nil, nil
	}
	ids := make([]int64, len(offers))
	for i, o := range offers {
		ids[i] = o.ID
	}
	var rows []struct {
		CouponID int64 `db:"coupon_id"`
		Count    int64 `db:"count"`
	}
	query, args := db.In("SELECT coupon_id, COUNT(*) AS count FROM user_coupons WHERE coupon_id IN (?) AND user_id = ? GROUP BY coupon_id", ids, userID)
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	had := map[int64]int64{}
	for _, r := range rows {
		had[r.CouponID] = r.Count
	}
	return had, nil
}

// fitting leaves out what is not good for a product.
func (s *Service) fitting(ctx context.Context, offers []Offer, spuID int64) (Centre, error) {
	if spuID == 0 {
		return Centre{Offers: offers}, nil
	}
	var p struct {
		Target
		Brand     int64 `db:"brand_id"`
		Category1 int64 `db:"category1_id"`
		Category2 int64 `db:"category2_id"`
		Category3 int64 `db:"category3_id"`
	}
	err := s.db.Get(ctx, &p, `SELECT id, name, name_en, id AS spu_id, brand_id, category1_id, category2_id, category3_id FROM spus
		WHERE id = ? AND is_launched = 1`, spuID)
	if fault.Is(err, fault.NotFound) {
		return Centre{Offers: offers}, nil
	}
	if err != nil {
		return Centre{}, err
	}
	fits := func(o Offer) bool {
		has := func(of func(Target) bool) bool { return slices.ContainsFunc(o.Targets, of) }
		switch o.ScopeKind {
		case promo.ScopeAll:
			return true
		case promo.ScopeCategory:
			return has(func(t Target) bool { return t.ID == p.Category1 || t.ID == p.Category2 || t.ID == p.Category3 })
		case promo.ScopeBrand:
			return has(func(t Target) bool { return t.ID == p.Brand })
		}
		return has(func(t Target) bool { return t.SPUID == p.ID }) // products, and single SKUs of them
	}
	return Centre{Offers: slices.DeleteFunc(offers, func(o Offer) bool { return !fits(o) }), For: &p.Target}, nil
}
