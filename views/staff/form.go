package staff

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/store/money"
	"dashop/views/ui"
)

// Form is what was sent when a form is shown again, by the names of its fields, and what is wrong with it. The zero value
// is a form that shows what is kept.
type Form struct {
	Typed url.Values
	Fault *fault.Error
}

// value is a field of the form: as it was typed, or as it is kept.
func (f Form) value(name, kept string) string {
	if f.Typed.Has(name) {
		return f.Typed.Get(name)
	}
	return kept
}

// ticked is a check box of the form. One that was not ticked is not sent at all.
func (f Form) ticked(name string, kept bool) bool {
	if f.Typed != nil {
		return f.Typed.Get(name) == "true"
	}
	return kept
}

// tickHint is hint for a check box.
func (f Form) tickHint(v ui.View, name string, kept bool) string {
	switch {
	case f.Fault == nil || f.Fault.Kind != fault.Conflict || f.Typed == nil || f.ticked(name, kept) == kept:
		return ""
	case kept:
		return v.T("现在是勾上的")
	}
	return v.T("现在没有勾上")
}

// row is the form as far as it concerns one variant: one that was not in the form that was sent is as it is kept.
func (f Form) row(k desk.EditingSKU) Form {
	if f.Typed.Has(skuField("price", k.ID)) {
		return f
	}
	return Form{}
}

func (f Form) wrong(v ui.View, name string) string { return v.Wrong(f.Fault, name) }

// hint says what is kept now where somebody else has changed it meanwhile.
func (f Form) hint(v ui.View, name, kept string) string {
	if f.Fault == nil || f.Fault.Kind != fault.Conflict || !f.Typed.Has(name) || sameText(f.Typed.Get(name), kept) {
		return ""
	}
	if kept == "" {
		return v.T("现在是空的")
	}
	return v.T("现在是：%s", shorten(kept))
}

func sameText(a, b string) bool {
	return strings.ReplaceAll(a, "\r\n", "\n") == strings.ReplaceAll(b, "\r\n", "\n")
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return s
}

// text is a field for words, in the language that its name ends with or has before its number, which is Chinese where it
// names none.
func (f Form) text(v ui.View, name, label, kept string, most int) ui.Input {
	lang := "zh-CN"
	if strings.HasSuffix(name, "_en") || strings.Contains(name, "_en_") {
		lang = "en"
	}
	return ui.Input{
		Name: name, Label: label, Value: f.value(name, kept), MaxLength: most, Wrong: f.wrong(v, name), Hint: f.hint(v, name, kept),
		Attrs: templ.Attributes{"lang": lang},
	}
}

// cell is text for a cell of a table.
func (f Form) cell(v ui.View, name, label, kept string, most int) ui.Input {
	in := f.text(v, name, label, kept, most)
	in.Small = true
	return in
}

// count is a field for a whole number.
func (f Form) count(v ui.View, name, label string, kept int64) ui.Input {
	return ui.Input{
		Name: name, Label: label, Value: f.value(name, ui.ID(kept)), InputMode: "numeric", MaxLength: 16, Wrong: f.wrong(v, name),
		Hint: f.hint(v, name, ui.ID(kept)),
	}
}

// limit is a field for a number of pieces; 0 is empty.
func (f Form) limit(v ui.View, name, label string, kept int64) ui.Input {
	text := ""
	if kept > 0 {
		text = ui.ID(kept)
	}
	return ui.Input{
		Name: name, Label: label, Value: f.value(name, text), InputMode: "numeric", MaxLength: 4, Small: true, Wrong: f.wrong(v, name),
		Hint: f.hint(v, name, text),
	}
}

// price is a field for an amount in yuan; 0 is empty.
func (f Form) price(v ui.View, name, label string, kept money.Fen) ui.Input {
	text := ""
	if kept > 0 {
		text = kept.String()
	}
	return ui.Input{
		Name: name, Label: label, Value: f.value(name, text), InputMode: "decimal", MaxLength: 12, Small: true, Wrong: f.wrong(v, name),
		Hint: f.hint(v, name, text),
	}
}

// choose is a list to choose from.
func (f Form) choose(v ui.View, name, label, kept string, choices []ui.Choice) ui.Input {
	in := ui.Input{Name: name, Label: label, Value: f.value(name, kept), Wrong: f.wrong(v, name)}
	for _, c := range choices {
		if c.Value == kept {
			in.Hint = f.hint(v, name, kept)
			if in.Hint != "" {
				in.Hint = v.T("现在是：%s", c.Label)
			}
		}
	}
	return in
}

// picture is a field for one picture to upload. A browser never sends a file again by itself.
func (f Form) picture(v ui.View, label, hint string) ui.Input {
	if f.Typed != nil {
		hint = v.T("刚才选的图片要重新选一次。")
	}
	return ui.Input{Name: "picture", Type: "file", Label: label, Wrong: f.wrong(v, "picture"), Hint: hint,
		Attrs: templ.Attributes{"accept": pictureTypes}}
}

const pictureTypes = "image/png,image/jpeg,image/webp"

// categoryChoices are the categories of a level, each with the way down to it.
func categoryChoices(v ui.View, tree []desk.EditingCategory, level int) []ui.Choice {
	names := map[int64]string{}
	var out []ui.Choice
	for _, c := range tree {
		name := v.Pick(c.Name, c.NameEN)
		if above := names[c.ParentID]; above != "" {
			name = above + " / " + name
		}
		names[c.ID] = name
		if c.Level == level {
			out = append(out, ui.Choice{Value: ui.ID(c.ID), Label: name})
		}
	}
	return out
}

// orNone puts a choice of nothing before the others.
func orNone(label string, choices []ui.Choice) []ui.Choice {
	return append([]ui.Choice{{Value: "", Label: label}}, choices...)
}

// color is a cell for a colour.
func (f Form) color(v ui.View, name, label, kept string) ui.Input {
	in := f.cell(v, name, label, kept, 7)
	in.Placeholder, in.Attrs = "#rrggbb", nil
	return in
}

func (f Form) small(in ui.Input) ui.Input {
	in.Small = true
	return in
}

// picturesHint says what pictures may be sent.
func picturesHint(v ui.View, f Form) string {
	if f.Typed != nil {
		return v.T("刚才选的图片要重新选一次。")
	}
	return v.T("PNG、JPEG 或 WebP，每张不超过 %d MB。", media.MaxUpload>>20)
}
