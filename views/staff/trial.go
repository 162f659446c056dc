package staff

import (
	"time"

	"dashop/store/promo"
	"dashop/views/ui"
)

// TrialRows is how many SKUs a trial basket has room for.
const TrialRows = 8

// TrialPage is the form of a trial basket, with what it would cost.
type TrialPage struct {
	Form
	At    time.Time
	With  int64        // the promotion that counts as published; 0: none
	Quote *promo.Quote // nil: nothing was asked for, or it has no price
}

// TrialCount is the name of the field for the pieces in a row, from 0.
func TrialCount(i int) string { return "count_" + ui.ID(i+1) }

// TrialHref leads to the trial basket with a promotion as if it were published; that of none goes by those that are.
func TrialHref(with int64) string {
	if with == 0 {
		return "/admin/promotions/trial"
	}
	return "/admin/promotions/trial?with=" + ui.ID(with)
}

func (p TrialPage) at(v ui.View) ui.Input {
	in := p.text(v, "at", v.T("什么时候（北京）"), ui.FieldTime(p.At), 19)
	in.Type, in.Attrs, in.Value = "datetime-local", nil, ui.FieldTime(p.At)
	return in
}

func (p TrialPage) with(v ui.View) ui.Input {
	in := p.count(v, "with", v.T("还没发布的活动的编号"), p.With)
	if p.With == 0 && p.Typed.Get("with") == "" {
		in.Value = ""
	}
	in.Hint = v.T("空着就只按已经发布的活动算。")
	return in
}
