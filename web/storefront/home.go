package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Home is the first page of the shop: GET /.
func (p Pages) Home(c *fiber.Ctx) error {
	home, err := p.Store.Catalog.Home(c.UserContext())
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Home(v, home) }, "")
}

// Categories is the whole tree of goods: GET /categories.
func (p Pages) Categories(c *fiber.Ctx) error {
	return respond.Page(c, func(v ui.View) templ.Component { return page.Categories(v) }, "")
}

// Category lists the products of a category: GET /categories/{id}.
func (p Pages) Category(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	number, err := listPage(c)
	if err != nil {
		return err
	}
	found, err := p.Store.Catalog.Category(c.UserContext(), id, catalog.ParseSort(c.Query("sort")), number)
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Category(v, found) }, "list")
}

// listPage reads which page of a list is wanted. What is no page is NotFound.
func listPage(c *fiber.Ctx) (int, error) {
	text := c.Query("page")
	if text == "" {
		return 1, nil
	}
	n, ok := number(text)
	if !ok || n < 1 || n > catalog.MaxPage {
		return 0, fault.Missing()
	}
	return int(n), nil
}

// DevUI shows every shared part in every state, for those who build pages: GET /dev/ui, in development only.
func (p Pages) DevUI(c *fiber.Ctx) error {
	return respond.Page(c, func(v ui.View) templ.Component { return page.DevUI(v) }, "")
}
