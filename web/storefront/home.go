package storefront

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/keep"
	"dashop/web/respond"
	"dashop/web/session"
)

// Home is the first page of the shop: GET /.
func (p Pages) Home(c *fiber.Ctx) error {
	public := keep.Public{Path: "/", Fragment: "flash", Find: func(ctx context.Context) (keep.Build, error) {
		flash, err := p.Store.Sales.Board(ctx)
		if err != nil {
			return nil, err
		}
		home, err := p.Store.Catalog.Home(ctx)
		return func(v ui.View) templ.Component { return page.Home(v, home, flash) }, err
	}}
	p.tellTime(c)
	if mine := p.recommended(c); len(mine) > 0 {
		public.Mine = page.Yours(mine)
	}
	return p.Kept.Send(c, public)
}

// Flash is a page of all flash sales that are on or announced: GET /flash.
func (p Pages) Flash(c *fiber.Ctx) error {
	p.tellTime(c)
	return p.Kept.Send(c, keep.Public{Path: "/flash", Fragment: "flash", Find: func(ctx context.Context) (keep.Build, error) {
		flash, err := p.Store.Sales.Board(ctx)
		return func(v ui.View) templ.Component { return page.Flash(v, flash) }, err
	}})
}

// tellTime tells the browser what time it is, beside a page that may be a kept one, for its countdowns.
func (p Pages) tellTime(c *fiber.Ctx) {
	c.Set("Server-Timing", `now;desc="`+strconv.FormatInt(p.now().UnixMilli(), 10)+`"`)
}

// recommended is what goes with the products that this person looked at. None is no fault.
func (p Pages) recommended(c *fiber.Ctx) []catalog.Card {
	seen := seenByVisitor(c)
	if user := session.Of(c).UserID(); user != 0 {
		var err error
		if seen, err = p.Store.Interest.RecentlyViewed(c.UserContext(), user); err != nil {
			slog.WarnContext(c.UserContext(), "home without history", "request", respond.RequestID(c), "error", err)
			return nil
		}
	}
	if len(seen) == 0 {
		return nil
	}
	respond.Personal(c)
	cards, err := p.Store.Interest.Recommend(c.UserContext(), seen)
	if err != nil {
		slog.WarnContext(c.UserContext(), "home without recommendations", "request", respond.RequestID(c), "error", err)
	}
	return cards
}

// Categories is the whole tree of goods: GET /categories.
func (p Pages) Categories(c *fiber.Ctx) error {
	return p.Kept.Send(c, keep.Public{Path: "/categories", Find: func(context.Context) (keep.Build, error) {
		return func(v ui.View) templ.Component { return page.Categories(v) }, nil
	}})
}

// Category lists the products of a category: GET /categories/{id}.
func (p Pages) Category(c *fiber.Ctx) error {
	id, err := form.PathID(c, "id")
	if err != nil {
		return err
	}
	ask, err := listAsk(c, catalog.ParseSort(c.Query("sort")))
	if err != nil {
		return err
	}
	return p.Kept.Send(c, keep.Public{
		Path: page.CategoryListHref(id, ask), Fragment: "list",
		Find: func(ctx context.Context) (keep.Build, error) {
			found, err := p.Store.Catalog.Category(ctx, id, ask)
			return func(v ui.View) templ.Component { return page.Category(v, found) }, err
		},
	})
}

// DevUI shows every shared part in every state, for those who build pages: GET /dev/ui, in development only.
func (p Pages) DevUI(c *fiber.Ctx) error {
	return respond.Page(c, func(v ui.View) templ.Component { return page.DevUI(v) }, "")
}
