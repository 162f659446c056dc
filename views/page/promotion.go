package page

import (
	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/views/ui"
)

// PromotionPage is a promotion with a piece of its goods, or with a gap those that fill it.
type PromotionPage struct {
	Promotion promo.Promotion
	About     []desk.Target // what its scope names
	Sort      catalog.Sort
	List      catalog.List
	Gap       money.Fen
}

func (p PromotionPage) listing() listing {
	return listing{Path: ui.PromotionHref(p.Promotion.ID), Usual: catalog.SortNew, Sort: p.Sort, List: p.List}
}

func (p PromotionPage) scope(v ui.View) string {
	var names []string
	for _, t := range p.About {
		names = append(names, v.Pick(t.Name, t.NameEN))
	}
	return ui.ScopeWords(v, p.Promotion.Scope, names)
}

// PromotionListHref is the address of a piece of a promotion's goods.
func PromotionListHref(id int64, sort catalog.Sort, after string, gap money.Fen) string {
	if gap > 0 {
		return ui.PromotionHref(id) + "?gap=" + ui.ID(gap)
	}
	l := listing{Path: ui.PromotionHref(id), Usual: catalog.SortNew}
	return l.address(sort, catalog.Filter{}, 1, after)
}
