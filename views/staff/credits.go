package staff

import (
	"net/url"

	"dashop/store/account"
	"dashop/store/credits"
	"dashop/views/ui"
)

// CreditsPage is the page on which the merchant looks at a shopper's credits and changes them.
type CreditsPage struct {
	Form     Form
	Username string        // as it was asked for; "" before anybody was
	User     *account.User // nil: nobody was found
	History  credits.History
}

// CreditsHref is the page about a user.
func CreditsHref(username string, page int) string {
	href := "/admin/credits?username=" + url.QueryEscape(username)
	if page > 1 {
		href += "&page=" + ui.ID(page)
	}
	return href
}

func (p CreditsPage) href(page int) string { return CreditsHref(p.Username, page) }

func creditKinds(v ui.View) []ui.Choice {
	var out []ui.Choice
	for _, k := range []credits.Kind{credits.Granted, credits.Corrected} {
		out = append(out, ui.Choice{Value: string(k), Label: v.T(k.Name())})
	}
	return out
}
