package storefront

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/review"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/keep"
	"dashop/web/respond"
	"dashop/web/session"
)

// Product shows a product with the SKU that the address names, or else the first in stock: GET /products/{spu}.
func (p Pages) Product(c *fiber.Ctx) error {
	id, err := form.PathID(c, "spu")
	if err != nil {
		return err
	}
	stock, err := p.Store.Catalog.Stock(c.UserContext(), id)
	if err != nil {
		return err
	}
	path := ui.ProductHref(id)
	sku, _ := form.Number(c.Query("sku"))
	if stock.Has(sku) {
		path = ui.SKUHref(id, sku)
	} else {
		sku = 0 // what is no SKU of this product chooses none
	}
	launched := true
	show := keep.Public{Path: path, Live: stock.Key(), Fragment: "product", Find: func(ctx context.Context) (keep.Build, error) {
		shown, err := p.findProduct(ctx, c, id, sku, stock)
		launched = shown.Product.Launched
		return func(v ui.View) templ.Component { return page.Product(v, shown) }, err
	}}
	if user := session.Of(c).UserID(); user != 0 {
		favourite, err := p.Store.Interest.IsFavourite(c.UserContext(), user, id)
		if err != nil {
			return err
		}
		mine := page.Mine{Favourite: favourite}
		if stock.Virtual() {
			if mine.Has, err = p.Store.Courses.Has(c.UserContext(), user, id); err != nil {
				return err
			}
		}
		if mine != (page.Mine{}) {
			show.Mine = mine
		}
	}
	respond.Personal(c)
	p.tellTime(c)
	if err := p.Kept.Send(c, show); err != nil {
		return err
	}
	if launched {
		p.noteSeen(c, id)
	}
	return nil
}

// findProduct reads what the page of a product shows with a stock.
func (p Pages) findProduct(ctx context.Context, c *fiber.Ctx, id, sku int64, stock catalog.Stock) (page.ProductPage, error) {
	product, err := p.product(c, id)
	if err != nil {
		return page.ProductPage{}, err
	}
	product = product.WithStock(stock)
	shown := page.ProductPage{Product: product, SKU: product.Choose(sku), Reviews: page.ReviewsPage{Product: product, Within: true}}
	if k := shown.SKU; k.SaleID != 0 {
		sales, err := p.Store.Promo.Sales(ctx, p.Store.DB, 0, map[int64]catalog.SKU{k.ID: k})
		if err != nil {
			return page.ProductPage{}, err
		}
		if sale, ok := sales[k.ID]; ok {
			shown.Sale = &sale
		}
	}
	if shown.Offers, err = p.Store.Promo.On(ctx, shown.SKU); err != nil {
		return shown, err
	}
	// A swap to another SKU leaves the reviews as they are.
	if product.Count() > 0 && !respond.IsFragment(c) {
		shown.Reviews.List, err = p.Store.Reviews.OfProduct(ctx, id, "", review.Page{})
	}
	return shown, err
}

// product is a product for whoever asks: the merchant also sees what is not launched.
func (p Pages) product(c *fiber.Ctx, id int64) (catalog.Product, error) {
	if u := session.Of(c).User(); u != nil && (u.Role == account.Owner || u.Role == account.Staff) {
		return p.Store.Catalog.StaffProduct(c.UserContext(), id)
	}
	return p.Store.Catalog.Product(c.UserContext(), id)
}
