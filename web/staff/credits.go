package staff

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/credits"
	"dashop/store/fault"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Credits shows the credits of the shopper with a user name: GET /admin/credits.
func (p Pages) Credits(c *fiber.Ctx) error {
	page := staff.CreditsPage{Username: strings.TrimSpace(strings.ToValidUTF8(c.Query("username"), ""))}
	if page.Username == "" {
		return showCredits(c, page)
	}
	u, err := p.creditUser(c, page.Username)
	if fault.Refused(err) {
		page.Form.Fault = fault.Of(err)
		return showCredits(c, page)
	}
	if err != nil {
		return err
	}
	return p.showCreditsOf(c, page, u)
}

// ChangeCredits gives a shopper credits or corrects them: POST /admin/credits.
func (p Pages) ChangeCredits(c *fiber.Ctx) error {
	typed := form.Typed(c)
	page := staff.CreditsPage{Username: typed.Get("username"), Form: staff.Form{Typed: typed}}
	u, err := p.creditUser(c, page.Username)
	if fault.Refused(err) {
		page.Form.Fault = fault.Of(err)
		return showCredits(c, page)
	}
	if err != nil {
		return err
	}
	err = p.Store.Credits.Adjust(c.UserContext(), session.Of(c).UserID(), credits.Adjustment{
		UserID: u.ID, Kind: credits.Kind(typed.Get("kind")), Amount: signed(typed.Get("amount")), Reason: typed.Get("reason"),
		Token: typed.Get("token"),
	})
	if fault.Refused(err) {
		page.Form.Fault = fault.Of(err)
		return p.showCreditsOf(c, page, u)
	}
	return saved(c, err, "积分已更新", staff.CreditsHref(u.Username, 1))
}

// creditUser finds the user whose credits are asked for; nobody is a fault of the field username.
func (p Pages) creditUser(c *fiber.Ctx, username string) (account.User, error) {
	u, err := p.Store.Account.UserByName(c.UserContext(), username)
	if fault.Is(err, fault.NotFound) {
		return u, fault.Field("username", "没有这个用户")
	}
	return u, err
}

func (p Pages) showCreditsOf(c *fiber.Ctx, page staff.CreditsPage, u account.User) (err error) {
	page.User = &u
	if page.History, err = p.Store.Credits.History(c.UserContext(), u.ID, int(form.Int(c.Query("page")))); err != nil {
		return err
	}
	return showCredits(c, page)
}

func showCredits(c *fiber.Ctx, page staff.CreditsPage) error {
	return respond.PageStatus(c, form.StatusOf(page.Form.Fault), func(v ui.View) templ.Component { return staff.Credits(v, page) }, "")
}

// signed reads a whole number that may have a sign, as somebody typed it; 0, which no change of credits takes, if it is none.
func signed(text string) int64 {
	sign := int64(1)
	if rest, ok := strings.CutPrefix(strings.Replace(text, "−", "-", 1), "-"); ok {
		sign, text = -1, rest
	}
	n := form.Int(strings.TrimPrefix(text, "+"))
	if n == form.Bad {
		return 0
	}
	return sign * n
}
