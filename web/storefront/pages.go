// Package storefront answers the shopper's requests, a feature a file.
package storefront

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/catalog"
	"dashop/web/keep"
	"dashop/web/respond"
)

// Pages are the shopper's handlers over one store.
type Pages struct {
	Store  *store.Store
	Kept   *keep.Pages // nil keeps none
	Clock  func() time.Time
	Demo   bool   // the demo accounts may be told of
	Secure bool   // the shop is reached by https only
	Base   string // how browsers reach the shop, without a slash at the end
	Links  Links  // signs links to downloads
}

func (p Pages) now() time.Time { return p.Clock() }

// Picks are a few popular products to show on pages that have little of their own. None is no fault.
func (p Pages) Picks(c *fiber.Ctx, n int) []catalog.Card {
	cards, err := p.Store.Catalog.Popular(c.UserContext(), n)
	if err != nil {
		slog.WarnContext(c.UserContext(), "page without picks", "request", respond.RequestID(c), "error", err)
	}
	return cards
}
