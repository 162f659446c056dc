package sandbox

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/money"
	views "dashop/views/sandbox"
)

// shownTrades is how many trades the state page lists.
const shownTrades = 50

// stateRoutes adds the page of trades and faults with its buttons.
func (s *Sandbox) stateRoutes(pages fiber.Router) {
	pages.Get("/", s.state)
	pages.Post("/faults", s.addFault)
	pages.Post("/faults/clear", s.clearFaults)
	pages.Post("/trades/:no/pay", s.statePay)
	pages.Post("/trades/:no/notify", s.stateNotify)
	pages.Post("/trades/:no/notices/:id/resend", s.stateResend)
}

// state shows the trades with their notifies, and the script of faults.
func (s *Sandbox) state(c *fiber.Ctx) error { return s.statePage(c, fiber.StatusOK, "") }

func (s *Sandbox) statePage(c *fiber.Ctx, status int, wrong string) error {
	page := views.State{
		Wrong: wrong, AppID: AppID, SellerID: SellerID, Account: BuyerAccount, Password: BuyerPassword, Gateway: s.Alipay.URL(),
		Trades: s.Alipay.TradeViews(shownTrades),
	}
	for _, place := range s.Places() {
		group := views.FaultGroup{On: string(place.Place)}
		for _, kind := range place.Kinds {
			group.Kinds = append(group.Kinds, string(kind))
		}
		page.Groups = append(page.Groups, group)
	}
	for _, f := range s.Faults() {
		page.Faults = append(page.Faults, views.Fault{On: string(f.On), Kind: string(f.Kind), OutTradeNo: f.OutTradeNo, Times: f.Times})
	}
	return s.Page(c, status, views.StatePage(s.View(c), page))
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
func (s *Sandbox) statePay(c *fiber.Ctx) error { return s.done(c, s.Alipay.Pay(c.Params("no"))) }

func (s *Sandbox) stateNotify(c *fiber.Ctx) error { return s.done(c, s.Alipay.Notify(c.Params("no"))) }

func (s *Sandbox) stateResend(c *fiber.Ctx) error {
	return s.done(c, s.Alipay.Resend(c.Params("no"), c.Params("id")))
}

// done goes back to the state page, or shows it with the news that nothing could be done.
func (s *Sandbox) done(c *fiber.Ctx, err error) error {
	if err != nil {
		return s.statePage(c, fiber.StatusConflict, "交易状态已经变化，没有执行")
	}
	return s.toState(c)
}

func (s *Sandbox) toState(c *fiber.Ctx) error {
	return c.Redirect("/"+s.View(c).Suffix, fiber.StatusSeeOther)
}
