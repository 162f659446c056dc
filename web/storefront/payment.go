package storefront

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"rsc.io/qr"

	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Pay shows the payment page of an order that waits for its money: GET /orders/{no}/pay.
func (p Pages) Pay(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	return p.showPay(c, no, nil)
}

// showPay shows the payment page; an order that cannot be paid any more leads on to what became of it.
func (p Pages) showPay(c *fiber.Ctx, no string, wrong *fault.Error) error {
	o, err := p.Store.Order.WithItems(c.UserContext(), session.Of(c).UserID(), no)
	if err != nil {
		return err
	}
	if to := afterPaying(o, p.now()); to != "" {
		return respond.SeeOther(c, to)
	}
	last, err := p.Store.Payment.LastMethod(c.UserContext(), o)
	if err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(wrong), func(v ui.View) templ.Component {
		return page.Pay(v, o, last, wrong)
	}, "pay")
}

// afterPaying is where a payment page leads whose order needs no payment any more; "" means that it still does.
func afterPaying(o order.Order, now time.Time) string {
	switch {
	case o.Status == order.StatusCancelled:
		return ui.OrderHref(o.No)
	case o.Status != order.StatusPendingPayment || !now.Before(o.PayDeadline):
		return ui.OrderHref(o.No, "result")
	}
	return ""
}

// StartPayment leads to the gateway, or to the page with its code, by the form's button: POST /orders/{no}/pay.
func (p Pages) StartPayment(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	method := form.Value(c, "method")
	if !p.Store.Payment.Offered(method) {
		return p.showPay(c, no, fault.Field("method", "请选择付款方式"))
	}
	way, err := p.startPayment(c, no, method)
	if err != nil {
		return p.cannotPay(c, no, err)
	}
	if way.URL != "" {
		return c.Redirect(way.URL, http.StatusSeeOther)
	}
	return respond.SeeOther(c, ui.OrderHref(no, "pay", method))
}

// PayBy shows the code of a provider, or leads on to its gateway by a plain link where a browser stops the form's
// redirects: GET /orders/{no}/pay/{provider}. It changes nothing that repeating would change: an open attempt is used
// again.
func (p Pages) PayBy(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	method, ok := p.Store.Payment.Method(c.Params("provider"))
	if !ok {
		return fault.Missing()
	}
	o, err := p.Store.Order.WithItems(c.UserContext(), session.Of(c).UserID(), no)
	if err != nil {
		return err
	}
	if to := afterPaying(o, p.now()); to != "" { // paid meanwhile, as for those who go back to this page
		return respond.SeeOther(c, to)
	}
	way, err := p.startPayment(c, no, method.ID)
	switch {
	case err != nil:
		return p.cannotPay(c, no, err)
	case way.URL != "":
		return c.Redirect(way.URL, http.StatusSeeOther)
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.PayCode(v, o, method, way) }, "pay-code")
}

// PayCode draws the code that a browser is shown: GET /orders/{no}/pay/{provider}/code.png.
func (p Pages) PayCode(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	text, err := p.Store.Payment.Code(c.UserContext(), session.Of(c).UserID(), no, c.Params("provider"))
	if err != nil {
		return err
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("draw the code of %s: %w", no, err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Type("png")
	return c.Send(code.PNG())
}

func (p Pages) startPayment(c *fiber.Ctx, no, method string) (gateway.Way, error) {
	s := session.Of(c)
	return p.Store.Payment.Start(c.UserContext(), s.UserID(), no, method, gateway.Payer{Mobile: onPhone(c), IP: s.Client().Address})
}

// cannotPay shows why a payment could not begin.
func (p Pages) cannotPay(c *fiber.Ctx, no string, err error) error {
	switch {
	case fault.Is(err, fault.Conflict):
		return p.showOrder(c, no, fault.Of(err))
	case fault.Is(err, fault.Unavailable):
		c.Set(fiber.HeaderRetryAfter, "5")
		return p.showPay(c, no, fault.Of(err))
	}
	return err
}

// onPhone guesses whether the browser runs on a phone, which gateways give a page of its own.
func onPhone(c *fiber.Ctx) bool {
	if hint := c.Get("Sec-CH-UA-Mobile"); hint != "" {
		return hint == "?1"
	}
	agent := c.Get(fiber.HeaderUserAgent)
	return strings.Contains(agent, "Mobile") && !strings.Contains(agent, "iPad")
}

// PaymentStatus is what the waiting page asks every few seconds: GET /orders/{no}/status. It leads to the result once
// there is one, and else has nothing to say.
func (p Pages) PaymentStatus(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	confirming, err := p.Store.Payment.Confirming(c.UserContext(), session.Of(c).UserID(), no)
	if err != nil {
		return err
	}
	result := ui.OrderHref(no, "result")
	if c.Get("HX-Request") != "true" {
		return respond.SeeOther(c, result)
	}
	if !confirming {
		c.Set("HX-Redirect", result)
	}
	return c.SendStatus(http.StatusNoContent)
}

// PaymentResult shows how a payment went: GET /orders/{no}/result.
func (p Pages) PaymentResult(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	r, err := p.Store.Payment.Result(c.UserContext(), session.Of(c).UserID(), no)
	if err != nil {
		return err
	}
	if r.Attempt == nil && afterPaying(r.Order, p.now()) == "" {
		return respond.SeeOther(c, ui.OrderHref(no, "pay"))
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Result(v, r) }, "result")
}

// PaymentReturn is where a gateway sends the shopper back to: GET /payments/{provider}/return. What the address claims
// is verified, and then looked up.
func (p Pages) PaymentReturn(c *fiber.Ctx) error {
	no, err := p.Store.Payment.Return(c.UserContext(), c.Params("provider"), string(c.Request().URI().QueryString()))
	if err != nil {
		return err
	}
	return respond.SeeOther(c, ui.OrderHref(no, "result"))
}

// PaymentNotify takes the messages of a gateway: POST /payments/{provider}/notify. The answer is for a machine, in the
// provider's words.
func (p Pages) PaymentNotify(c *fiber.Ctx) error {
	answer, err := p.Store.Payment.Notify(c.UserContext(), c.Params("provider"), gateway.Message{Header: c.GetReqHeaders(), Body: c.Body()})
	if err != nil {
		return err
	}
	if answer.ContentType != "" {
		c.Set(fiber.HeaderContentType, answer.ContentType)
	}
	return c.Status(answer.Status).SendString(answer.Body)
}
