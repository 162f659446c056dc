package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Credits and Purchases show what one has of each, which is nothing yet: GET /account/credits, /purchases.
func (p Pages) Credits(c *fiber.Ctx) error   { return p.shelf(c, page.CreditShelf) }
func (p Pages) Purchases(c *fiber.Ctx) error { return p.shelf(c, page.PurchaseShelf) }

func (p Pages) shelf(c *fiber.Ctx, s page.Shelf) error {
	return respond.Page(c, func(v ui.View) templ.Component { return page.Empties(v, s) }, "")
}

// Terms and Privacy are what one agrees to: GET /terms, GET /privacy.
func (p Pages) Terms(c *fiber.Ctx) error   { return respond.Page(c, page.Terms, "") }
func (p Pages) Privacy(c *fiber.Ctx) error { return respond.Page(c, page.Privacy, "") }
