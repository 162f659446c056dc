package web

import (
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
)

// Afresh is the app of a shop that keeps no pages.
func Afresh(d Deps) (*fiber.App, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	s.shop.Kept = nil
	return s.app(s.routes()), nil
}

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
