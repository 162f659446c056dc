package webtest

import (
	"context"

	"dashop/store/order"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	"dashop/web/sandbox"
)

// Order places an order of a user for pieces of one SKU, to the user's default address, and returns its number.
func (s *Shop) Order(userID, sku, count int64) string {
	s.T.Helper()
	ctx := context.Background()
	item := &promo.Item{SKUID: sku, Count: count}
	c, err := s.Store.Order.Checkout(ctx, userID, item, 0)
	must(s.T, err)
	no, err := s.Store.Order.Place(ctx, order.Placing{
		UserID: userID, Token: c.Token, Digest: c.Quote.Digest, AddressID: c.Chosen, PayMethod: alipay.ID, BuyNow: item,
	})
	must(s.T, err)
	return no
}

// Pay pays a user's order at the cashier; the shop hears of it by notify.
func (s *Shop) Pay(userID int64, no string) {
	s.T.Helper()
	way, err := s.Store.Payment.Start(context.Background(), userID, no, alipay.ID, gateway.Payer{})
	must(s.T, err)
	_, err = s.Sandbox.Alipay.Buy(way.URL)
	must(s.T, err)
}

// Receive pays a user's order, ships it and confirms its receipt.
func (s *Shop) Receive(userID int64, no string) {
	s.T.Helper()
	s.Pay(userID, no)
	ctx := context.Background()
	must(s.T, s.Store.Order.Ship(ctx, s.Int("SELECT id FROM users WHERE username = 'owner'"), no, "sf", "SF100200300"))
	must(s.T, s.Store.Order.Receive(ctx, userID, no))
}

// Status is where an order stands.
func (s *Shop) Status(no string) order.Status {
	s.T.Helper()
	return order.Status(s.Int("SELECT status FROM orders WHERE order_no = ?", no))
}

// Inject has the sandbox misbehave.
func (s *Shop) Inject(f sandbox.Fault) {
	s.T.Helper()
	must(s.T, s.Sandbox.Inject(f))
}
