package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Product shows a product with the SKU that the address names, or else the first in stock: GET /products/{spu}.
func (p Pages) Product(c *fiber.Ctx) error {
	id, err := pathID(c, "spu")
	if err != nil {
		return err
	}
	product, err := p.Store.Catalog.Product(c.UserContext(), id)
	if err != nil {
		return err
	}
	sku, _ := number(c.Query("sku")) // what is no SKU of this product chooses none
	return respond.Page(c, func(v ui.View) templ.Component { return page.Product(v, product, product.Choose(sku)) }, "product")
}
