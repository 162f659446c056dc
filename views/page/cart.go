package page

import (
	"slices"

	"github.com/a-h/templ"

	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/views/ui"
)

// fewLeft is the stock below which the cart says how many pieces there are.
const fewLeft = 20

// CartFault is what was wrong with a change of the cart: of the line with this SKU, or of the cart as a whole when SKU
// is 0. A nil Fault means that nothing was.
type CartFault struct {
	SKU   int64
	Fault *fault.Error
}

// CartMore is what the page of the cart shows beside the cart.
type CartMore struct {
	Fault       CartFault
	Picks       []catalog.Card // when there is nothing in it
	Aside       int            // kinds of goods that were chosen before the login and are still apart
	Respecified int64          // the SKU of the line whose spec is being changed; 0: none
	Choices     []catalog.SKU  // what that line may be about instead
}

// general says that the fault belongs above the lines and not beside one.
func (b CartFault) general() bool { return b.Fault != nil && b.SKU == 0 }

// about is the fault for one line only.
func (b CartFault) about(l cart.Line) CartFault {
	if b.SKU != l.SKU.ID {
		return CartFault{}
	}
	return b
}

// words are what is wrong with the count, or else the fault as a whole.
func (b CartFault) words(v ui.View) string {
	if w := v.Wrong(b.Fault, "count"); w != "" {
		return w
	}
	return v.Text(b.Fault.Text)
}

func lineAction(l cart.Line) string { return "/cart/items/" + ui.ID(l.SKU.ID) }

func lineName(v ui.View, l cart.Line) string {
	name := v.Pick(l.SKU.ProductName, l.SKU.ProductEN)
	if spec := v.Pick(l.SKU.Spec, l.SKU.SpecEN); spec != "" {
		name += " " + spec
	}
	return name
}

// lineLimit is how many pieces the line may ask for.
func lineLimit(l cart.Line) int64 { return l.SKU.Most() }

func countAttrs(v ui.View, l cart.Line, bad CartFault) templ.Attributes {
	a := templ.Attributes{"id": "count-" + ui.ID(l.SKU.ID)}
	if bad.Fault != nil {
		a["aria-invalid"] = "true"
		a["aria-describedby"] = "wrong-" + ui.ID(l.SKU.ID)
	}
	return a
}

func codeAttr(f *fault.Error) templ.Attributes {
	if f == nil || f.Code == 0 {
		return nil
	}
	return templ.Attributes{"data-code": ui.ID(f.Code)}
}

// cartForm has a form bring the cart up to date in place.
func cartForm(action string) templ.Attributes {
	return ui.CartSwap(templ.Attributes{"hx-post": action})
}

// cartLink is cartForm for a link.
func cartLink(href string) templ.Attributes {
	return ui.CartSwap(templ.Attributes{"hx-get": href})
}

