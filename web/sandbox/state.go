package sandbox

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/money"
	"dashop/store/payment/alipay"
	views "dashop/views/sandbox"
)

// shownTrades is how many trades the state page lists.
const shownTrades = 50

// state shows the trades with their notifies, and the script of faults.
func (s *Sandbox) state(c *fiber.Ctx) error { return s.statePage(c, fiber.StatusOK, "") }

func (s *Sandbox) statePage(c *fiber.Ctx, status int, wrong string) error {
	page := views.State{Wrong: wrong, AppID: AppID, SellerID: SellerID, Account: BuyerAccount, Password: BuyerPassword, Gateway: s.base + "/gateway.do"}
	for _, place := range []Place{OnNotify, OnReturn, OnQuery, OnClose, OnSMS, OnAlipayLogin, OnQQLogin} {
		group := views.FaultGroup{On: string(place)}
		for _, kind := range faultKinds[place] {
			group.Kinds = append(group.Kinds, string(kind))
		}
		page.Groups = append(page.Groups, group)
	}
	for _, f := range s.Faults() {
		page.Faults = append(page.Faults, views.Fault{On: string(f.On), Kind: string(f.Kind), OutTradeNo: f.OutTradeNo, Times: f.Times})
	}
	for _, t := range s.Trades(shownTrades) {
		page.Trades = append(page.Trades, s.tradeView(t))
	}
	return s.page(c, status, views.StatePage(s.view(c), page))
}

func (s *Sandbox) tradeView(t Trade) views.Trade {
	v := views.Trade{Order: s.orderView(t.Order), TradeNo: t.TradeNo, Status: t.Status, CreatedAt: alipay.FormatTime(t.CreatedAt), PaidAt: shownTime(t.PaidAt)}
	for _, n := range t.Notices {
		notice := views.Notice{ID: n.ID, Done: n.Done, Dropped: n.Dropped, Next: shownTime(n.Next)}
		for _, k := range n.Faults {
			notice.Faults = append(notice.Faults, string(k))
		}
		for _, a := range n.Attempts {
			notice.Attempts = append(notice.Attempts, views.Attempt{At: shownTime(a.At), Status: a.Status, Answer: a.Answer})
		}
		v.Notices = append(v.Notices, notice)
	}
	return v
}

// addFault takes the form of a fault: on-kind in one field, and the numbers that it needs.
func (s *Sandbox) addFault(c *fiber.Ctx) error {
	f, err := faultForm(c)
	if err == nil {
		err = s.Inject(f)
	}
	if err != nil {
		return s.statePage(c, fiber.StatusUnprocessableEntity, "这个故障填得不对")
	}
	return s.toState(c)
}

func faultForm(c *fiber.Ctx) (Fault, error) {
	f := Fault{On: Place(c.FormValue("on")), Kind: Kind(c.FormValue("kind")), OutTradeNo: c.FormValue("out_trade_no")}
	var errs [3]error
	var seconds int
	f.Times, errs[0] = number(c.FormValue("times"))
	f.Copies, errs[1] = number(c.FormValue("copies"))
	seconds, errs[2] = number(c.FormValue("seconds"))
	f.Delay = time.Duration(seconds) * time.Second
	if seconds > 24*60*60 {
		return f, errors.New("longer than a day")
	}
	if text := c.FormValue("shift"); text != "" {
		shift, err := money.Parse(text)
		if err != nil {
			return f, err
		}
		f.Shift = shift
	}
	return f, errors.Join(errs[:]...)
}

// number reads a count; an empty field is 0.
func number(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.Atoi(s)
}

func (s *Sandbox) clearFaults(c *fiber.Ctx) error {
	s.Clear()
	return s.toState(c)
}

// statePay takes the money for a trade whatever its state.
func (s *Sandbox) statePay(c *fiber.Ctx) error { return s.done(c, s.Pay(c.Params("no"))) }

func (s *Sandbox) stateNotify(c *fiber.Ctx) error { return s.done(c, s.Notify(c.Params("no"))) }

func (s *Sandbox) stateResend(c *fiber.Ctx) error {
	return s.done(c, s.Resend(c.Params("no"), c.Params("id")))
}

// done goes back to the state page, or shows it with the news that nothing could be done.
func (s *Sandbox) done(c *fiber.Ctx, err error) error {
	if err != nil {
		return s.statePage(c, fiber.StatusConflict, "交易状态已经变化，没有执行")
	}
	return s.toState(c)
}

func (s *Sandbox) toState(c *fiber.Ctx) error {
	return c.Redirect("/"+s.view(c).Suffix, fiber.StatusSeeOther)
}

// shownTime is t for people, or "" for no time.
func shownTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return alipay.FormatTime(t)
}
