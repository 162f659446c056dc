package storefront

import (
	"github.com/gofiber/fiber/v2"

	"dashop/views/locale"
	"dashop/web/form"
	"dashop/web/respond"
)

// SetPreferences remembers how somebody likes to see the shop: POST /preferences with lang, theme (auto follows the
// device) and next.
func (p Pages) SetPreferences(c *fiber.Ctx) error {
	if l := locale.Parse(form.Value(c, "lang")); l != "" {
		respond.Remember(c, respond.LangCookie, string(l), p.Secure)
	}
	switch theme := form.Value(c, "theme"); theme {
	case "light", "dark":
		respond.Remember(c, respond.ThemeCookie, theme, p.Secure)
	case "auto":
		respond.Remember(c, respond.ThemeCookie, "", p.Secure)
	}
	return respond.SeeOther(c, respond.Next(form.Value(c, "next")))
}
