package storefront

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/keep"
)

// Promotion shows what a promotion takes off, and its goods; gap asks for those that fill so many fen: GET /promotions/{promotion}.
func (p Pages) Promotion(c *fiber.Ctx) error {
	id, err := form.PathID(c, "promotion")
	if err != nil {
		return err
	}
	shown := page.PromotionPage{Sort: catalog.ParseSort(c.Query("sort"))}
	if n, ok := form.Number(c.Query("gap")); ok && n <= int64(catalog.MaxPrice) {
		shown.Gap = money.Fen(n)
	}
	after := c.Query("after")
	return p.Kept.Send(c, keep.Public{
		Path: page.PromotionListHref(id, shown.Sort, after, shown.Gap), Fragment: "list",
		Find: func(ctx context.Context) (keep.Build, error) {
			shown := shown
			err := p.findPromotion(ctx, id, after, &shown)
			return func(v ui.View) templ.Component { return page.Promotion(v, shown) }, err
		},
	})
}

// findPromotion reads a promotion that is on, with a piece of its goods. One that is not on is NotFound.
func (p Pages) findPromotion(ctx context.Context, id int64, after string, shown *page.PromotionPage) error {
	found, err := promo.Find(ctx, p.Store.DB, []int64{id})
	if err != nil {
		return err
	}
	if len(found) == 0 || !found[0].On(p.now()) {
		return fault.Missing()
	}
	shown.Promotion = found[0]
	scope := shown.Promotion.Scope
	if shown.About, err = p.Store.PromoDesk.Targets(ctx, scope); err != nil {
		return err
	}
	if shown.Gap > 0 {
		shown.List.Cards, err = p.Store.Catalog.Fill(ctx, scope.Goods(), shown.Gap)
	} else {
		shown.List, err = p.Store.Catalog.ListWithin(ctx, scope.Goods(), shown.Sort, after)
	}
	return err
}
