package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// Account shows a shopper's own page: GET /account.
func (p Pages) Account(c *fiber.Ctx) error {
	u := session.Of(c).User()
	counts, err := p.Store.Order.Counts(c.UserContext(), u.ID)
	if err != nil {
		return err
	}
	a := page.AccountPage{Username: u.Username, Counts: counts}
	if u.Mobile != nil {
		a.Mobile = *u.Mobile
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Account(v, a) }, "")
}
