package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/cart"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Cart shows the cart: GET /cart.
func (p Pages) Cart(c *fiber.Ctx) error {
	return p.showCart(c, 0, nil)
}

// AddToCart puts pieces of a SKU into the cart: POST /cart/items.
func (p Pages) AddToCart(c *fiber.Ctx) error {
	sku, err := form.ID(c, "sku_id", "请先选择规格")
	if err != nil {
		return err
	}
	count, err := form.Pieces(c, "count")
	if err != nil {
		return err
	}
	s := session.Of(c)
	owner, err := s.CartOwnerForWrite()
	if err != nil {
		return err
	}
	if err := p.Store.Cart.Add(c.UserContext(), owner, sku, count); err != nil {
		return err
	}
	s.Flash("ok", "已加入购物车")
	return respond.SeeOther(c, "/cart")
}

// ChangeCartLine sets the count or the tick of a line: POST /cart/items/{sku}.
func (p Pages) ChangeCartLine(c *fiber.Ctx) error {
	sku, err := form.PathID(c, "sku")
	if err != nil {
		return err
	}
	count, selected, err := parseLineChange(c)
	if err == nil {
		err = p.Store.Cart.Change(c.UserContext(), session.Of(c).CartOwner(), sku, count, selected)
	}
	return p.backToCart(c, sku, err)
}

// parseLineChange reads which of a line's count and tick to change; an absent field stays nil.
func parseLineChange(c *fiber.Ctx) (count *int64, selected *bool, err error) {
	if selected, err = form.YesNo(c, "selected"); err != nil {
		return nil, nil, err
	}
	if selected == nil || form.Value(c, "count") != "" {
		n, err := form.Pieces(c, "count")
		if err != nil {
			return nil, nil, err
		}
		count = &n
	}
	return count, selected, nil
}

// backToCart leads to the cart after a change. A change that the shop refused shows the cart at once, with the fault
// beside the line of that SKU.
func (p Pages) backToCart(c *fiber.Ctx, sku int64, err error) error {
	if fault.Refused(err) {
		return p.showCart(c, sku, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/cart")
}

func (p Pages) showCart(c *fiber.Ctx, sku int64, wrong *fault.Error) error {
	k, err := p.Store.Cart.Cart(c.UserContext(), session.Of(c).CartOwner())
	if err != nil {
		return err
	}
	more := page.CartMore{Fault: page.CartFault{SKU: sku, Fault: wrong}}
	if err := p.addToCartPage(c, k, &more); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(wrong), func(v ui.View) templ.Component {
		if v.Flash != nil && elsewhere(c) {
			v.Flash.Link = &ui.Link{Label: v.T("去购物车"), Href: "/cart"}
		}
		return page.Cart(v, k, more)
	}, "cart")
}

// elsewhere says whether the cart's notice will be read on another page, whose form htmx has sent.
func elsewhere(c *fiber.Ctx) bool {
	return respond.IsFragment(c) && respond.From(c) != "/cart"
}

// addToCartPage looks up what the page shows beside the cart.
func (p Pages) addToCartPage(c *fiber.Ctx, k cart.Cart, more *page.CartMore) (err error) {
	s := session.Of(c)
	if len(k.Lines)+len(k.Gone) == 0 {
		more.Picks = p.Picks(c, 5)
	}
	if s.UserID() != 0 && s.VisitorOwner() != "" {
		if more.Aside, err = p.Store.Cart.Kinds(c.UserContext(), s.VisitorOwner()); err != nil {
			return err
		}
	}
	if sku, ok := form.Number(c.Query("spec")); ok {
		if l, ok := k.Line(sku); ok {
			more.Respecified = sku
			more.Choices, err = p.Store.Cart.Choices(c.UserContext(), l)
		}
	}
	return err
}
