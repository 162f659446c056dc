package staff

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/views/ui"
)

// PromotionsPage is the merchant's list of promotions of a state, and of a kind where one is chosen.
type PromotionsPage struct {
	State desk.State
	Kind  promo.Kind
	List  desk.List
}

// PromotionHref leads to the form of a promotion; that of none is the list.
func PromotionHref(id int64) string { return hrefOf("/admin/promotions", id) }

// href is the list of a state and a kind, from after a promotion on.
func (p PromotionsPage) href(state desk.State, kind promo.Kind, after string) string {
	q := url.Values{}
	if state != desk.StateRunning {
		q.Set("state", string(state))
	}
	if kind != "" {
		q.Set("kind", string(kind))
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return "/admin/promotions"
	}
	return "/admin/promotions?" + q.Encode()
}

func (p PromotionsPage) states(v ui.View) (tabs []ui.Tab) {
	for _, s := range desk.States {
		tabs = append(tabs, ui.Tab{Label: v.T(stateName(s)), Href: p.href(s, p.Kind, ""), Current: s == p.State})
	}
	return tabs
}

func (p PromotionsPage) kinds(v ui.View) []ui.Sort {
	list := []ui.Sort{{Label: v.T("全部类型"), Href: p.href(p.State, "", ""), Current: p.Kind == ""}}
	for _, k := range desk.Kinds {
		list = append(list, ui.Sort{Label: v.T(ui.KindName(k)), Href: p.href(p.State, k, ""), Current: k == p.Kind})
	}
	return list
}

// stateName is the Chinese word for where a promotion stands.
func stateName(s desk.State) string {
	switch s {
	case desk.StateRunning:
		return "进行中"
	case desk.StateUpcoming:
		return "未开始"
	case desk.StateEnded:
		return "已结束"
	}
	return "草稿"
}

func stateTone(s desk.State) string {
	switch s {
	case desk.StateRunning:
		return "ok"
	case desk.StateUpcoming:
		return "info"
	}
	return "mute"
}

// scopeName is the Chinese word for a kind of scope.
func scopeName(k promo.ScopeKind) string {
	switch k {
	case promo.ScopeAll:
		return "全场商品"
	case promo.ScopeCategory:
		return "分类"
	case promo.ScopeBrand:
		return "品牌"
	case promo.ScopeSPU:
		return "商品"
	}
	return "款式"
}

// PromotionPage is the form of one promotion; without an ID it is a new one.
type PromotionPage struct {
	Form
	Promotion desk.Editing
	Now       time.Time
	Targets   []desk.Target         // what the form's scope names
	SKUs      map[int64]catalog.SKU // of the form's rows
	Found     *Found                // by the search in the form; nil: none was asked for
}

// Found is what a search in a form has found.
type Found struct {
	For     string // the field that holds the search
	Q       string
	Targets []desk.Target
	SKUs    []catalog.SKU
}

// None says that nothing was found.
func (f Found) None() bool { return len(f.Targets) == 0 && len(f.SKUs) == 0 }

func (p PromotionPage) title(v ui.View) string {
	if p.Promotion.ID == 0 {
		return v.T("新建%s", v.T(ui.KindName(p.Promotion.Kind)))
	}
	return v.Pick(p.Promotion.Name, p.Promotion.NameEN)
}

func (p PromotionPage) state() desk.State { return p.Promotion.State(p.Now) }

// begun says whether shoppers go by it already, or did.
func (p PromotionPage) begun() bool {
	return p.state() == desk.StateRunning || p.state() == desk.StateEnded
}

// fixed makes a field of a promotion that has begun one that is only read. It is sent all the same.
func (p PromotionPage) fixed(in ui.Input) ui.Input {
	if p.begun() {
		in.Attrs = readOnly(in.Attrs)
	}
	return in
}

func readOnly(attrs templ.Attributes) templ.Attributes {
	more := templ.Attributes{"readonly": true}
	for k, v := range attrs {
		more[k] = v
	}
	return more
}

// moment is a field for a date with a time.
func (p PromotionPage) moment(v ui.View, name, label string, kept time.Time) ui.Input {
	in := p.text(v, name, label, ui.FieldTime(kept), 19)
	in.Type, in.Attrs = "datetime-local", nil
	return in
}

