package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Purchases shows what one has bought to keep, which is nothing yet: GET /account/purchases.
func (p Pages) Purchases(c *fiber.Ctx) error { return p.shelf(c, page.PurchaseShelf) }

func (p Pages) shelf(c *fiber.Ctx, s page.Shelf) error {
	return respond.Page(c, func(v ui.View) templ.Component { return page.Empties(v, s) }, "")
}

// Terms and Privacy are what one agrees to: GET /terms, GET /privacy.
func (p Pages) Terms(c *fiber.Ctx) error   { return respond.Page(c, page.Terms, "") }
func (p Pages) Privacy(c *fiber.Ctx) error { return respond.Page(c, page.Privacy, "") }
