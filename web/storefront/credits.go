package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Credits shows a shopper's credits and what made them: GET /account/credits.
func (p Pages) Credits(c *fiber.Ctx) error {
	h, err := p.Store.Credits.History(c.UserContext(), session.Of(c).UserID(), int(form.Int(c.Query("page"))))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Credits(v, h) }, "")
}