func tickOf(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

func allTick(c cart.Cart) string {
	if c.SomeSelected() && !c.AllSelected() {
		return "mixed"
	}
	return tickOf(c.AllSelected())
}

// opposite is what pressing a tick asks for; a mixed one ticks all.
func opposite(state string) string {
	if state == "true" {
		return "false"
	}
	return "true"
}

// ready says that at least one ticked line can go to checkout.
func ready(c cart.Cart) bool { return c.Quote.Count > 0 }

func anyShort(c cart.Cart) bool {
	for _, l := range c.Lines {
		if l.Selected && l.Short() {
			return true
		}
	}
	return false
}

// whyNot says what to do before checkout, or "".
func whyNot(v ui.View, c cart.Cart) string {
	switch {
	case len(c.Lines) > 0 && !c.SomeSelected():
		return v.T("请先勾选要买的商品")
	case anyShort(c):
		return v.T("数量超过库存的商品不会一起结算，请先改好")
	}
	return ""
}

// freightReason says in words why the freight is what it is. It goes by the quote, since freight does not go by ordinary prices but by what
// sales, promotions and the coupon leave of the goods that are sent.
func freightReason(v ui.View, q promo.Quote) string {
	switch {
	case q.Count == 0:
		return ""
	case q.Freight > 0 && q.FreightShort > 0:
		return v.T("还差 %s 免运费", ui.Yuan(q.FreightShort))
	case q.Freight > 0:
		return v.T("每单一次")
	case q.FreightShort == 0 && v.FreeFrom > 0 && order.Ships(q):
		return v.T("满 %s 免运费", ui.Yuan(v.FreeFrom))
	}
	return v.T("免运费")
}

func respecHref(l cart.Line) string { return "/cart?spec=" + ui.ID(l.SKU.ID) }

// shortWords say why a line cannot be bought as it is.
func shortWords(v ui.View, l cart.Line) string {
	if l.SKU.Most() < l.SKU.Stock {
		return v.T("每单限购 %d 件，您要 %d 件，改好才能结算这一件", l.SKU.Most(), l.Count)
	}
	return v.T("仅剩 %d 件，您要 %d 件，改好才能结算这一件", l.SKU.Stock, l.Count)
}

// cartGroup is some lines of the cart, below the reduction that they are in.
type cartGroup struct {
	Progress *promo.Progress // nil: they are in none
	Lines    []cart.Line
}

// groupsOf puts the lines that can be bought under the reductions that ticked lines are in. An unticked line stands where it would be
// ticked.
func groupsOf(v ui.View, c cart.Cart) (groups []cartGroup) {
	steps := c.Quote.Steps
	list := make([]promo.Promotion, len(steps))
	at := map[int64]int{}
	for i := range steps {
		list[i], at[steps[i].Promotion.ID] = steps[i].Promotion, i
		groups = append(groups, cartGroup{Progress: &steps[i]})
	}
	groups = append(groups, cartGroup{})
	for _, l := range c.Lines {
		g := len(steps)
		for _, p := range promo.For(list, v.Now, l.SKU) {
			g = at[p.ID]
		}
		if l.Selected && !l.Short() && g < len(steps) && !slices.Contains(steps[g].SKUIDs, l.SKU.ID) {
			g = len(steps) // all its pieces are at a price that does not count for the reduction
		}
		groups[g].Lines = append(groups[g].Lines, l)
	}
	return slices.DeleteFunc(groups, func(g cartGroup) bool { return len(g.Lines) == 0 })
}

// linePrice is the price of a line, quoted or not.
func linePrice(l cart.Line) ui.LinePrice {
	if l.Priced != nil {
		return ui.QuotedPrice(*l.Priced)
	}
	return ui.LinePrice{Unit: l.SKU.Now(), Count: l.Count, Payable: l.Sum}
}

// withoutFreight leaves the freight to the sum card: in the cart it is not a matter of single lines yet.
func withoutFreight(p ui.LinePrice) ui.LinePrice {
	p.Freight = 0
	return p
}

// lineLimited is how many pieces one person or one order can have of the line, where the merchant has set a limit; else 0.
func lineLimited(l cart.Line) int64 {
	n := l.SKU.MaxPerOrder
	if l.Priced != nil && l.Priced.Sale != nil && l.Priced.Sale.PerPerson > 0 && (n == 0 || l.Priced.Sale.PerPerson < n) {
		n = l.Priced.Sale.PerPerson
	}
	return n
}

// lineTags are the names of what makes the line cheaper.
func lineTags(v ui.View, l cart.Line) (tags []string) {
	if l.SKU.SaleID != 0 {
		tags = append(tags, v.T("限时价"))
	}
	if l.Priced != nil {
		for _, s := range l.Priced.Shares {
			if s.Kind == promo.KindReduction || s.Kind == promo.KindPercent {
				tags = append(tags, v.Pick(s.Name, s.NameEN))
			}
		}
	}
	return tags
}