// number is a field for a whole number that may be left empty for 0.
func (p PromotionPage) number(v ui.View, name, label, hint string, kept int64) ui.Input {
	in := p.count(v, name, label, kept)
	if kept == 0 && !p.Typed.Has(name) {
		in.Value = ""
	}
	if in.Hint == "" {
		in.Hint = hint
	}
	return in
}

func (p PromotionPage) percent(v ui.View) ui.Input {
	in := p.count(v, "percent", v.T("按原价的百分之几收"), p.Promotion.Percent)
	if p.Promotion.Percent >= 100 && !p.Typed.Has("percent") {
		in.Value = ""
	}
	if in.Hint == "" {
		in.Hint = v.T("1 到 99。填 85 就是 8.5 折。")
	}
	return in
}

func (p PromotionPage) scopes(v ui.View) (choices []ui.Choice) {
	for _, k := range desk.Scopes {
		choices = append(choices, ui.Choice{Value: string(k), Label: v.T(scopeName(k)), Disabled: p.begun() && k != p.Promotion.Scope.Kind})
	}
	return choices
}

// targets is the field for the numbers of what the scope names, with their names below.
func (p PromotionPage) targets(v ui.View) ui.Input {
	var ids, names []string
	for _, id := range p.Promotion.Scope.IDs {
		ids = append(ids, ui.ID(id))
	}
	for _, t := range p.Targets {
		names = append(names, ui.ID(t.ID)+" "+v.Pick(t.Name, t.NameEN))
	}
	in := p.text(v, "targets", v.T("编号"), strings.Join(ids, ", "), 2000)
	if in.Hint == "" {
		in.Hint = v.T("用逗号隔开；选“全场商品”时不用填。")
		if len(names) > 0 {
			in.Hint = strings.Join(names, v.T("、"))
		}
	}
	in.Attrs = nil
	return p.fixed(in)
}

// step is the kept step at a place, or an empty one.
func (p PromotionPage) step(i int) promo.Step {
	if i < len(p.Promotion.Steps) {
		return p.Promotion.Steps[i]
	}
	return promo.Step{}
}

// rowsAtFirst is how many rows for SKUs a new form has.
const rowsAtFirst = 3

// Rows is how many rows for SKUs a form that was sent has.
func Rows(typed url.Values) int {
	for n := range desk.MaxRows + 1 {
		if ui.ID(n) == typed.Get("rows") {
			return n
		}
	}
	return 0
}

func (p PromotionPage) rows() int {
	switch n := len(p.Promotion.SKUs); {
	case p.Typed != nil:
		return max(Rows(p.Typed), 1)
	case p.begun():
		return n
	case n == 0:
		return rowsAtFirst
	default:
		return min(n+1, desk.MaxRows)
	}
}

// row is what is kept of the row at a place, with the SKU that it shows now.
func (p PromotionPage) row(i int) (kept desk.SKUPrice, sku catalog.SKU) {
	if i < len(p.Promotion.SKUs) {
		kept = p.Promotion.SKUs[i]
	}
	shown := kept.SKUID
	if p.Typed != nil {
		shown = 0
		for id := range p.SKUs {
			if ui.ID(id) == strings.TrimLeft(p.Typed.Get(desk.SKUField(i)), "0") {
				shown = id
			}
		}
	}
	return kept, p.SKUs[shown]
}

// cellCount is a cell for a whole number; 0 is empty.
func (p PromotionPage) cellCount(v ui.View, name, label string, kept int64) ui.Input {
	in := p.small(p.count(v, name, label, kept))
	if kept == 0 && !p.Typed.Has(name) {
		in.Value = ""
	}
	return in
}

func (p PromotionPage) ownPrices() bool {
	return p.value("own_prices", boolText(p.Promotion.OwnPrices)) == "true"
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// hasChoice says whether there are two ways to say the prices.
func (p PromotionPage) hasChoice() bool { return p.Promotion.Kind == promo.KindPrice }

func (p PromotionPage) hasRows() bool { return p.Promotion.Kind.IsSale() }

func (p PromotionPage) hasScope() bool { return p.Promotion.Kind != promo.KindFlash }

func (p PromotionPage) hasPercent() bool {
	return slices.Contains([]promo.Kind{promo.KindPercent, promo.KindPrice}, p.Promotion.Kind)
}

// addName is the name of the buttons beside what a search has found.
func addName(field string) string {
	if field == "find_sku" {
		return "add_sku"
	}
	return "add"
}

func skuTitle(v ui.View, k catalog.SKU) string { return v.Pick(k.Name, k.NameEN) }
