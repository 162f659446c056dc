package page

import (
	"github.com/a-h/templ"

	"dashop/store/money"
	"dashop/store/promo/sale"
	"dashop/views/ui"
)

// againAt has htmx ask for a part of the page again when a countdown within it is over.
func againAt(href, target string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-trigger": "over", "hx-target": target, "hx-swap": "outerHTML"}
}

// firstFlash is how many goods are in sight at once on a phone; their pictures are not waited for.
const firstFlash = 2

// flashPrice is what a piece costs: now, or of a sale that is announced when it begins.
func flashPrice(f sale.Flash, g sale.Good) money.Fen {
	if f.Open {
		return g.Now()
	}
	return g.FlashPrice
}

// flashLimit is how many pieces there are, and how many one may have of them.
func flashLimit(v ui.View, f sale.Flash, g sale.Good) string {
	if f.PerPerson > 0 {
		return v.T("限量 %d 件，每人 %d 件", g.Quantity, f.PerPerson)
	}
	return v.T("限量 %d 件", g.Quantity)
}
