package staff

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Promotions lists promotions: GET /admin/promotions.
func (p Pages) Promotions(c *fiber.Ctx) (err error) {
	page := staff.PromotionsPage{State: desk.State(c.Query("state")), Kind: promo.Kind(c.Query("kind"))}
	if !slices.Contains(desk.States, page.State) {
		page.State = desk.StateRunning
	}
	if !slices.Contains(desk.Kinds, page.Kind) {
		page.Kind = ""
	}
	if page.List, err = p.Store.PromoDesk.List(c.UserContext(), page.State, page.Kind, c.Query("after")); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Promotions(v, page) }, "")
}

// NewPromotion asks for a promotion of a kind: GET /admin/promotions/new.
func (p Pages) NewPromotion(c *fiber.Ctx) error {
	return p.showPromotion(c, 0, staff.Form{}, newPromotion(promo.Kind(c.Query("kind"))))
}

// newPromotion is what a form for a new one begins with; an unknown kind is a reduction.
func newPromotion(kind promo.Kind) desk.Editing {
	if !slices.Contains(desk.Kinds, kind) {
		kind = promo.KindReduction
	}
	return desk.Editing{Input: desk.Input{Kind: kind, Scope: promo.Scope{Kind: promo.ScopeAll}, Percent: 100}}
}

// Promotion shows the form of a promotion: GET /admin/promotions/{promotion}.
func (p Pages) Promotion(c *fiber.Ctx) error {
	id, err := form.PathID(c, "promotion")
	if err != nil {
		return err
	}
	return p.showKept(c, id, staff.Form{})
}

// showKept shows the form of a promotion that there is.
func (p Pages) showKept(c *fiber.Ctx, id int64, f staff.Form) error {
	kept, err := p.Store.PromoDesk.Editing(c.UserContext(), id)
	if err != nil {
		return err
	}
	return p.showPromotion(c, id, f, kept)
}

// showPromotion shows the form with the names of all that it names by number.
func (p Pages) showPromotion(c *fiber.Ctx, id int64, f staff.Form, kept desk.Editing) (err error) {
	page := staff.PromotionPage{Form: f, Promotion: kept, Now: p.Store.Clock()}
	now := kept.Input
	if f.Typed != nil {
		now = promotionInput(f.Typed, kept.Kind)
	}
	ctx := c.UserContext()
	if page.Targets, err = p.Store.PromoDesk.Targets(ctx, now.Scope); err != nil {
		return err
	}
	var ids []int64
	for _, k := range now.SKUs {
		ids = append(ids, k.SKUID)
	}
	if page.SKUs, err = p.Store.PromoDesk.SKUs(ctx, ids); err != nil {
		return err
	}
	if page.Found, err = p.find(ctx, f.Typed, now.Scope.Kind); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(f.Fault), func(v ui.View) templ.Component { return staff.Promotion(v, page) }, "")
}

// AddPromotion makes a promotion: POST /admin/promotions.
func (p Pages) AddPromotion(c *fiber.Ctx) error {
	return p.savePromotion(c, 0, newPromotion(promo.Kind(form.Value(c, "kind"))))
}

// SavePromotion keeps a promotion: POST /admin/promotions/{promotion}.
func (p Pages) SavePromotion(c *fiber.Ctx) error {
	id, err := form.PathID(c, "promotion")
	if err != nil {
		return err
	}
	kept, err := p.Store.PromoDesk.Editing(c.UserContext(), id)
	if err != nil {
		return err
	}
	return p.savePromotion(c, id, kept)
}

// savePromotion saves, or shows the form again where a button of it only fills something in.
func (p Pages) savePromotion(c *fiber.Ctx, id int64, kept desk.Editing) error {
	var err error
	typed := form.Typed(c)
	if fillIn(typed) {
		return p.showPromotion(c, id, staff.Form{Typed: typed}, kept)
	}
	publish := typed.Get("do") == "publish"
	kept.ID, err = p.Store.PromoDesk.Save(c.UserContext(), session.Of(c).UserID(), id, promotionInput(typed, kept.Kind), publish)
	if fault.Refused(err) {
		if id > 0 { // another may have changed it meanwhile
			return p.showKept(c, id, staff.Form{Typed: typed, Fault: fault.Of(err)})
		}
		return p.showPromotion(c, id, staff.Form{Typed: typed, Fault: fault.Of(err)}, kept)
	}
	done := "活动已保存"
	if publish {
		done = "活动已发布"
	}
	return saved(c, err, done, staff.PromotionHref(kept.ID))
}

// promotionInput reads a form as fillIn has left it. What is no number or amount becomes one that no field takes.
func promotionInput(typed url.Values, kind promo.Kind) desk.Input {
	in := desk.Input{
		Version: form.Int(typed.Get("version")), Kind: kind, Name: typed.Get("name"), NameEN: typed.Get("name_en"),
		Priority: form.IntOr(typed.Get("priority"), 0), StartsAt: form.Moment(typed.Get("starts_at")), EndsAt: form.Moment(typed.Get("ends_at")),
		Scope:   promo.Scope{Kind: promo.ScopeKind(typed.Get("scope")), IDs: numbers(typed.Get("targets"))},
		Percent: form.Int(typed.Get("percent")), OwnPrices: typed.Get("own_prices") == "true", PerPerson: form.IntOr(typed.Get("per_person"), 0),
	}
	for i := range desk.MaxSteps {
		from, off := typed.Get(desk.FromField(i)), typed.Get(desk.OffField(i))
		if from != "" || off != "" {
			in.Steps = append(in.Steps, promo.Step{From: amount(from), Off: amount(off)})
		}
	}
	for i := range staff.Rows(typed) {
		if sku := typed.Get(desk.SKUField(i)); sku != "" {
			in.SKUs = append(in.SKUs, desk.SKUPrice{SKUID: form.Int(sku), Price: amount(typed.Get(desk.PriceField(i))),
				Quantity: form.Int(typed.Get(desk.QuantityField(i)))})
		}
	}
	return in
}

// amount reads yuan; what is none is below zero, which no price is.
func amount(text string) money.Fen {
	fen, err := money.Parse(text)
	if err != nil {
		return -1
	}
	return fen
}

// numbers reads ids between commas and blanks; a word that is no id becomes one that nothing has.
func numbers(text string) (ids []int64) {
	for _, word := range options(strings.Join(strings.Fields(text), ",")) {
		ids = append(ids, form.Int(word.Value))
	}
	return ids
}

// WithdrawPromotion takes a promotion back: POST /admin/promotions/{promotion}/withdraw.
func (p Pages) WithdrawPromotion(c *fiber.Ctx) error {
	return p.movePromotion(c, p.Store.PromoDesk.Withdraw, "活动已撤回", staff.PromotionHref)
}

// DeletePromotion takes a draft away: POST /admin/promotions/{promotion}/delete.
func (p Pages) DeletePromotion(c *fiber.Ctx) error {
	return p.movePromotion(c, p.Store.PromoDesk.Delete, "活动已删除", func(int64) string { return staff.PromotionHref(0) })
}

func (p Pages) movePromotion(c *fiber.Ctx, do func(ctx context.Context, staffID, id, version int64) error, done string,
	to func(id int64) string) error {
	id, err := form.PathID(c, "promotion")
	if err != nil {
		return err
	}
	err = do(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showKept(c, id, staff.Form{Fault: fault.Of(err)})
	}
	return saved(c, err, done, to(id))
}
