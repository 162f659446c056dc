package order

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dashop/store/db"
	"dashop/store/fault"
)

// PageSize is how many orders a page lists.
const PageSize = 10

// MaxPage is the last page that a list shows by number; those after it are reached by cursor.
const MaxPage = 100

// CountMost is the largest number that is counted; more are reported as CountMost + 1.
const CountMost = 1000

// Page is one page of orders, newest first.
type Page struct {
	Orders []Order
	Number int    // of the page; 0 when it was reached by cursor
	Total  int    // of all pages, at most CountMost + 1
	Next   Cursor // where the next page begins; zero on the last page
}

// List is a page of a user's orders, newest first: by its number from 1 to MaxPage, or with f.After the one behind that order.
func (s *Service) List(ctx context.Context, userID int64, f Filter, number int) (Page, error) {
	if userID <= 0 { // would be everybody's
		return Page{}, fault.Missing()
	}
	f.UserID = userID
	return s.list(ctx, f, number)
}

// StaffList is a page of the orders of all users that f describes, for the merchant.
func (s *Service) StaffList(ctx context.Context, f Filter, number int) (Page, error) {
	page, err := s.list(ctx, f, number)
	if err != nil {
		return Page{}, err
	}
	return page, s.nameBuyers(ctx, page.Orders)
}

func (s *Service) list(ctx context.Context, f Filter, number int) (page Page, err error) {
	if err := f.Check(); err != nil {
		return Page{}, err
	}
	finder, err := s.finder(ctx, f)
	if err != nil {
		return Page{}, err
	}
	skip := 0
	if f.After.IsZero() {
		page.Number = min(max(number, 1), MaxPage)
		skip = (page.Number - 1) * PageSize
	}
	found, err := s.find(ctx, finder, f.After, PageSize+1, skip)
	if err != nil {
		return Page{}, err
	}
	if len(found) > PageSize {
		found = found[:PageSize]
		page.Next = found[PageSize-1]
	}
	if page.Orders, err = s.load(ctx, found); err != nil {
		return Page{}, err
	}
	page.Total = skip + len(found)
	if page.Number != 1 || !page.Next.IsZero() {
		page.Total, err = s.count(ctx, finder)
	}
	return page, err
}

// load reads the orders at these places, in their order, with their items and parcels.
func (s *Service) load(ctx context.Context, places []Cursor) ([]Order, error) {
	if len(places) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	var orders []Order
	query, args := db.In("SELECT "+columns+" FROM orders o WHERE o.id IN (?)", ids)
	if err := s.db.Select(ctx, &orders, query, args...); err != nil {
		return nil, fmt.Errorf("read a page of orders: %w", err)
	}
	slices.SortFunc(orders, func(a, b Order) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return orders, s.fill(ctx, orders)
}

// nameBuyers adds the user names of those who ordered.
func (s *Service) nameBuyers(ctx context.Context, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	ids := make([]int64, len(orders))
	for i, o := range orders {
		ids[i] = o.UserID
	}
	var users []struct {
		ID       int64  `db:"id"`
		Username string `db:"username"`
	}
	query, args := db.In("SELECT id, username FROM users WHERE id IN (?)", ids)
	if err := s.db.Select(ctx, &users, query, args...); err != nil {
		return fmt.Errorf("name the buyers of orders: %w", err)
	}
	names := map[int64]string{}
	for _, u := range users {
		names[u.ID] = u.Username
	}
	for i := range orders {
		orders[i].Username = names[orders[i].UserID]
	}
	return nil
}

// Counts are the numbers on a user's tabs, each at most CountMost + 1.
func (s *Service) Counts(ctx context.Context, userID int64) (Counts, error) {
	return s.counts(ctx, userID)
}

// StaffCounts are the numbers on the merchant's tabs.
func (s *Service) StaffCounts(ctx context.Context) (Counts, error) {
	return s.counts(ctx, 0)
}

// counted are the states in which somebody has something to do, so that how many there are is worth knowing.
var counted = []Status{StatusPendingPayment, StatusPendingShipment, StatusPendingReceipt, StatusPendingReview}

func (s *Service) counts(ctx context.Context, userID int64) (Counts, error) {
	var parts []string
	var args []any
	for _, status := range counted {
		f := finder{db: s.db}
		f.alongOrders(userID, []Status{status}, nil)
		query, more := f.counted()
		parts = append(parts, "SELECT ? AS status, ("+query+") AS n")
		args = append(append(args, status), more...)
	}
	var rows []struct {
		Status Status `db:"status"`
		N      int64  `db:"n"`
	}
	if err := s.db.Select(ctx, &rows, strings.Join(parts, " UNION ALL "), args...); err != nil {
		return nil, fmt.Errorf("count orders by state: %w", err)
	}
	c := Counts{}
	for _, r := range rows {
		if r.N > 0 {
			c[r.Status] = r.N
		}
	}
	return c, nil
}
