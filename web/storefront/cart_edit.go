package storefront

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/fault"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// RemoveCartLine takes a line out: POST /cart/items/{sku}/remove.
func (p Pages) RemoveCartLine(c *fiber.Ctx) error {
	sku, err := form.PathID(c, "sku")
	if err != nil {
		return err
	}
	e, err := p.Store.Cart.Remove(c.UserContext(), session.Of(c).CartOwner(), sku)
	return p.edited(c, e, err, "已移除 %d 种商品")
}

// RemoveTickedLines takes out the ticked lines: POST /cart/ticked/remove.
func (p Pages) RemoveTickedLines(c *fiber.Ctx) error {
	e, err := p.Store.Cart.RemoveTicked(c.UserContext(), session.Of(c).CartOwner())
	return p.edited(c, e, err, "已移除 %d 种商品")
}

// FavourTickedLines moves the ticked lines to the favourites: POST /cart/ticked/favour.
func (p Pages) FavourTickedLines(c *fiber.Ctx) error {
	e, err := p.Store.Cart.FavourTicked(c.UserContext(), session.Of(c).UserID())
	return p.edited(c, e, err, "已把 %d 种商品移到收藏")
}

// RemoveGoneLines takes out all lines that cannot be bought any more: POST /cart/gone/remove.
func (p Pages) RemoveGoneLines(c *fiber.Ctx) error {
	e, err := p.Store.Cart.RemoveGone(c.UserContext(), session.Of(c).CartOwner())
	return p.edited(c, e, err, "已移除 %d 种商品")
}

// SelectCart ticks or unticks all lines: POST /cart/selection.
func (p Pages) SelectCart(c *fiber.Ctx) error {
	selected, err := form.YesNo(c, "selected")
	if err == nil && selected == nil {
		err = fault.Field("selected", "请重新选择")
	}
	if err != nil {
		return p.backToCart(c, 0, err)
	}
	done := "已取消勾选 %d 种商品"
	if *selected {
		done = "已勾选 %d 种商品"
	}
	e, err := p.Store.Cart.SelectAll(c.UserContext(), session.Of(c).CartOwner(), *selected)
	return p.edited(c, e, err, done)
}

// RespecifyCartLine has a line be about another SKU of the same product: POST /cart/items/{sku}/spec.
func (p Pages) RespecifyCartLine(c *fiber.Ctx) error {
	from, err := form.PathID(c, "sku")
	if err != nil {
		return err
	}
	to, err := form.ID(c, "to", "请先选择规格")
	if err != nil {
		return p.backToCart(c, from, err)
	}
	s := session.Of(c)
	r, err := p.Store.Cart.Respecify(c.UserContext(), s.CartOwner(), from, to)
	if err == nil && r.Undo != "" {
		done := fault.Text{Msg: "规格已更换"}
		if r.Count < r.Want {
			done = fault.Text{Msg: "规格已更换；这一款最多可买 %d 件，数量已改好", Args: []any{r.Count}}
		}
		s.FlashUndo("ok", done, r.Undo)
	}
	return p.backToCart(c, from, err)
}

// UndoCart brings back what the last change of the cart has changed: POST /cart/undo.
func (p Pages) UndoCart(c *fiber.Ctx) error {
	s := session.Of(c)
	u, err := p.Store.Cart.Undo(c.UserContext(), s.CartOwner(), form.Value(c, "token"))
	if fault.Is(err, fault.Conflict) { // a second click, which did no harm
		s.FlashText("info", 0, fault.Of(err).Text)
		return respond.SeeOther(c, "/cart")
	}
	if err != nil {
		return err
	}
	done := fault.Text{Msg: "已撤销"}
	if u.Visitor != "" {
		s.SetVisitor(u.Visitor)
		done = fault.Text{Msg: "已撤销合并，登录前选的商品单独留着"}
	}
	if u.Kept > 0 {
		done = fault.Text{Msg: "%s；%d 种商品后来改过或买过，保持不变", Args: []any{done, u.Kept}}
	}
	if u.NoRoom > 0 {
		done = fault.Text{Msg: "%s；购物车已满，%d 种商品没有放回来", Args: []any{done, u.NoRoom}}
	}
	s.FlashText("ok", 0, done)
	return respond.SeeOther(c, "/cart")
}

// MergeCart puts what was chosen before the login into the cart, after that was undone or has failed: POST /cart/merge.
func (p Pages) MergeCart(c *fiber.Ctx) error {
	s := session.Of(c)
	p.mergeCarts(c, s, *s.User())
	return respond.SeeOther(c, "/cart")
}

// edited leads back to the cart after a change of several lines, which the notice says and can undo.
func (p Pages) edited(c *fiber.Ctx, e cart.Edited, err error, done string) error {
	if err == nil && e.Undo != "" {
		session.Of(c).FlashUndo("ok", fault.Text{Msg: done, Args: []any{e.Lines}}, e.Undo)
	}
	return p.backToCart(c, 0, err)
}

// mergeCarts brings what the visitor had into the user's cart and says what became of it. A login never fails because
// of a cart: what could not be merged now stays with the session, for the next login.
func (p Pages) mergeCarts(c *fiber.Ctx, s *session.Session, u account.User) {
	visitor := s.VisitorOwner()
	if visitor == "" {
		return
	}
	merged, err := p.Store.Cart.Merge(c.UserContext(), visitor, cart.UserOwner(u.ID))
	if err != nil {
		slog.ErrorContext(c.UserContext(), "carts not merged", "request", respond.RequestID(c), "error", err)
		return
	}
	s.ForgetVisitor()
	if merged.Undo != "" {
		kind, said := toldOf(merged)
		s.FlashUndo(kind, said, merged.Undo)
	}
}

// namedAtMost is of how many products a notice gives the names.
const namedAtMost = 3

// toldOf says what a merge has changed.
func toldOf(m cart.Merged) (kind string, said fault.Text) {
	kind, said = "info", fault.Text{Msg: "购物车里的 %d 种商品已经带过来", Args: []any{m.Moved}}
	for i, l := range m.Capped {
		if i == namedAtMost {
			said = fault.Text{Msg: "%s；另有 %d 种商品的数量也改少了", Args: []any{said, len(m.Capped) - i}}
			break
		}
		kind, said = "wait", fault.Text{Msg: "%s；%s 两边共 %d 件，最多可买 %d 件", Args: []any{said, l.SKU.Name, l.Want, l.Count}}
	}
	if len(m.Left) > 0 {
		kind, said = "wait", fault.Text{Msg: "%s；购物车已满，%s 等 %d 种商品没有放进来", Args: []any{said, m.Left[0].SKU.Name, len(m.Left)}}
	}
	return kind, said
}
