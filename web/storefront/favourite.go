package storefront

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Favourites lists the products that the shopper keeps: GET /account/favourites.
func (p Pages) Favourites(c *fiber.Ctx) error {
	list, err := p.Store.Interest.Favourites(c.UserContext(), session.Of(c).UserID(), form.Page(c))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Favourites(v, list) }, "")
}

// AddFavourite keeps a product: POST /products/{spu}/favourite.
func (p Pages) AddFavourite(c *fiber.Ctx) error {
	return p.favour(c, true, "已收藏", p.Store.Interest.AddFavourite)
}

// RemoveFavourite lets a product go: POST /products/{spu}/favourite/remove.
func (p Pages) RemoveFavourite(c *fiber.Ctx) error {
	return p.favour(c, false, "已取消收藏", p.Store.Interest.RemoveFavourite)
}

// favour changes the heart and leads back to where it was pressed; htmx gets the heart alone.
func (p Pages) favour(c *fiber.Ctx, kept bool, done string, do func(ctx context.Context, userID, spuID int64) error) error {
	id, err := form.PathID(c, "spu")
	if err != nil {
		return err
	}
	s := session.Of(c)
	if err := do(c.UserContext(), s.UserID(), id); err != nil {
		return err
	}
	sku, ok := form.Number(form.Value(c, "sku"))
	if respond.IsFragment(c) {
		return respond.Part(c, page.Favourite(respond.View(c), id, sku, kept))
	}
	s.Flash("ok", done)
	switch {
	case form.Value(c, "back") == "list":
		return respond.SeeOther(c, "/account/favourites")
	case ok && sku > 0:
		return respond.SeeOther(c, ui.SKUHref(id, sku))
	}
	return respond.SeeOther(c, ui.ProductHref(id))
}
