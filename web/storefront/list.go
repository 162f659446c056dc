package storefront

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/web/form"
)

// listAsk reads which piece of a list is wanted. What is no page is NotFound; a filter that says nothing is left out, as
// an unknown order is.
func listAsk(c *fiber.Ctx, sort catalog.Sort) (catalog.Ask, error) {
	page, err := listPage(c)
	return catalog.Ask{Sort: sort, Filter: listFilter(c), Page: page, After: c.Query("after")}, err
}

// listPage reads the number of a page.
func listPage(c *fiber.Ctx) (int, error) {
	text := c.Query("page")
	if text == "" {
		return 1, nil
	}
	n, ok := form.Number(text)
	if !ok || n < 1 || n > catalog.MaxPage {
		return 0, fault.Missing()
	}
	return int(n), nil
}

func listFilter(c *fiber.Ctx) (f catalog.Filter) {
	for _, text := range queryAll(c, "brand") {
		id, ok := form.Number(text)
		if ok && id > 0 && !slices.Contains(f.Brands, id) && len(f.Brands) < catalog.MaxChosen {
			f.Brands = append(f.Brands, id)
		}
	}
	f.Min, f.Max = bound(c.Query("min")), bound(c.Query("max"))
	for _, text := range queryAll(c, "spec") {
		name, value, ok := strings.Cut(text, ":")
		v := catalog.SpecValue{Name: name, Value: value}
		if ok && name != "" && value != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= 100 &&
			!slices.Contains(f.Specs, v) && len(f.Specs) < catalog.MaxChosen {
			f.Specs = append(f.Specs, v)
		}
	}
	f.InStock = c.Query("stock") == "1"
	return f
}

// bound reads a price in yuan; what is none is no bound.
func bound(text string) money.Fen {
	fen, err := money.Parse(strings.TrimSpace(text))
	if err != nil || fen < 0 || fen > catalog.MaxPrice {
		return 0
	}
	return fen
}

// queryAll are all values of a parameter that may stand more than once.
func queryAll(c *fiber.Ctx, name string) []string {
	var list []string
	for _, v := range c.Context().QueryArgs().PeekMulti(name) {
		list = append(list, string(v))
	}
	return list
}
