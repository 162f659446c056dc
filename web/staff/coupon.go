package staff

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/coupon"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Coupons lists all coupons: GET /admin/coupons.
func (p Pages) Coupons(c *fiber.Ctx) error {
	list, err := p.Store.Coupon.List(c.UserContext(), form.Int(c.Query("after")))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Coupons(v, list) }, "")
}

// NewCoupon asks for a coupon: GET /admin/coupons/new.
func (p Pages) NewCoupon(c *fiber.Ctx) error { return p.showCoupon(c, staff.CouponPage{}) }

// Coupon shows the form of a coupon: GET /admin/coupons/{coupon}.
func (p Pages) Coupon(c *fiber.Ctx) error { return p.showKeptCoupon(c, staff.CouponPage{}) }

// showKeptCoupon shows the form of the coupon that the path names.
func (p Pages) showKeptCoupon(c *fiber.Ctx, page staff.CouponPage) error {
	id, err := form.PathID(c, "coupon")
	if err != nil {
		return err
	}
	if page.Coupon, err = p.Store.Coupon.Get(c.UserContext(), id); err != nil {
		return err
	}
	return p.showCoupon(c, page)
}

func (p Pages) showCoupon(c *fiber.Ctx, page staff.CouponPage) (err error) {
	page.Now, page.Targets = p.Store.Clock(), page.Coupon.Targets
	if page.Typed != nil {
		scope := promo.Scope{Kind: promo.ScopeKind(page.Typed.Get("scope")), IDs: numbers(page.Typed.Get("targets"))}
		if page.Targets, err = p.Store.Coupon.TargetNames(c.UserContext(), scope); err != nil {
			return err
		}
	}
	f := page.Fault
	if f == nil {
		f = page.Gift.Fault
	}
	return respond.PageStatus(c, form.StatusOf(f), func(v ui.View) templ.Component { return staff.Coupon(v, page) }, "")
}

// AddCoupon makes a coupon: POST /admin/coupons.
func (p Pages) AddCoupon(c *fiber.Ctx) error {
	return p.saveCoupon(c, 0, p.showCoupon)
}

// SaveCoupon keeps a coupon: POST /admin/coupons/{coupon}.
func (p Pages) SaveCoupon(c *fiber.Ctx) error {
	id, err := form.PathID(c, "coupon")
	if err != nil {
		return err
	}
	return p.saveCoupon(c, id, p.showKeptCoupon)
}

func (p Pages) saveCoupon(c *fiber.Ctx, id int64, again func(c *fiber.Ctx, page staff.CouponPage) error) error {
	typed := form.Typed(c)
	id, err := p.Store.Coupon.Save(c.UserContext(), session.Of(c).UserID(), id, couponInput(typed))
	if fault.Refused(err) {
		return again(c, staff.CouponPage{Form: staff.Form{Typed: typed, Fault: fault.Of(err)}})
	}
	return saved(c, err, "优惠券已保存", staff.CouponHref(id))
}

// couponInput reads a form. What is no number or amount becomes one that no field takes; empty ones are 0.
func couponInput(typed url.Values) coupon.Input {
	yuan := func(field string) money.Fen {
		if typed.Get(field) == "" {
			return 0
		}
		return amount(typed.Get(field))
	}
	in := coupon.Input{
		Version: form.Int(typed.Get("version")), Name: typed.Get("name"), NameEN: typed.Get("name_en"), Threshold: yuan("threshold"),
		Off:   yuan("off"),
		Scope: promo.Scope{Kind: promo.ScopeKind(typed.Get("scope")), IDs: numbers(typed.Get("targets"))},
		Total: form.IntOr(typed.Get("total"), 0), PerPerson: form.Int(typed.Get("per_person")), StartsAt: form.Moment(typed.Get("starts_at")),
		EndsAt: form.Moment(typed.Get("ends_at")), ValidDays: form.IntOr(typed.Get("valid_days"), 0), Words: typed.Get("words"),
		WordsEN: typed.Get("words_en"), Published: typed.Get("published") == "true", Public: typed.Get("way") == staff.WayPublic,
		ByCode: typed.Get("way") == staff.WayCode, Code: typed.Get("code"),
	}
	if typed.Get("kind") == staff.KindPercent {
		in.Off, in.Cap = 0, yuan("cap")
		if in.Percent = form.Int(typed.Get("percent")); in.Percent == 0 {
			in.Percent = form.Bad // 0 would make it one that takes an amount off
		}
	}
	return in
}

// DeleteCoupon takes a coupon away that nobody has claimed: POST /admin/coupons/{coupon}/delete.
func (p Pages) DeleteCoupon(c *fiber.Ctx) error {
	id, err := form.PathID(c, "coupon")
	if err != nil {
		return err
	}
	err = p.Store.Coupon.Delete(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showKeptCoupon(c, staff.CouponPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "优惠券已删除", staff.CouponHref(0))
}

// GiveCoupon gives somebody one of a coupon: POST /admin/coupons/{coupon}/give.
func (p Pages) GiveCoupon(c *fiber.Ctx) error {
	id, err := form.PathID(c, "coupon")
	if err != nil {
		return err
	}
	typed := form.Typed(c)
	user, err := p.Store.Account.UserByName(c.UserContext(), typed.Get("username"))
	if fault.Is(err, fault.NotFound) {
		err = fault.Field("username", "没有这个用户名")
	} else if err == nil {
		err = p.Store.Coupon.Give(c.UserContext(), session.Of(c).UserID(), id, user.ID, typed.Get("reason"))
	}
	if fault.Refused(err) {
		return p.showKeptCoupon(c, staff.CouponPage{Gift: staff.Form{Typed: typed, Fault: fault.Of(err)}})
	}
	return saved(c, err, "已发放一张", staff.CouponHref(id))
}
