package web_test

import (
	"errors"

	"dashop/store/coupon"
	"dashop/store/db"
	"dashop/store/storetest"
)

// useCoupons has a shopper claim coupons, use one, get it back, and lose all.
func (w walker) useCoupons() {
	ctx, now, s := w.t.Context(), w.Clock.Now(), w.Store.Coupon
	user := storetest.User(w.t, w.DB, "with-coupons")
	public, coded := storetest.Coupon(w.t, w.DB, 1000, 0), storetest.Coupon(w.t, w.DB, 1000, 0)
	w.Exec("UPDATE coupons SET scope = 'category', code = 'WALK' WHERE id = ?", coded)
	w.Exec("INSERT INTO coupon_targets (coupon_id, target_id) VALUES (?, 1)", coded)
	_, errClaim := s.Claim(ctx, user, public)
	_, errCode := s.ClaimByCode(ctx, user, "walk")
	id := w.Int("SELECT MAX(id) FROM user_coupons WHERE user_id = ?", user)
	_, errOne := s.Coupon(ctx, w.DB, user, id)
	_, errAll := s.Coupons(ctx, w.DB, user)
	wantNone(w.t, errors.Join(errClaim, errCode, errOne, errAll, w.DB.Tx(ctx, func(tx *db.Tx) error {
		return errors.Join(coupon.Take(ctx, tx, user, id, 1<<40, 100, now), coupon.GiveBack(ctx, tx, 1<<40), coupon.Forget(ctx, tx, user, now))
	})))
}
