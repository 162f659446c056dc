package webtest

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/PuerkitoBio/goquery"
)

const (
	submitters = "button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]"
	controls   = "input, select, textarea, button"
)

// Press presses a button that sends a form, called by its text, its label or a selector, after filling in fields given as
// pairs of name and value. It sends what a browser would: fields that are not on the page cannot be filled in, hidden ones
// cannot be changed, and what is required has to be there.
func (b *Browser) Press(what string, fields ...string) *Page {
	b.Shop.T.Helper()
	button := b.button(what)
	form := b.formOf(button)
	for i := 0; i+1 < len(fields); i += 2 {
		b.fill(form, fields[i], fields[i+1])
	}
	if !has(button, "formnovalidate") && !has(form, "novalidate") {
		b.validate(form)
	}
	values := b.entries(form, button)
	if b.HX {
		for _, e := range []*goquery.Selection{button, form} {
			if has(e, "hx-post") || has(e, "hx-get") {
				return b.htmx(e, values)
			}
		}
	}
	return b.submit(form, button, values)
}

// submit sends a form as a browser does by itself.
func (b *Browser) submit(form, button *goquery.Selection, values url.Values) *Page {
	b.Shop.T.Helper()
	action := button.AttrOr("formaction", form.AttrOr("action", ""))
	to, err := b.Page.URL.Parse(action)
	must(b.Shop.T, err)
	r := request{method: "GET", to: to, from: b.Page.URL, policy: b.Page.formPolicy()}
	if strings.EqualFold(button.AttrOr("formmethod", form.AttrOr("method", "get")), "post") {
		r.method, r.form = "POST", values
	} else {
		to.RawQuery = values.Encode()
	}
	return b.goTo(r)
}

// button finds what is to be pressed. Several are fine if they belong to one form and do the same.
func (b *Browser) button(what string) *goquery.Selection {
	b.Shop.T.Helper()
	found := b.called(submitters, what).FilterFunction(func(_ int, e *goquery.Selection) bool { return !has(e, "disabled") })
	if found.Length() == 0 {
		b.Shop.T.Fatalf("%s (%d) has no button %q that can be pressed", b.Page.At(), b.Page.Status, what)
	}
	first := found.First()
	form := b.formOf(first)
	found.Each(func(_ int, e *goquery.Selection) {
		if b.formOf(e).Get(0) != form.Get(0) {
			b.Shop.T.Fatalf("%s has buttons %q in more than one form", b.Page.At(), what)
		}
	})
	return first
}

// formOf is the form that a control belongs to.
func (b *Browser) formOf(e *goquery.Selection) *goquery.Selection {
	b.Shop.T.Helper()
	form := b.owner(e)
	if form.Length() == 0 {
		b.Shop.T.Fatalf("%s: %q belongs to no form", b.Page.At(), words(e))
	}
	return form
}

func (b *Browser) owner(e *goquery.Selection) *goquery.Selection {
	if id, ok := e.Attr("form"); ok {
		return b.Page.Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool { return f.AttrOr("id", "") == id }).First()
	}
	return e.Closest("form")
}

// controlsOf are the living controls of a form in the order of the page.
func (b *Browser) controlsOf(form *goquery.Selection) *goquery.Selection {
	return b.Page.Find(controls).FilterFunction(func(_ int, e *goquery.Selection) bool {
		owner := b.owner(e)
		return owner.Length() > 0 && owner.Get(0) == form.Get(0) && !has(e, "disabled") && e.Closest("fieldset[disabled]").Length() == 0
	})
}

