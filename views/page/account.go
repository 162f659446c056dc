package page

import (
	"dashop/store/order"
	"dashop/views/locale"
	"dashop/views/ui"
)

// AccountPage is what a shopper's own page shows.
type AccountPage struct {
	Username, Mobile string
	Counts           order.Counts
	Coupons          int64 // that can be used
	Credits          int64
}

type accountLink struct {
	icon, label, href string
	count             int64
	aside             string
}

// waiting are the states of orders in which something is still to be done.
func (a AccountPage) waiting(v ui.View) []accountLink {
	entry := func(icon, label string, status order.Status) accountLink {
		return accountLink{icon: icon, label: label, href: "/orders?status=" + ui.ID(int64(status)), count: a.Counts[status]}
	}
	return []accountLink{
		entry("wallet", v.T("待付款"), order.StatusPendingPayment),
		entry("package", v.T("待发货"), order.StatusPendingShipment),
		entry("truck", v.T("待收货"), order.StatusPendingReceipt),
		entry("star", v.T("待评价"), order.StatusPendingReview),
	}
}

// looks is the group of lines at whose end the page's own look is chosen.
const looks = 2

// lines are the ways to everything else, in groups.
func (a AccountPage) lines(v ui.View) [][]accountLink {
	mine := []accountLink{
		{icon: "map-pin", label: v.T("收货地址"), href: "/account/addresses"},
		{icon: "history", label: v.T("浏览记录"), href: "/account/history"},
		{icon: "heart", label: v.T("我的收藏"), href: "/account/favourites"},
		{icon: "message-square", label: v.T("我的评价"), href: "/account/reviews"},
	}
	coupons := accountLink{icon: "ticket", label: v.T("优惠券"), href: "/account/coupons"}
	if a.Coupons > 0 {
		coupons.aside = v.T("%d 张可用", a.Coupons)
	}
	assets := []accountLink{
		coupons,
		{icon: "coins", label: v.T("积分"), href: "/account/credits", aside: ui.Number(a.Credits)},
		{icon: "book-open", label: v.T("已购课程"), href: "/account/purchases"},
	}
	self := []accountLink{
		{icon: "user", label: v.T("个人资料"), href: "/account/profile"},
		{icon: "shield-check", label: v.T("密码与设备"), href: "/account/sessions"},
		language(v),
	}
	if v.Admin {
		self = append(self, accountLink{icon: "store", label: v.T("商家后台"), href: "/admin"})
	}
	return [][]accountLink{mine, assets, self}
}

// language leads to this page in the other language.
func language(v ui.View) accountLink {
	l := accountLink{icon: "globe", label: v.T("语言"), href: "/account?lang=en", aside: "简体中文"}
	if v.Lang == locale.En {
		l.href, l.aside = "/account?lang=zh", "English"
	}
	return l
}
