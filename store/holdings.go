package store

import (
	"context"

	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/promo"
)

// holdings joins what users hold that takes something off a price.
type holdings struct {
	coupons *coupon.Service
	credits *credits.Service
}

func (h holdings) Coupon(ctx context.Context, q db.Queryer, userID, id int64) (promo.Coupon, error) {
	return h.coupons.Coupon(ctx, q, userID, id)
}

func (h holdings) Coupons(ctx context.Context, q db.Queryer, userID int64) ([]promo.Coupon, error) {
	return h.coupons.Coupons(ctx, q, userID)
}

func (h holdings) Credits(ctx context.Context, q db.Queryer, userID int64) (int64, error) {
	return h.credits.Balance(ctx, q, userID)
}