// fill writes a value into the page, so that it stays there when only a part is swapped.
func (b *Browser) fill(form *goquery.Selection, name, value string) {
	b.Shop.T.Helper()
	field := b.controlsOf(form).FilterFunction(func(_ int, e *goquery.Selection) bool {
		return e.AttrOr("name", "") == name &&
			!e.Is("button")
	})
	if field.Length() == 0 {
		b.Shop.T.Fatalf("%s has no field %q to fill in", b.Page.At(), name)
	}
	switch {
	case field.Is("select"):
		option := field.Find("option").FilterFunction(func(_ int, o *goquery.Selection) bool {
			return !has(o, "disabled") && (optionValue(o) == value || words(o) == value)
		})
		if option.Length() == 0 {
			b.Shop.T.Fatalf("%s: %s does not offer %q", b.Page.At(), name, value)
		}
		field.Find("option").RemoveAttr("selected")
		option.First().SetAttr("selected", "")
	case field.Is("[type=radio]"):
		one := field.FilterFunction(func(_ int, e *goquery.Selection) bool { return e.AttrOr("value", "on") == value })
		if one.Length() != 1 {
			b.Shop.T.Fatalf("%s: %s does not offer %q", b.Page.At(), name, value)
		}
		field.RemoveAttr("checked")
		one.SetAttr("checked", "")
	case field.Is("[type=checkbox]"):
		field.RemoveAttr("checked")
		if value != "" {
			field.SetAttr("checked", "")
		}
	case field.Is("textarea"):
		field.SetText(value)
	case field.Is("[type=hidden], [readonly]"):
		b.Shop.T.Fatalf("%s: nobody can change %q, which is hidden or read-only", b.Page.At(), name)
	default:
		if limit, err := strconv.Atoi(field.AttrOr("maxlength", "")); err == nil && len(utf16.Encode([]rune(value))) > limit {
			b.Shop.T.Fatalf("%s: nobody can type %q into %s, which takes %d characters", b.Page.At(), value, name, limit)
		}
		field.SetAttr("value", value)
	}
}

// validate stops where a browser would not send the form.
func (b *Browser) validate(form *goquery.Selection) {
	b.Shop.T.Helper()
	b.controlsOf(form).Each(func(_ int, e *goquery.Selection) {
		value, name := valueOf(e), e.AttrOr("name", "")
		if has(e, "required") && value == "" && !e.Is("[type=radio], [type=checkbox]") {
			b.Shop.T.Fatalf("%s: the browser sends nothing while %s is empty", b.Page.At(), name)
		}
		if e.Is("[type=number]") && value != "" {
			n, err := strconv.Atoi(value)
			least, errLeast := strconv.Atoi(e.AttrOr("min", ""))
			most, errMost := strconv.Atoi(e.AttrOr("max", ""))
			if err != nil || errLeast == nil && n < least || errMost == nil && n > most {
				b.Shop.T.Fatalf("%s: the browser does not send %s=%s", b.Page.At(), name, value)
			}
		}
	})
}

// entries are the fields that go out when the button is pressed.
func (b *Browser) entries(form, button *goquery.Selection) url.Values {
	values := url.Values{}
	b.controlsOf(form).Each(func(_ int, e *goquery.Selection) {
		name := e.AttrOr("name", "")
		switch {
		case name == "":
		case e.Is("button, [type=submit], [type=image], [type=button], [type=reset]"):
			if button != nil && e.Get(0) == button.Get(0) {
				values.Add(name, e.AttrOr("value", ""))
			}
		case e.Is("[type=checkbox], [type=radio]"):
			if has(e, "checked") {
				values.Add(name, e.AttrOr("value", "on"))
			}
		default:
			values.Add(name, valueOf(e))
		}
	})
	return values
}

func valueOf(e *goquery.Selection) string {
	switch {
	case e.Is("textarea"):
		return strings.ReplaceAll(strings.TrimPrefix(e.Text(), "\n"), "\n", "\r\n")
	case e.Is("select"):
		chosen := e.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = e.Find("option").FilterFunction(func(_ int, o *goquery.Selection) bool { return !has(o, "disabled") })
		}
		return optionValue(chosen.First())
	}
	return e.AttrOr("value", "")
}

func optionValue(o *goquery.Selection) string { return o.AttrOr("value", words(o)) }

func has(e *goquery.Selection, attr string) bool {
	_, ok := e.Attr(attr)
	return ok
}
