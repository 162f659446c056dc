package page

import (
	"net/url"

	"github.com/a-h/templ"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/ui"
)

// AddressesPage is what the address book shows: the addresses, and a form to add one or to edit the one with the id Editing.
type AddressesPage struct {
	List    []account.Address
	Editing int64 // 0: the form adds
	ShowNew bool
	Form    account.AddressForm
	Fault   *fault.Error
	Next    string // where to go on to after saving; "" stays here
}

func (a AddressesPage) showForm() bool { return a.Editing != 0 || a.ShowNew || len(a.List) == 0 }

func (a AddressesPage) action() string {
	if a.Editing != 0 {
		return addressHref(a.Editing)
	}
	return "/account/addresses"
}

// AddressesHref leads to the address book and from there back to next, if it is not "".
func AddressesHref(next string) string { return withNext("/account/addresses", next) }

func addressHref(id int64, verb ...string) string {
	to := "/account/addresses/" + ui.ID(id)
	for _, v := range verb {
		to += "/" + v
	}
	return to
}

func withNext(to, next string) string {
	if next == "" {
		return to
	}
	return to + "?next=" + url.QueryEscape(next)
}

// addressPart is an address form's fields with what is wrong with them.
type addressPart struct {
	account.AddressForm
	wrong *fault.Error
	form  string // the id of the form that they belong to when it does not stand around them; then one may leave them empty
	to    string // where that form's buttons among them lead
}

// addressNames are the fields in the order of the page.
var addressNames = []string{"receiver", "mobile", "province_id", "city_id", "district_id", "place", "title", "postal_code"}

func (a addressPart) field(v ui.View, in ui.Input) ui.Input {
	attrs := a.belongs()
	for name, value := range in.Attrs {
		attrs[name] = value
	}
	in.Wrong, in.Attrs = v.Wrong(a.wrong, in.Name), attrs
	if a.form != "" {
		in.Required = false
		if in.Name == a.firstWrong() { // the page opens there
			in.Attrs["autofocus"] = true
		}
	}
	return in
}

// area is one of the three lists; with htmx, choosing in it fills the list next, and without it the button beside the three
// shows the page again.
func (a addressPart) area(v ui.View, name, label string, chosen int64, next string) ui.Input {
	in := ui.Input{Name: name, Label: label, Required: true}
	if chosen != 0 {
		in.Value = ui.ID(chosen)
	}
	if next != "" {
		in.Attrs = templ.Attributes{"hx-get": "/areas", "hx-target": "#f-" + next, "hx-swap": "innerHTML"}
	}
	return a.field(v, in)
}

func (a addressPart) firstWrong() string {
	for _, name := range addressNames {
		if _, bad := a.faults()[name]; bad {
			return name
		}
	}
	return ""
}

func (a addressPart) faults() map[string]fault.Text {
	if a.wrong == nil {
		return nil
	}
	return a.wrong.Fields
}

// belongs names the form that a control is part of.
func (a addressPart) belongs() templ.Attributes {
	if a.form == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{"form": a.form}
}

// sends is belongs for a button that sends the form.
func (a addressPart) sends() templ.Attributes {
	attrs := a.belongs()
	if a.to != "" {
		attrs["formaction"] = a.to
	}
	return attrs
}

// AreaChoices are areas as the entries of a list, with the invitation to choose on top.
func AreaChoices(v ui.View, areas []account.Area) []ui.Choice {
	choices := []ui.Choice{{Label: v.T("请选择")}}
	for _, a := range areas {
		choices = append(choices, ui.Choice{Value: ui.ID(a.ID), Label: a.Name})
	}
	return choices
}

// newHref leads to the form for one more address.
func newHref(next string) string {
	to := withNext("/account/addresses", next)
	if next == "" {
		return to + "?new=1#address-form"
	}
	return to + "&new=1#address-form"
}
