// Package order takes an order from the confirmation page to the received parcel.
package order

import (
	"context"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/promo"
)

// reviewTime is how long after receipt an order waits for reviews before it counts as completed.
const reviewTime = 30 * 24 * time.Hour

// Rules are the merchant's figures.
type Rules struct {
	PayTimeout  time.Duration // from placing to the pay deadline
	AutoReceipt time.Duration // from the last parcel to the receipt that confirms itself
}

// Addresses is what ordering needs to know of people.
type Addresses interface {
	// Addresses lists a user's addresses, the default first.
	Addresses(ctx context.Context, userID int64) ([]account.Address, error)
	// Address is one of a user's addresses; any other id is NotFound.
	Address(ctx context.Context, q db.Queryer, userID, id int64) (account.Address, error)
}

// Service takes orders and moves them on.
type Service struct {
	db        *db.DB
	addresses Addresses
	promo     *promo.Service
	cart      *cart.Service
	clock     db.Clock
	rules     Rules
}

// New makes a Service.
func New(d *db.DB, a Addresses, p *promo.Service, c *cart.Service, clock db.Clock, r Rules) *Service {
	return &Service{db: d, addresses: a, promo: p, cart: c, clock: clock, rules: r}
}
