package storefront

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/order"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Orders lists the shopper's orders under tabs: GET /orders.
func (p Pages) Orders(c *fiber.Ctx) error {
	l, number, err := form.OrderList(c, order.StatusCompleted)
	if err != nil {
		return err
	}
	ctx, user := c.UserContext(), session.Of(c).UserID()
	l.Page, err = p.Store.Order.List(ctx, user, l.Filter(p.Store.Clock()), number)
	if fault.Is(err, fault.Invalid) {
		l.Fault, err = fault.Of(err), nil
	}
	if err != nil {
		return err
	}
	if l.Counts, err = p.Store.Order.Counts(ctx, user); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(l.Fault), func(v ui.View) templ.Component { return page.Orders(v, l) }, "orders")
}

// Order shows one order: GET /orders/{no}. One that waits for its money is asked for at the gateway on the way.
func (p Pages) Order(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	return p.showOrder(c, no, nil)
}

func (p Pages) showOrder(c *fiber.Ctx, no string, wrong *fault.Error) error {
	r, err := p.Store.Payment.Result(c.UserContext(), session.Of(c).UserID(), no)
	if err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(wrong), func(v ui.View) templ.Component {
		return page.Order(v, r, wrong)
	}, "order")
}

// CancelOrder cancels an unpaid order: POST /orders/{no}/cancel.
func (p Pages) CancelOrder(c *fiber.Ctx) error {
	return p.act(c, "订单已取消，商品已放回货架", p.Store.Payment.Cancel)
}

// ReceiveOrder confirms that the parcels have come: POST /orders/{no}/receipt.
func (p Pages) ReceiveOrder(c *fiber.Ctx) error {
	return p.act(c, "已确认收货，谢谢您", p.Store.Order.Receive)
}

// RemindOrder asks the merchant to ship: POST /orders/{no}/remind.
func (p Pages) RemindOrder(c *fiber.Ctx) error {
	return p.act(c, "已提醒商家尽快发货", p.Store.Order.Remind)
}

// action is something that a shopper does to an order of theirs.
type action func(ctx context.Context, userID int64, no string) error

// act does one thing to an order and leads back to it. When the order has moved on meanwhile, it is shown as it is now,
// with the reason.
func (p Pages) act(c *fiber.Ctx, done string, do action) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	s := session.Of(c)
	err = do(c.UserContext(), s.UserID(), no)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		return p.showOrder(c, no, fault.Of(err))
	}
	if err != nil {
		return err
	}
	s.Flash("ok", done)
	return respond.SeeOther(c, ui.OrderHref(no))
}

// Reorder puts the goods of an order into the cart again: POST /orders/{no}/reorder.
func (p Pages) Reorder(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	s := session.Of(c)
	left, err := p.Store.Order.Reorder(c.UserContext(), s.UserID(), no)
	if fault.Is(err, fault.Conflict) {
		return p.showOrder(c, no, fault.Of(err))
	}
	if err != nil {
		return err
	}
	if len(left) > 0 {
		s.Flash("wait", "有的商品现在买不到，没有放进购物车：%s", strings.Join(left, " / "))
	} else {
		s.Flash("ok", "已放进购物车")
	}
	return respond.SeeOther(c, "/cart")
}
