package ui

import "github.com/a-h/templ"

// Tab is one entry of Tabs.
type Tab struct {
	Label   string
	Href    string
	Count   int64 // not shown when 0; see Bounded
	Current bool
}

// Sort is one entry of a SortBar. Icon may be "".
type Sort struct {
	Label, Href, Icon string
	Current           bool
}

// Paging is where one stands in a list.
type Paging struct {
	Page   int
	Pages  int                   // 0: not known, only HasNext is
	More   bool                  // there is a page after this one, when Pages is 0
	Href   func(page int) string // the address of a page
	Target string                // selector of the part to swap by htmx, or ""
}

func (p Paging) hasNext() bool {
	if p.Pages > 0 {
		return p.Page < p.Pages
	}
	return p.More
}

// numbers are the pages to show, 0 standing for a gap: the first, the last, and those around the current one.
func (p Paging) numbers() []int {
	last := p.Pages
	if last == 0 {
		last = p.Page
		if p.More {
			last++
		}
	}
	var out []int
	for n := 1; n <= last; n++ {
		near := n >= p.Page-1 && n <= p.Page+1 || p.Page <= 3 && n <= 4 || p.Page >= last-2 && n >= last-3
		if n == 1 || n == last || near {
			out = append(out, n)
		} else if out[len(out)-1] != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// menuOf is the category menu, the same on all pages: more than half of most, it is made and compressed once for all of them.
func menuOf(page View) Fill {
	all := View{Lang: page.Lang, Menu: page.Menu}
	return func(View) templ.Component { return Shared{Component: CategoryMenu(all), Key: "menu", Everywhere: true} }
}

// MenuEntry is a line of the side menu of the account or of /admin.
type MenuEntry struct {
	Key, Icon, Label, Href string
}

// accountMenu are the shopper's own pages, under headings.
func accountMenu(v View) []menuPart {
	return []menuPart{
		{v.T("交易"), []MenuEntry{
			{"account", "layout-grid", v.T("我的"), "/account"},
			{"orders", "package", v.T("我的订单"), "/orders"},
			{"cart", "shopping-cart", v.T("购物车"), "/cart"},
			{"reviews", "message-square", v.T("我的评价"), "/account/reviews"},
			{"favourites", "heart", v.T("我的收藏"), "/account/favourites"},
			{"history", "history", v.T("浏览记录"), "/account/history"},
		}},
		{v.T("资产"), []MenuEntry{
			{"coupons", "ticket", v.T("优惠券"), "/account/coupons"},
			{"credits", "coins", v.T("积分"), "/account/credits"},
			{"purchases", "book-open", v.T("已购课程"), "/account/purchases"},
		}},
		{v.T("账户"), []MenuEntry{
			{"profile", "user", v.T("个人资料"), "/account/profile"},
			{"addresses", "map-pin", v.T("收货地址"), "/account/addresses"},
			{"sessions", "shield-check", v.T("密码与设备"), "/account/sessions"},
		}},
	}
}

// adminMenu are the merchant's pages.
func adminMenu(v View) []menuPart {
	return []menuPart{
		{"", []MenuEntry{
			{"orders", "package", v.T("订单"), "/admin/orders"},
			{"products", "tag", v.T("商品管理"), "/admin/products"},
			{"categories", "list-filter", v.T("分类管理"), "/admin/categories"},
			{"brands", "store", v.T("品牌管理"), "/admin/brands"},
			{"channels", "layout-grid", v.T("首页频道"), "/admin/channels"},
			{"promotions", "sparkles", v.T("优惠活动"), "/admin/promotions"},
			{"coupons", "ticket", v.T("优惠券"), "/admin/coupons"},
			{"ads", "megaphone", v.T("广告位"), "/admin/ads"},
			{"money", "wallet", v.T("待退款项"), "/admin/refunds"},
			{"reviews", "message-square", v.T("评价"), "/admin/reviews"},
			{"credits", "coins", v.T("顾客积分"), "/admin/credits"},
			{"searches", "search", v.T("没找到的搜索"), "/admin/searches"},
			{"jobs", "history", v.T("后台任务"), "/admin/jobs"},
		}},
	}
}

type menuPart struct {
	title   string
	entries []MenuEntry
}

// current marks the entry of a menu on which one stands.
func current(on bool) templ.Attributes {
	if on {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
