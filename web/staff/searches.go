package staff

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Searches lists what shoppers searched for in vain: GET /admin/searches.
func (p Pages) Searches(c *fiber.Ctx) error {
	list, err := p.Store.Search.Misses(c.UserContext())
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Searches(v, list) }, "")
}
