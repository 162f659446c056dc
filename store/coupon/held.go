package coupon

import (
	"context"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// UserCoupon is a coupon that a user holds.
type UserCoupon struct {
	ID       int64 `db:"id"`
	CouponID int64 `db:"coupon_id"`
	Terms
	How       How        `db:"how"`
	ClaimedAt time.Time  `db:"claimed_at"`
	StartsAt  time.Time  `db:"starts_at"`
	EndsAt    time.Time  `db:"ends_at"` // the first moment at which it cannot be used any more
	OrderID   int64      `db:"order_id"`
	OrderNo   string     `db:"order_no"` // in Held only
	UsedAt    *time.Time `db:"used_at"`
	Saved     money.Fen  `db:"saved_fen"` // what it took off that order
}

const heldColumns = `u.id, u.coupon_id, ` + termsColumns + `, u.how, u.claimed_at, u.starts_at, u.ends_at, u.order_id, u.used_at, u.saved_fen`

// held is the coupon as prices know it.
func (u UserCoupon) held() promo.Coupon {
	c := u.Value()
	c.ID, c.StartsAt, c.EndsAt, c.Used = u.ID, u.StartsAt, u.EndsAt, u.OrderID != 0
	return c
}

// Bounds of what a page can show to choose from.
const (
	mostFree    = 100
	mostExpired = 10
	recently    = 7 * 24 * time.Hour
)

// Coupon is a coupon that a user holds, as prices know it. Any other is NotFound. It and Coupons are promo's Holdings.
func (s *Service) Coupon(ctx context.Context, q db.Queryer, userID, id int64) (_ promo.Coupon, err error) {
	defer fault.Wrap(&err, "read coupon %d of user %d", id, userID)
	var u UserCoupon
	err = q.Get(ctx, &u, "SELECT "+heldColumns+" FROM user_coupons u JOIN coupons c ON c.id = u.coupon_id WHERE u.id = ? AND u.user_id = ?",
		id, userID)
	if err != nil {
		return promo.Coupon{}, err
	}
	if err := (terms{u.CouponID: {&u.Terms}}).read(ctx, q); err != nil {
		return promo.Coupon{}, err
	}
	return u.held(), nil
}

// Coupons are what a user holds and has not used, as prices know them: those that run out first are first, and last some that have run
// out lately, since who misses one should see why it cannot be used.
func (s *Service) Coupons(ctx context.Context, q db.Queryer, userID int64) (_ []promo.Coupon, err error) {
	defer fault.Wrap(&err, "read coupons of user %d", userID)
	now := s.clock()
	const free = "SELECT " + heldColumns + " FROM user_coupons u JOIN coupons c ON c.id = u.coupon_id WHERE u.user_id = ? AND u.order_id = 0 "
	var held, over []UserCoupon
	if err := q.Select(ctx, &held, free+"AND u.ends_at > ? ORDER BY u.ends_at, u.id LIMIT ?", userID, now, mostFree); err != nil {
		return nil, err
	}
	err = q.Select(ctx, &over, free+"AND u.ends_at <= ? AND u.ends_at > ? ORDER BY u.ends_at DESC, u.id DESC LIMIT ?",
		userID, now, now.Add(-recently), mostExpired)
	if err != nil {
		return nil, err
	}
	held = append(held, over...)
	if err := heldTerms(held).read(ctx, q); err != nil {
		return nil, err
	}
	values := make([]promo.Coupon, len(held))
	for i, u := range held {
		values[i] = u.held()
	}
	return values, nil
}

// State is where a coupon stands that a user holds.
type State string

// The states.
const (
	Usable  State = "usable" // now or later
	Used    State = "used"
	Expired State = "expired"
)

const heldSize = 20

// HeldList is one page of the coupons that a user holds.
type HeldList struct {
	Coupons []UserCoupon
	State   State
	Usable  int64 // how many could be used, on all pages
	Page    int
	HasNext bool
}

// heldLists find the coupons of each state along an index: what ends first, what was used last, what ended last on top.
var heldLists = map[State]string{
	Usable:  "u.order_id = 0 AND u.ends_at > ? ORDER BY u.ends_at, u.id",
	Used:    "u.used_at <= ? ORDER BY u.used_at DESC, u.id DESC",
	Expired: "u.order_id = 0 AND u.ends_at <= ? ORDER BY u.ends_at DESC, u.id DESC",
}

// Held is a page of a user's coupons in a state; any other word is Usable.
func (s *Service) Held(ctx context.Context, userID int64, state State, page int) (list HeldList, err error) {
	defer fault.Wrap(&err, "list coupons of user %d", userID)
	if heldLists[state] == "" {
		state = Usable
	}
	list = HeldList{State: state, Page: max(page, 1)}
	now := s.clock()
	err = s.db.Select(ctx, &list.Coupons, "SELECT "+heldColumns+`, COALESCE(o.order_no, '') AS order_no FROM user_coupons u
		JOIN coupons c ON c.id = u.coupon_id LEFT JOIN orders o ON o.id = u.order_id
		WHERE u.user_id = ? AND `+heldLists[state]+" LIMIT ? OFFSET ?", userID, now, heldSize+1, (list.Page-1)*heldSize)
	if err != nil {
		return list, err
	}
	if len(list.Coupons) > heldSize {
		list.Coupons, list.HasNext = list.Coupons[:heldSize], true
	}
	t := heldTerms(list.Coupons)
	if err := t.read(ctx, s.db); err != nil {
		return list, err
	}
	if err := t.names(ctx, s.db); err != nil {
		return list, err
	}
	list.Usable, err = s.CountUsable(ctx, userID)
	return list, err
}

// CountUsable is how many coupons a user could still use, at most a hundred.
func (s *Service) CountUsable(ctx context.Context, userID int64) (n int64, err error) {
	defer fault.Wrap(&err, "count coupons of user %d", userID)
	err = s.db.Get(ctx, &n, "SELECT COUNT(*) FROM (SELECT id FROM user_coupons WHERE user_id = ? AND order_id = 0 AND ends_at > ? LIMIT ?) AS some",
		userID, s.clock(), mostFree)
	return n, err
}
