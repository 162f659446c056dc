package coupon

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/db"
	"dashop/store/promo"
)

// terms are those of some coupons, by the coupon's number; a coupon that several hold has several.
type terms map[int64][]*Terms

func (t terms) add(couponID int64, one *Terms) { t[couponID] = append(t[couponID], one) }

func readTargets(ctx context.Context, q db.Queryer, couponID int64, one *Terms) error {
	return terms{couponID: {one}}.read(ctx, q)
}

func readHeldTargets(ctx context.Context, q db.Queryer, held []UserCoupon) error {
	t := terms{}
	for i := range held {
		t.add(held[i].CouponID, &held[i].Terms)
	}
	return t.read(ctx, q)
}

// read fills in the ids of what the coupons are for, without names.
func (t terms) read(ctx context.Context, q db.Queryer) error {
	var ids []int64
	for id, list := range t {
		if list[0].ScopeKind != promo.ScopeAll {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var rows []struct {
		CouponID int64 `db:"coupon_id"`
		TargetID int64 `db:"target_id"`
	}
	query, args := db.In("SELECT coupon_id, target_id FROM coupon_targets WHERE coupon_id IN (?) ORDER BY coupon_id, target_id", ids)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return fmt.Errorf("read what coupons are for: %w", err)
	}
	for _, r := range rows {
		for _, one := range t[r.CouponID] {
			one.Targets = append(one.Targets, Target{ID: r.TargetID})
		}
	}
	return nil
}
