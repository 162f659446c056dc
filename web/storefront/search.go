package storefront

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// Search lists the products that have all words of q: GET /search.
func (p Pages) Search(c *fiber.Ctx) error {
	number, err := listPage(c)
	if err != nil {
		return err
	}
	found := page.Results{Q: strings.TrimSpace(c.Query("q")), Sort: catalog.ParseSort(c.Query("sort"))}
	found.List, err = p.Store.Catalog.Search(c.UserContext(), found.Q, found.Sort, number)
	status := http.StatusOK
	wrong := fault.Of(err)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component {
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
