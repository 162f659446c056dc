package page

import (
	"net/url"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/views/ui"
)

// homePage tells the layout of the home page, whose first banner is the largest thing in sight.
func homePage(v ui.View, h catalog.Home) ui.Page {
	p := ui.Page{Nav: "home", Description: v.T("%s：认真挑的好东西，价格写清楚，送到说到做到。", v.ShopName)}
	if len(h.Banners) > 0 {
		p.Preload, p.Sizes = h.Banners[0].Image, ui.BannerSizes
	}
	return p
}

// adHref is where an advertisement leads, or "" when it only says something.
func adHref(a catalog.Ad) string {
	switch a.TargetType {
	case "spu":
		return ui.ProductHref(a.TargetID)
	case "category":
		return ui.CategoryHref(a.TargetID)
	case "search":
		return "/search?q=" + url.QueryEscape(a.Title)
	}
	return ""
}

// sectionWords are the heading of a section of the home page, a word beside it, and the way to more, if there is one.
func sectionWords(v ui.View, key string) (title, sub string, more *ui.Link) {
	switch key {
	case catalog.SectionNew:
		return v.T("新品首发"), v.T("刚刚上架，先睹为快"), &ui.Link{Label: v.T("查看全部"), Href: "/search?sort=new"}
	case catalog.SectionPick:
		return v.T("编辑精选"), v.T("我们自己也在用的"), nil
	case catalog.SectionFresh:
		return v.T("当季鲜味"), v.T("清晨采摘，趁新鲜送到"), nil
	case catalog.SectionYours:
		return v.T("猜你喜欢"), v.T("和您看过的商品同类"), nil
	case catalog.SectionPopular:
		return v.T("大家都在买"), v.T("卖得最多的"), &ui.Link{Label: v.T("查看全部"), Href: "/search?sort=sales"}
	}
	return key, "", nil
}

// wholeRows is how many rows of the widest grid n cards fill.
func wholeRows(n int) int {
	return max(1, min(n/5, 2))
}

// Yours is what View.Mine of the home page may be: products chosen for who looks at it.
type Yours []catalog.Card

// homeYours is what is chosen for who looks at the page. The section itself tells of goods alone.
func homeYours(v ui.View) templ.Component {
	cards, _ := v.Mine.(Yours)
	if len(cards) == 0 {
		return templ.NopComponent
	}
	key := "yours"
	for _, c := range cards {
		key += " " + ui.ID(c.SPUID)
	}
	anybody := ui.View{Lang: v.Lang}
	return ui.Shared{Component: homeSection(anybody, catalog.Section{Key: catalog.SectionYours, Cards: cards}, false), Key: key}
}
