package web_test

import (
	"errors"

	"dashop/store/coupon"
	"dashop/store/db"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// makeCoupon has the owner make coupons, change one, delete one, and give one to a user.
func (w walker) makeCoupon(user int64) int64 {
	ctx, s := w.t.Context(), w.Store.Coupon
	in := coupon.Input{Name: "券", Off: 100, Scope: promo.Scope{Kind: promo.ScopeSKU, IDs: []int64{100101}}, PerPerson: 1, Published: true,
		StartsAt: w.Clock.Now(), EndsAt: w.Clock.Now().AddDate(0, 1, 0)}
	gone, errGone := s.Save(ctx, ownerID, 0, in)
	id, errNew := s.Save(ctx, ownerID, 0, in)
	in.Version, in.Scope.IDs = 1, []int64{100102}
	_, errSave := s.Save(ctx, ownerID, id, in)
	_, errList := s.List(ctx, 0)
	_, errNames := s.TargetNames(ctx, in.Scope)
	wantNone(w.t, errors.Join(errGone, errNew, errSave, errList, errNames, s.Delete(ctx, ownerID, gone, 1), s.Give(ctx, ownerID, id, user, "补偿")))
	return id
}

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
	made := w.makeCoupon(user)
	_, errHeld := s.Held(ctx, user, coupon.Used, 1)
	_, errCentre := s.Centre(ctx, user, 1005)
	w.Exec("UPDATE coupons SET scope = 'brand' WHERE id = ?", made)
	_, errBrand := s.Get(ctx, made)
	wantNone(w.t, errors.Join(errHeld, errCentre, errBrand, errClaim, errCode, errOne, errAll, w.DB.Tx(ctx, func(tx *db.Tx) error {
		return errors.Join(coupon.Take(ctx, tx, user, id, 1<<40, 100, now), coupon.GiveBack(ctx, tx, 1<<40), coupon.Forget(ctx, tx, user, now))
	})))
}
