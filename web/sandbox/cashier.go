package sandbox

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"dashop/store/payment/alipay"
	views "dashop/views/sandbox"
)

// cashier shows the step that a buyer has come to: logging in, paying, or done.
func (s *Sandbox) cashier(c *fiber.Ctx) error {
	v, err := s.visitOf(c)
	if err != nil {
		return err
	}
	return s.step(c, v, fiber.StatusOK, "")
}

// cashierLogin lets the buyer in, which makes the trade.
func (s *Sandbox) cashierLogin(c *fiber.Ctx) error {
	v, err := s.visitOf(c)
	if err != nil {
		return err
	}
	if c.FormValue("act") == "cancel" {
		return c.Redirect(quit(v.Order), fiber.StatusSeeOther)
	}
	if c.FormValue("account") != BuyerAccount || c.FormValue("password") != BuyerPassword {
		return s.step(c, v, fiber.StatusUnprocessableEntity, "账号或密码不正确")
	}
	if r := s.login(v); r != nil {
		return s.refuse(c, fiber.StatusConflict, r, v.Order)
	}
	return c.Redirect("/cashier/"+v.id+s.view(c).Suffix, fiber.StatusSeeOther)
}

// situations are what a buyer can choose to happen after paying, as faults of this one trade.
var situations = map[string]Fault{
	"late":   {On: OnNotify, Kind: Late},
	"copies": {On: OnNotify, Kind: Copies},
	"silent": {On: OnNotify, Kind: Drop},
	"wrong":  {On: OnNotify, Kind: WrongAmount},
	"stay":   {On: OnReturn, Kind: Drop},
}

// cashierPay takes the money and sends the buyer back to the shop. A second click takes nothing more.
func (s *Sandbox) cashierPay(c *fiber.Ctx) error {
	v, err := s.visitOf(c)
	if err != nil {
		return err
	}
	switch c.FormValue("act") {
	case "cancel":
		return c.Redirect(quit(v.Order), fiber.StatusSeeOther)
	case "poor":
		return s.step(c, v, fiber.StatusUnprocessableEntity, "余额不足，没有付款")
	}
	if c.FormValue("password") != BuyerPassword {
		return s.step(c, v, fiber.StatusUnprocessableEntity, "付款密码不正确")
	}
	var then []Fault
	if f, ok := situations[c.FormValue("then")]; ok {
		f.OutTradeNo, f.Times = v.OutTradeNo, 1
		then = append(then, f.filled())
	}
	if r := s.pay(v, then...); r != nil && r != refusedPaid {
		return s.refuse(c, fiber.StatusConflict, r, v.Order)
	}
	back, err := s.back(v)
	if err != nil {
		return err
	}
	if back == "" {
		back = "/cashier/" + v.id + s.view(c).Suffix
	}
	return c.Redirect(back, fiber.StatusSeeOther)
}

// step renders the page of the step that a visit has come to, with what went wrong, if anything.
func (s *Sandbox) step(c *fiber.Ctx, v *visit, status int, wrong string) error {
	s.mu.Lock()
	refused, loggedIn, left := s.payable(v.Order), v.loggedIn, v.ExpiresAt.Sub(s.now())
	s.mu.Unlock()
	c.Set("Content-Security-Policy", policy(v.ReturnURL, quit(v.Order)))
	if refused == refusedPaid {
		back, err := s.back(v)
		if err != nil {
			return err
		}
		return s.page(c, status, views.Done(s.view(c), s.orderView(v.Order), back))
	}
	if refused != nil {
		return s.refuse(c, fiber.StatusConflict, refused, v.Order)
	}
	page := views.Cashier{
		Order: s.orderView(v.Order), Visit: v.id, Left: left, Wrong: wrong,
		Account: BuyerAccount, Password: BuyerPassword,
	}
	if loggedIn {
		return s.page(c, status, views.Pay(s.view(c), page))
	}
	return s.page(c, status, views.Login(s.view(c), page))
}

// refuse shows why the gateway does not take an order.
func (s *Sandbox) refuse(c *fiber.Ctx, status int, r *refusal, o Order) error {
	refusal := views.Refusal{Code: r.code, Sub: r.sub, Text: r.text}
	if o.OutTradeNo != "" {
		refusal.Back = quit(o)
		c.Set("Content-Security-Policy", policy(o.ReturnURL, refusal.Back))
	}
	if r.code == "40004" && status == fiber.StatusBadRequest {
		status = fiber.StatusConflict
	}
	return s.page(c, status, views.Refused(s.view(c), refusal))
}

// visitOf is the visit that the address names.
func (s *Sandbox) visitOf(c *fiber.Ctx) (*visit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.visits.get(c.Params("visit"))
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

// orderView is an order as the pages want it.
func (s *Sandbox) orderView(o Order) views.Order {
	return views.Order{
		Method: o.Method, OutTradeNo: o.OutTradeNo, Subject: o.Subject, Amount: o.Amount, ExpiresAt: alipay.FormatTime(o.ExpiresAt),
		NotifyURL: o.NotifyURL, ReturnURL: o.ReturnURL, Payee: s.opt.Payee, SellerID: SellerID, AppID: AppID,
	}
}
