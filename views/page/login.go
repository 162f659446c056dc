package page

import (
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/ui"
)

// LoginPage is what the login page shows: what was typed before, where to go on to, what was wrong, and some goods to look at.
type LoginPage struct {
	Username, Next string
	Fault          *fault.Error
	Picks          []catalog.Card
	Demo           bool // tell of the demo account
}

func (l LoginPage) username(v ui.View) ui.Input {
	return ui.Input{
		Name: "username", Label: v.T("用户名或手机号"), Value: l.Username, Autocomplete: "username", Required: true, MaxLength: 40,
		Wrong: v.Wrong(l.Fault, "username"), Attrs: focusIf(l.Username == ""),
	}
}

func (l LoginPage) password(v ui.View) ui.Input {
	return ui.Input{
		Name: "password", Label: v.T("密码"), Type: "password", Autocomplete: "current-password", Required: true, MaxLength: 128,
		Wrong: v.Wrong(l.Fault, "password"), Attrs: focusIf(l.Username != ""),
	}
}

func focusIf(yes bool) map[string]any {
	if !yes {
		return nil
	}
	return map[string]any{"autofocus": true}
}
