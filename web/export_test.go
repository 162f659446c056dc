package web

import "dashop/store/account"

// Table is the table of routes of a shop, for tests that walk it.
func Table(d Deps) ([]Route, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	return s.routes(), nil
}

// Admits says whether the rule lets somebody with this role in; "" is a stranger.
func (w Who) Admits(role account.Role) bool {
	if role == "" {
		return w.allows(nil) == nil
	}
	return w.allows(&account.User{Role: role}) == nil
}

// IsGateway says whether the rule is for messages of a payment gateway.
func (w Who) IsGateway() bool { return w.gateway }
