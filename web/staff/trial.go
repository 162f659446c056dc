package staff

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
)

// TrialBasket prices a basket as a shopper will find it at a moment to come: GET /admin/promotions/trial.
func (p Pages) TrialBasket(c *fiber.Ctx) error {
	typed := url.Values{}
	for _, name := range append([]string{"at", "with"}, trialFields()...) {
		typed.Set(name, form.Value(c, name))
	}
	page := staff.TrialPage{Form: staff.Form{Typed: typed}, At: form.Moment(typed.Get("at")), With: max(form.IntOr(typed.Get("with"), 0), 0)}
	if page.With > 0 && page.At.IsZero() {
		kept, err := p.Store.PromoDesk.Editing(c.UserContext(), page.With)
		if err != nil {
			return err
		}
		page.At = kept.StartsAt
	}
	if now := p.Store.Clock(); page.At.Before(now) {
		page.At = now
	}
	if items := trialItems(typed); len(items) > 0 {
		quote, err := p.Store.PromoDesk.Trial(c.UserContext(), items, page.At, page.With)
		switch {
		case err == nil:
			page.Quote = &quote
		case fault.Is(err, fault.NotFound):
			page.Fault = fault.New(fault.Invalid, 0, "有的编号没有这一款")
		case fault.Refused(err):
			page.Fault = fault.Of(err).First()
		default:
			return err
		}
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Trial(v, page) }, "")
}

func trialFields() (names []string) {
	for i := range staff.TrialRows {
		names = append(names, desk.SKUField(i), staff.TrialCount(i))
	}
	return names
}

// trialItems are the rows that name a SKU; without a number it is one piece.
func trialItems(typed url.Values) (items []promo.Item) {
	for i := range staff.TrialRows {
		if sku := typed.Get(desk.SKUField(i)); sku != "" {
			items = append(items, promo.Item{SKUID: form.Int(sku), Count: form.IntOr(typed.Get(staff.TrialCount(i)), 1)})
		}
	}
	return items
}
