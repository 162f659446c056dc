package storefront

import (
	"log/slog"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/coupon"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// CouponCentre shows the coupons that anybody can claim: GET /coupons. spu leaves those that are good for a product.
func (p Pages) CouponCentre(c *fiber.Ctx) error { return p.showCentre(c, page.CentrePage{}) }

func (p Pages) showCentre(c *fiber.Ctx, shown page.CentrePage) (err error) {
	spu, _ := form.Number(c.Query("spu")) // what is no number is no product
	if shown.Centre, err = p.Store.Coupon.Centre(c.UserContext(), session.Of(c).UserID(), spu); err != nil {
		return err
	}
	status := form.StatusOf(shown.Fault)
	if shown.Fault != nil && shown.Fault.Kind == fault.TooMany {
		status = fiber.StatusTooManyRequests
		respond.RetryAfter(c, shown.Fault)
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Coupons(v, shown) }, "coupons")
}

// ClaimCoupon gives the shopper a coupon of the centre: POST /coupons/{coupon}/claim. A visitor's browser remembers which, and the
// login goes on with it.
func (p Pages) ClaimCoupon(c *fiber.Ctx) error {
	id, err := form.PathID(c, "coupon")
	if err != nil {
		return err
	}
	s, back := session.Of(c), respond.Next(form.Value(c, "back"))
	if s.UserID() == 0 {
		if err := s.WantCoupon(id); err != nil {
			return err
		}
		return respond.SeeOther(c, "/login?next="+url.QueryEscape(back))
	}
	claimed, err := p.Store.Coupon.Claim(c.UserContext(), s.UserID(), id)
	if err != nil && !fault.Refused(err) {
		return err
	}
	flashClaim(s, claimed, err)
	return respond.SeeOther(c, back)
}

// flashClaim says what came of a claim.
func flashClaim(s *session.Session, claimed coupon.Coupon, err error) {
	if err != nil {
		s.FlashText("wait", 0, fault.Of(err).Text)
		return
	}
	s.Flash("ok", "已领取：%s", claimed.Name)
}

// RedeemCoupon claims by a code: POST /coupons/code.
func (p Pages) RedeemCoupon(c *fiber.Ctx) error {
	code, s := form.Value(c, "code"), session.Of(c)
	claimed, err := p.Store.Coupon.ClaimByCode(c.UserContext(), s.UserID(), code)
	if fault.Refused(err) || fault.Is(err, fault.TooMany) {
		return p.showCentre(c, page.CentrePage{Code: form.Typed(c).Get("code"), Fault: fault.Of(err)})
	}
	if err != nil {
		return err
	}
	flashClaim(s, claimed, nil)
	return respond.SeeOther(c, "/account/coupons")
}

// claimWanted claims what the browser wanted before its user logged in. A login never fails because of a coupon.
func (p Pages) claimWanted(c *fiber.Ctx, s *session.Session, u account.User) {
	id := s.WantedCoupon()
	if id == 0 {
		return
	}
	claimed, err := p.Store.Coupon.Claim(c.UserContext(), u.ID, id)
	if err != nil && !fault.Refused(err) && !fault.Is(err, fault.NotFound) {
		slog.ErrorContext(c.UserContext(), "coupon not claimed", "request", respond.RequestID(c), "error", err)
	}
	flashClaim(s, claimed, err)
}

// HeldCoupons lists the coupons that the shopper holds: GET /account/coupons, with state=usable, used or expired.
func (p Pages) HeldCoupons(c *fiber.Ctx) error {
	list, err := p.Store.Coupon.Held(c.UserContext(), session.Of(c).UserID(), coupon.State(c.Query("state")), form.Page(c))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.HeldCoupons(v, list) }, "")
}
