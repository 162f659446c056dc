package storefront

import (
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/web/respond"
)

// Terms and Privacy are what one agrees to: GET /terms, GET /privacy.
func (p Pages) Terms(c *fiber.Ctx) error   { return respond.Page(c, page.Terms, "") }
func (p Pages) Privacy(c *fiber.Ctx) error { return respond.Page(c, page.Privacy, "") }
