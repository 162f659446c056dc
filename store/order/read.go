package order

import (
	"context"
	"strings"

	"dashop/store/db"
)

// pageSize is how many orders a page lists.
const pageSize = 10

// columns are those of an Order, by name, so that a column added later disturbs no older program.
const columns = `o.id, o.order_no, o.user_id, o.status, o.cancel_reason, o.checkout_token, o.digest, o.goods_fen, o.freight_fen, o.discount_fen,
	o.payable_fen, o.item_count, o.pay_method, o.receiver, o.mobile, o.area, o.place, o.address_title, o.postal_code, o.note, o.created_at,
	o.pay_deadline, o.paid_at, o.shipped_at, o.receipt_due, o.received_at, o.review_due, o.ended_at, o.reminded_at, o.reviewed_count`

// MaxPage is the last page that a list shows by number.
const MaxPage = 100

// Filter chooses orders for a list.
type Filter struct {
	Status int // 0: all; 5 lists 4 and 5 (design.md 5)
	Page   int // from 1
}

// own is an order of this user; any other is NotFound.
func (s *Service) own(ctx context.Context, userID int64, no string) (o Order, err error) {
	err = s.db.Get(ctx, &o, "SELECT "+columns+" FROM orders o WHERE o.order_no = ? AND o.user_id = ?", no, userID)
	return o, err
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
	if err := s.db.Get(ctx, &o, "SELECT "+columns+", u.username FROM orders o JOIN users u ON u.id = o.user_id WHERE o.order_no = ?", no); err != nil {
		return Order{}, err
	}
	return s.detail(ctx, o)
}

func (s *Service) detail(ctx context.Context, o Order) (Order, error) {
	list := []Order{o}
	if err := s.fill(ctx, list); err != nil {
		return Order{}, err
	}
	o = list[0]
	err := s.db.Select(ctx, &o.Events, `SELECT order_id, kind, from_status, to_status, actor, actor_id, detail, created_at
		FROM order_events WHERE order_id = ? ORDER BY created_at DESC, id DESC`, o.ID)
	return o, err
}

// List is a page of a user's orders, newest first.
func (s *Service) List(ctx context.Context, userID int64, f Filter) (Page, error) {
	return s.list(ctx, "SELECT "+columns+" FROM orders o WHERE o.user_id = ?", []any{userID}, f)
}

// StaffList is a page of all orders, newest first, for the merchant.
func (s *Service) StaffList(ctx context.Context, f Filter) (Page, error) {
	return s.list(ctx, "SELECT "+columns+", u.username FROM orders o JOIN users u ON u.id = o.user_id WHERE 1 = 1", nil, f)
}

func (s *Service) list(ctx context.Context, query string, args []any, f Filter) (Page, error) {
	page := Page{Number: min(max(f.Page, 1), MaxPage)}
	if statuses := f.statuses(); len(statuses) > 0 {
		query += " AND o.status IN (?)"
		args = append(args, statuses)
	}
	query, args = db.In(query+" ORDER BY o.created_at DESC, o.id DESC LIMIT ? OFFSET ?", append(args, pageSize+1, (page.Number-1)*pageSize)...)
	if err := s.db.Select(ctx, &page.Orders, query, args...); err != nil {
		return Page{}, err
	}
	if len(page.Orders) > pageSize {
		page.Orders, page.HasNext = page.Orders[:pageSize], page.Number < MaxPage
	}
	return page, s.fill(ctx, page.Orders)
}

func (f Filter) statuses() []Status {
	switch {
	case f.Status <= 0:
		return nil
	case Status(f.Status) == StatusCompleted:
		return []Status{StatusPendingReview, StatusCompleted}
	}
	return []Status{Status(f.Status)}
}

// fill adds items and parcels to orders, with one query each.
func (s *Service) fill(ctx context.Context, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	at := map[int64]*Order{}
	ids := make([]int64, len(orders))
	for i := range orders {
		ids[i] = orders[i].ID
		at[orders[i].ID] = &orders[i]
	}
	var items []Item
	query, args := db.In("SELECT order_id, line, sku_id, spu_id, name, name_en, spec, spec_en, image, unit_fen, count, payable_fen, reviewed_at FROM order_items WHERE order_id IN (?) ORDER BY order_id, line", ids)
	if err := s.db.Select(ctx, &items, query, args...); err != nil {
		return err
	}
	for _, it := range items {
		at[it.OrderID].Items = append(at[it.OrderID].Items, it)
	}
	var parcels []Shipment
	query, args = db.In("SELECT order_id, carrier, tracking_no, created_at FROM shipments WHERE order_id IN (?) ORDER BY id", ids)
	if err := s.db.Select(ctx, &parcels, query, args...); err != nil {
		return err
	}
	for _, p := range parcels {
		at[p.OrderID].Shipments = append(at[p.OrderID].Shipments, p)
	}
	return nil
}

// Counts are the numbers on a user's tabs.
func (s *Service) Counts(ctx context.Context, userID int64) (Counts, error) {
	return s.counts(ctx, "WHERE user_id = ?", userID)
}

// StaffCounts are the numbers on the merchant's tabs, of the states in which somebody has something to do.
func (s *Service) StaffCounts(ctx context.Context) (Counts, error) {
	return s.counts(ctx, "WHERE status IN (?, ?, ?)", StatusPendingPayment, StatusPendingShipment, StatusPendingReceipt)
}

func (s *Service) counts(ctx context.Context, where string, args ...any) (Counts, error) {
	var rows []struct {
		Status Status `db:"status"`
		N      int64  `db:"n"`
	}
	if err := s.db.Select(ctx, &rows, strings.Join([]string{"SELECT status, COUNT(*) AS n FROM orders", where, "GROUP BY status"}, " "), args...); err != nil {
		return nil, err
	}
	c := Counts{}
	for _, r := range rows {
		c[r.Status] = r.N
	}
	return c, nil
}

// ValidNumber says whether a text has the form of an order number, so that a path can be refused without a query.
func ValidNumber(no string) bool {
	if len(no) != 20 {
		return false
	}
	for _, r := range no {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// ByID is an order with no one's rights checked, for the payments that know it by id.
func (s *Service) ByID(ctx context.Context, q db.Queryer, id int64) (o Order, err error) {
	err = q.Get(ctx, &o, "SELECT "+columns+" FROM orders o WHERE o.id = ?", id)
	return o, err
}
