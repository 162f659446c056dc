package order

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dashop/store/db"
	"dashop/store/promo"
)

// columns are those of an Order, by name, so that a column added later disturbs no older program.
const columns = `o.id, o.order_no, o.user_id, o.status, o.cancel_reason, o.checkout_token, o.digest, o.goods_fen, o.freight_fen, o.discount_fen,
	o.payable_fen, o.item_count, o.pay_method, o.receiver, o.mobile, o.area, o.place, o.address_title, o.postal_code, o.note,
	o.user_coupon_id, o.credits, o.created_at,
	o.pay_deadline, o.paid_at, o.trade_no, o.shipped_at, o.receipt_due, o.received_at, o.review_due, o.ended_at, o.reminded_at, o.reviewed_count`

// own is an order of this user; any other is NotFound.
func (s *Service) own(ctx context.Context, userID int64, no string) (o Order, err error) {
	err = s.db.Get(s.db.PointRead(ctx), &o, "SELECT "+columns+" FROM orders o WHERE o.order_no = ? AND o.user_id = ?", no, userID)
	return o, err
}

// Head is one of a user's orders without its items, parcels and timeline; another's is NotFound.
func (s *Service) Head(ctx context.Context, userID int64, no string) (Order, error) {
	return s.own(ctx, userID, no)
}

// WithItems is one of a user's orders with its items, but without its parcels and timeline; another's is NotFound.
func (s *Service) WithItems(ctx context.Context, userID int64, no string) (Order, error) {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return Order{}, err
	}
	list := []Order{o}
	err = s.fillItems(s.db.PointRead(ctx), byID(list))
	return list[0], err
}

// Order is one of a user's orders with its items, parcels and timeline; another's is NotFound.
func (s *Service) Order(ctx context.Context, userID int64, no string) (Order, error) {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return Order{}, err
	}
	return s.detail(ctx, o)
}

// StaffOrder is any order, for the merchant.
func (s *Service) StaffOrder(ctx context.Context, no string) (Order, error) {
	var o Order
	if err := s.db.Get(ctx, &o, "SELECT "+columns+", u.username FROM orders o JOIN users u ON u.id = o.user_id WHERE o.order_no = ?",
		no); err != nil {
		return Order{}, err
	}
	return s.detail(ctx, o)
}

func (s *Service) detail(ctx context.Context, o Order) (Order, error) {
	list := []Order{o}
	ctx = s.db.PointRead(ctx)
	if err := s.fill(ctx, list); err != nil {
		return Order{}, err
	}
	o = list[0]
	if err := s.fillShares(ctx, &o); err != nil {
		return Order{}, err
	}
	err := s.db.Select(ctx, &o.Events, `SELECT order_id, kind, from_status, to_status, actor, actor_id, detail, created_at
		FROM order_events WHERE order_id = ? ORDER BY created_at DESC, id DESC`, o.ID)
	return o, err
}

// fill adds items and parcels to orders, with one query each.
func (s *Service) fill(ctx context.Context, orders []Order) error {
	at := byID(orders)
	if err := s.fillItems(ctx, at); err != nil || len(at) == 0 {
		return err
	}
	var parcels []Shipment
	query, args := db.In("SELECT order_id, carrier, tracking_no, created_at FROM shipments WHERE order_id IN (?) ORDER BY id",
		slices.Sorted(maps.Keys(at)))
	if err := s.db.Select(ctx, &parcels, query, args...); err != nil {
		return err
	}
	for _, p := range parcels {
		at[p.OrderID].Shipments = append(at[p.OrderID].Shipments, p)
	}
	return nil
}

func (s *Service) fillItems(ctx context.Context, at map[int64]*Order) error {
	if len(at) == 0 {
		return nil
	}
	var items []Item
	query, args := db.In(`SELECT order_id, line, sku_id, spu_id, name, name_en, spec, spec_en, image, unit_fen, count, sale_fen, sale_count, payable_fen,
		freight_fen, is_virtual, validity_days, reviewed_at FROM order_items WHERE order_id IN (?) ORDER BY order_id, line`, slices.Sorted(maps.Keys(at)))
	if err := s.db.Select(ctx, &items, query, args...); err != nil {
		return err
	}
	for _, it := range items {
		at[it.OrderID].Items = append(at[it.OrderID].Items, it)
	}
	return nil
}

// fillShares adds what was taken off to the items of an order.
func (s *Service) fillShares(ctx context.Context, o *Order) error {
	if o.Discount == 0 {
		return nil
	}
	var shares []struct {
		Line int `db:"line"`
		promo.Share
	}
	err := s.db.Select(ctx, &shares, "SELECT line, kind, ref_id, name, name_en, amount_fen FROM order_shares WHERE order_id = ? ORDER BY line, seq",
		o.ID)
	if err != nil {
		return fmt.Errorf("read the shares of order %d: %w", o.ID, err)
	}
	at := make(map[int]*Item, len(o.Items))
	for i := range o.Items {
		at[o.Items[i].Line] = &o.Items[i]
	}
	for _, sh := range shares {
		at[sh.Line].Shares = append(at[sh.Line].Shares, sh.Share)
	}
	return nil
}

func byID(orders []Order) map[int64]*Order {
	at := make(map[int64]*Order, len(orders))
	for i := range orders {
		at[orders[i].ID] = &orders[i]
	}
	return at
}

// ValidNumber says whether a text has the form of an order number, so that a path can be refused without a query.
func ValidNumber(no string) bool {
	return len(no) == numberLength && onlyDigits(no)
}

// numberLength is the length of an order number.
const numberLength = 20

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// ByID is an order with no one's rights checked, for the payments that know it by id.
func (s *Service) ByID(ctx context.Context, q db.Queryer, id int64) (o Order, err error) {
	err = q.Get(ctx, &o, "SELECT "+columns+" FROM orders o WHERE o.id = ?", id)
	return o, err
}
