package storefront

import (
	"github.com/gofiber/fiber/v2"

	"dashop/views/locale"
	"dashop/web/respond"
)

// SetPreferences remembers how somebody likes to see the shop: POST /preferences with lang, theme (auto follows the
// device) and next.
func (p Pages) SetPreferences(c *fiber.Ctx) error {
	if l := locale.Parse(c.FormValue("lang")); l != "" {
		respond.Remember(c, respond.LangCookie, string(l), p.Secure)
	}
	switch theme := c.FormValue("theme"); theme {
	case "light", "dark":
		respond.Remember(c, respond.ThemeCookie, theme, p.Secure)
	case "auto":
		respond.Remember(c, respond.ThemeCookie, "", p.Secure)
	}
	return respond.SeeOther(c, respond.Next(c.FormValue("next")))
}
