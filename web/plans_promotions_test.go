package web_test

import (
	"errors"
	"time"

	"dashop/store/catalog"
	"dashop/store/entitlement"
	"dashop/store/promo"
	"dashop/store/promo/desk"
)

// usePromotions has the owner try a flash sale, add pieces to it while it runs, end it, and take back one that has not begun. It also reads
// the goods of brands and of SKUs.
func (w walker) usePromotions() {
	ctx, now, d := w.t.Context(), w.Clock.Now(), w.Store.PromoDesk
	in := desk.Input{Kind: promo.KindFlash, Name: "秒杀", PerPerson: 2, StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour),
		SKUs: []desk.SKUPrice{{SKUID: 100201, Price: 100, Quantity: 1}}}
	id, err := d.Save(ctx, ownerID, 0, in, false)
	wantNone(w.t, err)
	_, errTrial := d.Trial(ctx, []promo.Item{{SKUID: 100201, Count: 1}}, now, id)
	_, errPublish := d.Save(ctx, ownerID, id, in, true)
	for _, quantity := range []int64{1, 2} { // the sale that runs, with more pieces
		was, errRead := d.Editing(ctx, id)
		was.SKUs[0].Quantity = quantity
		_, errSave := d.Save(ctx, ownerID, id, was.Input, true)
		wantNone(w.t, errors.Join(errRead, errSave))
	}
	in.StartsAt = now.Add(time.Minute)
	later, errLater := d.Save(ctx, ownerID, 0, in, true)
	_, errBrands := w.Store.Catalog.Fill(ctx, catalog.Within{Brands: []int64{1, 2}}, 2300)
	_, errSKUs := w.Store.Catalog.ListWithin(ctx, catalog.Within{SKUs: []int64{100101, 100201}}, catalog.SortSales, "")
	wantNone(w.t, errors.Join(errTrial, errPublish, errLater, errBrands, errSKUs))
	for _, one := range []int64{id, later} {
		was, errRead := d.Editing(ctx, one)
		wantNone(w.t, errors.Join(errRead, d.Withdraw(ctx, ownerID, one, was.Version)))
	}
}

// useCourses has a shopper be given a course, and read it.
func (w walker) useCourses() {
	launchCourses(w.Shop)
	give := entitlement.Giving{Username: "xiaoming", SPUID: goCourse, SKUID: goForEver, How: entitlement.Gift, Reason: "讲师节"}
	wantNone(w.t, w.Store.Courses.Give(w.t.Context(), ownerID, give))
	for _, path := range []string{"/account/purchases", "/account/purchases/" + itoa(goCourse), "/products/" + itoa(goCourse)} {
		if p := w.shopper.Get(path); p.Status != 200 {
			w.t.Errorf("%s: %d", path, p.Status)
		}
	}
}
