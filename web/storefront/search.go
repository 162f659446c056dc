package storefront

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/keep"
	"dashop/web/respond"
)

// Search lists the products that have all words of q: GET /search.
func (p Pages) Search(c *fiber.Ctx) error {
	ask, err := listAsk(c, catalog.ParseSearchSort(c.Query("sort")))
	if err != nil {
		return err
	}
	found := page.Results{Q: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	if found.Q != "" {
		ask = ask.OfSearch()
	}
	err = p.Kept.Send(c, keep.Public{
		Path: page.SearchListHref(c.Query("q"), ask), Fragment: "list",
		Find: func(ctx context.Context) (keep.Build, error) {
			found := found
			var err error
			found.Found, err = p.Store.Catalog.Search(ctx, found.Q, ask)
			if err == nil && (found.Found.Near || len(found.Found.List.Cards) == 0) {
				err = keep.ErrDoNotKeep // a search in vain is written down each time
			}
			return func(v ui.View) templ.Component { return page.Search(v, found) }, err
		},
	})
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	wrong := fault.Of(err)
	return respond.PageStatus(c, http.StatusUnprocessableEntity, func(v ui.View) templ.Component {
		found.Wrong = v.Wrong(wrong, "q")
		return page.Search(v, found)
	}, "list")
}

// Suggest proposes products while somebody types: GET /search/suggest.
func (p Pages) Suggest(c *fiber.Ctx) error {
	q := strings.TrimSpace(c.Query("q"))
	cards, err := p.Store.Catalog.Suggest(c.UserContext(), q)
	if err != nil {
		return err
	}
	return respond.Part(c, page.Suggestions(respond.View(c), q, cards))
}
