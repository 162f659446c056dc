package storefront

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// Product shows a product with the SKU that the address names, or else the first in stock: GET /products/{spu}.
func (p Pages) Product(c *fiber.Ctx) error {
	id, err := pathID(c, "spu")
	if err != nil {
		return err
	}
	product, err := p.product(c, id)
	if err != nil {
		return err
	}
	sku, _ := number(c.Query("sku")) // what is no SKU of this product chooses none
	shown := page.ProductPage{Product: product, SKU: product.Choose(sku), Reviews: page.ReviewsPage{Product: product, Within: true}}
	if user := session.Of(c).UserID(); user != 0 {
		if shown.Kept, err = p.Store.Catalog.IsFavourite(c.UserContext(), user, id); err != nil {
			return err
		}
	}
	// A swap to another SKU leaves the reviews as they are.
	if product.Count() > 0 && !respond.IsFragment(c) {
		if shown.Reviews.List, err = p.Store.Catalog.Reviews(c.UserContext(), id, "", catalog.ReviewPage{}); err != nil {
			return err
		}
	}
	if product.Launched {
		p.noteSeen(c, id)
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Product(v, shown) }, "product")
}

// product is a product for whoever asks: the merchant also sees what is not launched.
func (p Pages) product(c *fiber.Ctx, id int64) (catalog.Product, error) {
	if u := session.Of(c).User(); u != nil && (u.Role == account.Owner || u.Role == account.Staff) {
		return p.Store.Catalog.StaffProduct(c.UserContext(), id)
	}
	return p.Store.Catalog.Product(c.UserContext(), id)
}
