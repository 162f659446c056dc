package page

import (
	"slices"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/views/ui"
)

// lowStock is the stock up to which the product page says how many pieces are left.
const lowStock = 10

// stockNote says in words that little or nothing is left of a SKU, or "".
func stockNote(v ui.View, k catalog.SKU) string {
	switch {
	case k.Stock <= 0:
		return v.T("缺货")
	case k.Stock <= lowStock:
		return v.T("仅剩 %d 件", k.Stock)
	}
	return ""
}

// options are the choices of one spec as links. Colours show themselves as small pictures.
func options(v ui.View, p catalog.Product, sc catalog.SpecChoice) []ui.SpecChoice {
	var out []ui.SpecChoice
	colours := slices.ContainsFunc(sc.Choices, func(c catalog.Choice) bool { return c.Color != "" })
	for _, c := range sc.Choices {
		href := ui.SKUHref(p.ID, c.SKU.ID)
		o := ui.SpecChoice{
			Label:   v.Pick(c.Value, c.ValueEN),
			Href:    href,
			Chosen:  c.Chosen,
			SoldOut: !c.ChangesOthers && c.SKU.Stock <= 0,
			Attrs:   choose(href, "option-"+ui.ID(c.ID)),
		}
		if colours {
			o.Picture = c.SKU.Image
		}
		switch {
		case c.Disabled:
			o.Off, o.Note = true, v.T("无此组合")
		case c.ChangesOthers:
			o.Note = v.T("换其他规格")
		default:
			o.Note = stockNote(v, c.SKU)
		}
		out = append(out, o)
	}
	return out
}

// choose swaps the product to another SKU. The id lets the focus stay where it was.
func choose(href, id string) templ.Attributes {
	a := ui.Swap(href, "#product")
	a["id"] = id
	return a
}

// inStock is the first other SKU that can be had.
func inStock(p catalog.Product) (catalog.SKU, bool) {
	for _, k := range p.SKUs {
		if k.Sellable(1) {
			return k, true
		}
	}
	return catalog.SKU{}, false
}

// limit is how many pieces of the SKU an order may hold now.
func limit(k catalog.SKU) int64 { return max(1, k.Most()) }

// buyName is the button that buys at once.
func buyName(v ui.View, k catalog.SKU) string {
	if k.Now() == 0 {
		return v.T("免费领取")
	}
	return v.T("立即购买")
}

// categoryAbove is the address of the list in which the product stands.
func categoryAbove(p catalog.Product) string {
	if len(p.Path) == 0 {
		return "/"
	}
	return ui.CategoryHref(p.Path[len(p.Path)-1].ID)
}
