package ui

import "github.com/a-h/templ"

// Input describes one field of a form. Words are already in the reader's language.
type Input struct {
	Name         string
	ID           string // "" makes it "f-" + Name; set it when two forms of a page share names
	Label        string
	Aside        string // at the right of the label, such as 选填
	AsideHref    string // makes the aside a link
	Hint         string // below the field
	Wrong        string // what is wrong with the value, or ""
	Value        string
	Type         string // "" is text
	Placeholder  string
	Autocomplete string
	InputMode    string // such as numeric
	MaxLength    int
	Required     bool
	Small        bool // 36 high, for tables and filters
	Live         bool // what stands below the field may be swapped: it has an id of its own, NoteID
	Good         bool // Hint says that the value is fine
	Reveal       bool // a password with a button, named RevealLabel, that shows it
	RevealLabel  string
	Attrs        templ.Attributes
}

// NoteID is the id of what stands below a live field with this name.
func NoteID(name string) string { return "f-" + name + "-note" }

func (in Input) id() string {
	if in.ID != "" {
		return in.ID
	}
	return "f-" + in.Name
}

func (in Input) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

// about names the elements that explain the field, for aria-describedby.
func (in Input) about() string {
	switch {
	case in.Live:
		return in.id() + "-note"
	case in.Wrong != "":
		return in.id() + "-wrong"
	case in.Hint != "":
		return in.id() + "-hint"
	}
	return ""
}

// common are the attributes that every kind of field shares.
func (in Input) common() templ.Attributes {
	a := templ.Attributes{"id": in.id(), "name": in.Name}
	if in.Required {
		a["required"] = true
	}
	if in.MaxLength > 0 {
		a["maxlength"] = ID(in.MaxLength)
	}
	if in.Placeholder != "" {
		a["placeholder"] = in.Placeholder
	}
	if in.Autocomplete != "" {
		a["autocomplete"] = in.Autocomplete
	}
	if in.InputMode != "" {
		a["inputmode"] = in.InputMode
	}
	if in.Wrong != "" {
		a["aria-invalid"] = "true"
	}
	if about := in.about(); about != "" {
		a["aria-describedby"] = about
	}
	for k, v := range in.Attrs {
		a[k] = v
	}
	return a
}

// Choice is one entry of a Select.
type Choice struct {
	Value, Label string
	Disabled     bool
}

// Tick is a check box or a radio button.
type Tick struct {
	Name, Value string
	Label       string
	HideLabel   bool // the label is only for screen readers
	Checked     bool
	Mixed       bool // a check box for "all" when only some are ticked
	Disabled    bool
	Attrs       templ.Attributes
}

// Stepper is a number of pieces with − and + beside it.
type Stepper struct {
	Name     string
	Value    int64
	Min, Max int64
	Label    string // for screen readers, such as 数量
	Small    bool   // 32 high, as in the cart
	Attrs    templ.Attributes
}

// step names a button after the number's id, so that the focus finds it again when htmx has swapped it. Without an id it
// has no name.
func (s Stepper) step(which string) templ.Attributes {
	id, ok := s.Attrs["id"].(string)
	if !ok {
		return nil
	}
	return templ.Attributes{"id": id + which}
}

// SpecChoice is one option of a spec on the product page: a link to the variant that has it.
type SpecChoice struct {
	Label   string
	Href    string
	Picture string // stored path of the swatch picture, or ""
	Note    string // such as 仅剩 4 件
	Chosen  bool
	Off     bool // no variant has it together with what is chosen: shown, and no link
	SoldOut bool // cannot be had in this combination; stays a link, so that one may look
	Attrs   templ.Attributes
}
