package alipay

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	views "dashop/views/sandbox"
	"dashop/web/sandbox/desk"
)

// cashier shows the step that a buyer has come to: logging in, paying, or done.
func (g *Gateway) cashier(c *fiber.Ctx) error {
	v, err := g.visitOf(c)
	if err != nil {
		return err
	}
	return g.step(c, v, fiber.StatusOK, "")
}

// cashierLogin lets the buyer in, which makes the trade.
func (g *Gateway) cashierLogin(c *fiber.Ctx) error {
	v, err := g.visitOf(c)
	if err != nil {
		return err
	}
	if c.FormValue("act") == "cancel" {
		return c.Redirect(quit(v.Order), fiber.StatusSeeOther)
	}
	if c.FormValue("account") != BuyerAccount || c.FormValue("password") != BuyerPassword {
		return g.step(c, v, fiber.StatusUnprocessableEntity, "账号或密码不正确")
	}
	if r := g.login(v); r != nil {
		return g.refuse(c, fiber.StatusConflict, r, v.Order)
	}
	return c.Redirect("/cashier/"+v.id+g.desk.View(c).Suffix, fiber.StatusSeeOther)
}

// situations are what a buyer can choose to happen after paying, as faults of this one trade.
var situations = map[string]desk.Fault{
	"late":   {On: OnNotify, Kind: desk.Late},
	"copies": {On: OnNotify, Kind: desk.Copies},
	"silent": {On: OnNotify, Kind: desk.Drop},
	"wrong":  {On: OnNotify, Kind: desk.WrongAmount},
	"stay":   {On: OnReturn, Kind: desk.Drop},
}

// cashierPay takes the money and sends the buyer back to the shop. A second click takes nothing more.
func (g *Gateway) cashierPay(c *fiber.Ctx) error {
	v, err := g.visitOf(c)
	if err != nil {
		return err
	}
	switch c.FormValue("act") {
	case "cancel":
		return c.Redirect(quit(v.Order), fiber.StatusSeeOther)
	case "poor":
		return g.step(c, v, fiber.StatusUnprocessableEntity, "余额不足，没有付款")
	}
	if c.FormValue("password") != BuyerPassword {
		return g.step(c, v, fiber.StatusUnprocessableEntity, "付款密码不正确")
	}
	var then []desk.Fault
	if f, ok := situations[c.FormValue("then")]; ok {
		f.OutTradeNo, f.Times = v.OutTradeNo, 1
		then = append(then, f)
	}
	if r := g.pay(v, then...); r != nil && r != refusedPaid {
		return g.refuse(c, fiber.StatusConflict, r, v.Order)
	}
	back, err := g.back(v)
	if err != nil {
		return err
	}
	if back == "" {
		back = "/cashier/" + v.id + g.desk.View(c).Suffix
	}
	return c.Redirect(back, fiber.StatusSeeOther)
}

// step renders the page of the step that a visit has come to, with what went wrong, if anything.
func (g *Gateway) step(c *fiber.Ctx, v *visit, status int, wrong string) error {
	g.mu.Lock()
	refused, loggedIn, left := g.payable(v.Order), v.loggedIn, v.ExpiresAt.Sub(g.desk.Now())
	g.mu.Unlock()
	desk.AllowForms(c, v.ReturnURL, quit(v.Order))
	if refused == refusedPaid {
		back, err := g.back(v)
		if err != nil {
			return err
		}
		return g.desk.Page(c, status, views.Done(g.desk.View(c), g.orderView(v.Order), back))
	}
	if refused != nil {
		return g.refuse(c, fiber.StatusConflict, refused, v.Order)
	}
	page := views.Cashier{
		Order: g.orderView(v.Order), Visit: v.id, Left: left, Wrong: wrong,
		Account: BuyerAccount, Password: BuyerPassword,
	}
	if loggedIn {
		return g.desk.Page(c, status, views.Pay(g.desk.View(c), page))
	}
	return g.desk.Page(c, status, views.Login(g.desk.View(c), page))
}

// refuse shows why the gateway does not take an order.
func (g *Gateway) refuse(c *fiber.Ctx, status int, r *desk.Refusal, o Order) error {
	back := ""
	if o.OutTradeNo != "" {
		back = quit(o)
		desk.AllowForms(c, o.ReturnURL, back)
	}
	if r.Code == "40004" && status == fiber.StatusBadRequest {
		status = fiber.StatusConflict
	}
	return g.desk.Refuse(c, status, r, back)
}

// visitOf is the visit that the address names.
func (g *Gateway) visitOf(c *fiber.Ctx) (*visit, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v, ok := g.visits.Get(c.Params("visit"))
	if !ok {
		return nil, fiber.ErrNotFound
	}
	return v, nil
}

// quit is where a buyer goes who does not pay: the quit_url, else the front page of where the return would lead.
func quit(o Order) string {
	if o.QuitURL != "" {
		return o.QuitURL
	}
	if u, err := url.Parse(o.ReturnURL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host + "/"
	}
	return "/"
}
