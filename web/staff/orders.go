// Package staff answers the merchant's pages under /admin.
package staff

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Pages answers the merchant's requests from the store.
type Pages struct {
	Store *store.Store
}

// waiting is the list of orders that wait for the merchant.
const waiting = "/admin/orders?status=2"

// Home leads to what there is to do first: GET /admin.
func (p Pages) Home(c *fiber.Ctx) error {
	return respond.SeeOther(c, waiting)
}

// Orders lists the orders by state: GET /admin/orders.
func (p Pages) Orders(c *fiber.Ctx) error {
	l, number, err := form.OrderList(c, order.StatusCancelled)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	l.Page, err = p.Store.Order.StaffList(ctx, l.Filter(p.Store.Clock()), number)
	if fault.Is(err, fault.Invalid) {
		l.Fault, err = fault.Of(err), nil
	}
	if err != nil {
		return err
	}
	if l.Counts, err = p.Store.Order.StaffCounts(ctx); err != nil {
		return err
	}
	dead, err := p.Store.Jobs.Dead(ctx)
	if err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(l.Fault), func(v ui.View) templ.Component { return staff.Orders(v, l, dead) }, "orders")
}

// Order shows one order: GET /admin/orders/{no}.
func (p Pages) Order(c *fiber.Ctx) error {
	return p.showOrder(c, staff.Shipping{})
}

func (p Pages) showOrder(c *fiber.Ctx, s staff.Shipping) error {
	no := c.Params("no")
	if !order.ValidNumber(no) {
		return fault.Missing()
	}
	o, err := p.Store.Order.StaffOrder(c.UserContext(), no)
	if err != nil {
		return err
	}
	attempts, err := p.Store.Payment.Attempts(c.UserContext(), o.ID)
	if err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(s.Fault), func(v ui.View) templ.Component { return staff.Order(v, o, attempts, s) }, "")
}

// Ship hands an order's parcel to a carrier: POST /admin/orders/{no}/ship.
func (p Pages) Ship(c *fiber.Ctx) error {
	s := staff.Shipping{No: c.Params("no"), Carrier: form.Value(c, "carrier"), TrackingNo: form.Value(c, "tracking_no")}
	if !order.ValidNumber(s.No) {
		return fault.Missing()
	}
	err := p.Store.Order.Ship(c.UserContext(), session.Of(c).UserID(), s.No, s.Carrier, s.TrackingNo)
	if fault.Refused(err) {
		s.Fault = fault.Of(err)
		return p.showOrder(c, s)
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "订单 %s 已发货", s.No)
	if form.Value(c, "back") == "list" {
		return respond.SeeOther(c, waiting)
	}
	return respond.SeeOther(c, "/admin/orders/"+s.No)
}

// Refunds lists the money that is owed back: GET /admin/refunds.
func (p Pages) Refunds(c *fiber.Ctx) error {
	owed, err := p.Store.Payment.Owed(c.UserContext())
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Refunds(v, owed) }, "")
}
