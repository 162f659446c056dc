package page

import (
	"strconv"
	"strings"
	"time"

	"dashop/store/coupon"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/views/ui"
)

// CentrePage is the page on which one claims coupons.
type CentrePage struct {
	coupon.Centre
	Code  string       // as it was typed
	Fault *fault.Error // of the form for a code
}

// CentreHref is the centre, or with a product's number the part of it that is good for the product.
func CentreHref(spu int64) string {
	if spu == 0 {
		return "/coupons"
	}
	return "/coupons?spu=" + ui.ID(spu)
}

func (c CentrePage) href() string {
	if c.For == nil {
		return CentreHref(0)
	}
	return CentreHref(c.For.ID)
}

// HeldHref is the page of the coupons that one holds, in a state.
func HeldHref(s coupon.State, page int) string {
	href := "/account/coupons?state=" + string(s)
	if page > 1 {
		href += "&page=" + strconv.Itoa(page)
	}
	return href
}

func heldTabs(v ui.View, l coupon.HeldList) (tabs []ui.Tab) {
	for _, s := range []struct {
		state coupon.State
		label string
	}{{coupon.Usable, v.T("可用")}, {coupon.Used, v.T("已使用")}, {coupon.Expired, v.T("已过期")}} {
		tab := ui.Tab{Label: s.label, Href: HeldHref(s.state, 1), Current: s.state == l.State}
		if s.state == coupon.Usable {
			tab.Count = l.Usable
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

// nothingHeld says that there are no coupons in a state.
func nothingHeld(v ui.View, s coupon.State) string {
	switch s {
	case coupon.Used:
		return v.T("还没有用过优惠券")
	case coupon.Expired:
		return v.T("没有过期的优惠券")
	}
	return v.T("没有可用的优惠券")
}

// couponScope says in short what a coupon is for.
func couponScope(v ui.View, t coupon.Terms) string {
	var names []string
	for _, target := range t.Targets {
		if name := v.Pick(target.Name, target.NameEN); name != "" {
			names = append(names, name)
		}
	}
	const most = 2
	switch {
	case t.ScopeKind == promo.ScopeAll:
		return v.T("全场可用")
	case len(names) > most:
		return v.T("限 %s 等 %d 种", strings.Join(names[:most], v.T("、")), len(names))
	case len(names) > 0:
		return v.T("限 %s", strings.Join(names, v.T("、")))
	}
	return v.T("限指定商品")
}

// useHref leads to the goods that a coupon is for, or to the first of several.
func useHref(v ui.View, t coupon.Terms) string {
	if len(t.Targets) == 0 {
		return "/"
	}
	first := t.Targets[0]
	switch t.ScopeKind {
	case promo.ScopeCategory:
		return ui.CategoryHref(first.ID)
	case promo.ScopeBrand:
		return SearchHref(v.Pick(first.Name, first.NameEN))
	case promo.ScopeSKU:
		return ui.SKUHref(first.SPUID, first.ID)
	}
	return ui.ProductHref(first.ID)
}

// offerTime says from when to when a coupon can be claimed and used.
func offerTime(v ui.View, o coupon.Offer) string {
	switch {
	case o.State == coupon.OfferEarly:
		return v.T("%s 开始发放", v.ShortTime(o.StartsAt))
	case o.ValidDays > 0:
		return v.T("领取后 %d 天内有效", o.ValidDays)
	}
	return v.T("%s 到期", v.Date(o.EndsAt))
}

// fewClaimed is the part in percent below which nobody need know how many are claimed.
const fewClaimed = 10

// offerLeft says how many there still are, and how many one may have.
func offerLeft(v ui.View, o coupon.Offer) string {
	var words []string
	switch {
	case o.State == coupon.OfferSoldOut:
	case o.Total > 0 && o.Left() <= o.Total/10:
		words = append(words, v.T("仅剩 %s 张", ui.Number(o.Left())))
	case o.Total > 0 && o.Claimed*100/o.Total >= fewClaimed:
		words = append(words, v.T("已领 %d%%", o.Claimed*100/o.Total))
	}
	if o.PerPerson > 1 {
		words = append(words, v.T("每人限领 %d 张", o.PerPerson))
	}
	return strings.Join(words, " · ")
}

// claimLabel is what the button says.
func claimLabel(v ui.View, o coupon.Offer) string {
	if o.Had > 0 {
		return v.T("再领一张")
	}
	return v.T("领取")
}

// soon is when the hour matters at which a coupon ends.
const soon = 72 * time.Hour

// heldTime says until when a coupon can be used, from when on, or when it was.
func heldTime(v ui.View, u coupon.UserCoupon, state coupon.State) string {
	switch {
	case state == coupon.Used && u.UsedAt != nil:
		return v.T("%s 使用，省了 %s", v.Time(*u.UsedAt), ui.Yuan(u.Saved))
	case state == coupon.Expired:
		return v.T("%s 已过期", v.Time(u.EndsAt))
	case u.StartsAt.After(v.Now):
		return v.T("%s 起可用", v.Time(u.StartsAt))
	}
	if u.EndsAt.Sub(v.Now) < soon {
		return v.T("%s 到期", v.ShortTime(u.EndsAt))
	}
	return v.T("%s 到期", v.Date(u.EndsAt))
}

// howWords says how a coupon came that was not claimed in the centre, or "".
func howWords(v ui.View, u coupon.UserCoupon) string {
	switch u.How {
	case coupon.Given:
		return v.T("商家赠送")
	case coupon.ByCode:
		return v.T("兑换码领取")
	}
	return ""
}
