package staff

import (
	"strings"
	"time"

	"dashop/store/coupon"
	"dashop/store/promo"
	"dashop/views/ui"
)

// CouponHref leads to the form of a coupon; that of none is the list.
func CouponHref(id int64) string { return hrefOf("/admin/coupons", id) }

// CouponPage is the form of one coupon; without an ID it is a new one.
type CouponPage struct {
	Form
	Coupon  coupon.Coupon
	Targets []coupon.Target // what the form's scope names
	Gift    Form            // the form that gives one to somebody
	Now     time.Time
}

func (p CouponPage) title(v ui.View) string {
	if p.Coupon.ID == 0 {
		return v.T("新建优惠券")
	}
	return v.Pick(p.Coupon.Name, p.Coupon.NameEN)
}

// held says whether somebody holds one, so that its worth cannot change any more.
func (p CouponPage) held() bool { return p.Coupon.Claimed > 0 }

// worth makes a field about what the coupon is worth one that is only read, once somebody holds one. It is sent all the same.
func (p CouponPage) worth(in ui.Input) ui.Input {
	in.Small = false
	if p.held() {
		in.Attrs = readOnly(in.Attrs)
	}
	return in
}

// choices leaves only the one that is kept, once somebody holds one.
func (p CouponPage) choices(kept string, all []ui.Choice) []ui.Choice {
	for i := range all {
		all[i].Disabled = p.held() && all[i].Value != kept
	}
	return all
}

// The ways in which a coupon takes something off, as the form says them.
const (
	KindFixed   = "fixed"
	KindPercent = "percent"
)

// The ways in which people come to a coupon, as the form says them.
const (
	WayPublic = "public"
	WayCode   = "code"
	WayStaff  = "staff"
)

func (p CouponPage) kind() string {
	if p.Coupon.Percent > 0 {
		return KindPercent
	}
	return KindFixed
}

func (p CouponPage) kinds(v ui.View) []ui.Choice {
	return p.choices(p.kind(), []ui.Choice{{Value: KindFixed, Label: v.T("减金额")}, {Value: KindPercent, Label: v.T("打折")}})
}

func (p CouponPage) way() string {
	switch {
	case p.Coupon.Code != "":
		return WayCode
	case p.Coupon.Public || p.Coupon.ID == 0:
		return WayPublic
	}
	return WayStaff
}

func (p CouponPage) ways(v ui.View) []ui.Choice {
	return []ui.Choice{{Value: WayPublic, Label: v.T("放进领券中心，人人可领")}, {Value: WayCode, Label: v.T("凭兑换码领")},
		{Value: WayStaff, Label: v.T("只由商家发给顾客")}}
}

func (p CouponPage) scope() string {
	if p.Coupon.ID == 0 {
		return string(promo.ScopeAll)
	}
	return string(p.Coupon.ScopeKind)
}

func (p CouponPage) scopes(v ui.View) (list []ui.Choice) {
	for _, k := range []promo.ScopeKind{promo.ScopeAll, promo.ScopeCategory, promo.ScopeBrand, promo.ScopeSPU, promo.ScopeSKU} {
		list = append(list, ui.Choice{Value: string(k), Label: v.T(scopeName(k))})
	}
	return p.choices(p.scope(), list)
}

// targets is the field for the numbers of what the coupon is for, with their names below.
func (p CouponPage) targets(v ui.View) ui.Input {
	var ids, names []string
	for _, t := range p.Coupon.Targets {
		ids = append(ids, ui.ID(t.ID))
	}
	for _, t := range p.Targets {
		names = append(names, ui.ID(t.ID)+" "+v.Pick(t.Name, t.NameEN))
	}
	in := p.text(v, "targets", v.T("编号"), strings.Join(ids, ", "), 400)
	in.Attrs = nil
	if in.Hint == "" {
		in.Hint = v.T("用逗号隔开；选“全场商品”时不用填。")
		if len(names) > 0 {
			in.Hint = strings.Join(names, v.T("、"))
		}
	}
	return p.worth(in)
}

// optional is a number with a hint for what 0 means; 0 is empty.
func (p CouponPage) optional(v ui.View, name, label, hint string, kept int64) ui.Input {
	in := p.count(v, name, label, kept)
	if kept == 0 && !p.Typed.Has(name) {
		in.Value = ""
	}
	if in.Hint == "" {
		in.Hint = hint
	}
	return in
}

// amount is an amount in yuan with a hint for what an empty one means.
func (p CouponPage) amount(in ui.Input, hint string) ui.Input {
	in.Small = false
	if in.Hint == "" {
		in.Hint = hint
	}
	return in
}

// moment is a field for a date with a time.
func (p CouponPage) moment(v ui.View, name, label string, kept time.Time) ui.Input {
	in := p.text(v, name, label, ui.FieldTime(kept), 19)
	in.Type, in.Attrs = "datetime-local", nil
	return in
}

// code is the field for the code.
func (p CouponPage) code(v ui.View) ui.Input {
	in := p.text(v, "code", v.T("兑换码"), p.Coupon.Code, 64)
	in.Attrs = nil
	if in.Hint == "" {
		in.Hint = v.T("4 到 32 个字母或数字，不分大小写；只在“凭兑换码领”时要填。")
	}
	return in
}

func (p CouponPage) perPerson() int64 { return max(p.Coupon.PerPerson, 1) }

// couponState is the Chinese word for where a coupon stands, with the tone of its tag.
func couponState(c coupon.Coupon, now time.Time) (name, tone string) {
	switch {
	case !c.Published:
		return "没有发放", "mute"
	case !now.Before(c.EndsAt):
		return "已结束", "mute"
	case c.SoldOut():
		return "已领完", "wait"
	case now.Before(c.StartsAt):
		return "尚未开始", "info"
	}
	return "发放中", "ok"
}

// couponWorth is what a coupon takes off and from which sum on, in a line.
func couponWorth(v ui.View, c coupon.Coupon) string {
	var words []string
	if c.Threshold > 0 {
		words = append(words, v.T("满 %s", ui.Yuan(c.Threshold)))
	}
	if c.Percent > 0 {
		words = append(words, ui.PercentWords(v, c.Percent))
	} else {
		words = append(words, v.T("减 %s", ui.Yuan(c.Off)))
	}
	if c.Cap > 0 {
		words = append(words, v.T("最多减 %s", ui.Yuan(c.Cap)))
	}
	return strings.Join(words, " · ")
}

// couponNames are the names of what a coupon is for.
func couponNames(v ui.View, c coupon.Coupon) (names []string) {
	for _, t := range c.Targets {
		names = append(names, v.Pick(t.Name, t.NameEN))
	}
	return names
}

// couponTotal is how many there are.
func couponTotal(v ui.View, c coupon.Coupon) string {
	if c.Total == 0 {
		return v.T("不限")
	}
	return ui.Number(c.Total)
}
