package order

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dashop/store/db"
)

// Products finds products by words, so that their orders can be found.
type Products interface {
	// Products are the ids of at most so many products on sale that have all the words.
	Products(ctx context.Context, words string, most int) ([]int64, error)
}

// productsMost is how many products the words of one Filter can mean.
const productsMost = 20

// finder is a Filter made ready for the database: the parts of indexes in which its orders stand, and what they have to be besides.
type finder struct {
	db         *db.DB
	parts      []part
	distinct   bool     // no order stands in two parts
	conditions []string // on orders o
	args       []any
	from, to   time.Time
}

// part is one stretch of an index: its entries that begin alike, which then stand by the time and the id of their orders. So it is
// read from its newest entry on, as far as is needed.
type part struct {
	from    string // the table and its index, and what is joined to it
	at, id  string // the columns of the order's time and id
	is      string // how the entries begin; "" is all of them
	args    []any
	repeats bool // an order may have several entries
}

func (f *finder) and(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// finder looks up what the words of f mean, and chooses the indexes.
//
// For a shopper the words are a piece of an order number, a trade number, or a product by its name at the time or by what the
// shop's search knows it by today; a shopper has few enough orders to look at each. The merchant's words are a whole number,
// which has an index, or products on sale.
func (s *Service) finder(ctx context.Context, f Filter) (*finder, error) {
	found := &finder{db: s.db, from: f.From, to: f.To}
	if f.Publisher > 0 {
		found.and(`EXISTS (SELECT 1 FROM order_items own JOIN spus ON spus.id = own.spu_id
			WHERE own.order_id = o.id AND spus.publisher_id = ?)`, f.Publisher)
	}
	var products []int64
	if f.SPU > 0 {
		products = []int64{f.SPU}
	}
	words := strings.TrimSpace(f.Words)
	if f.UserID == 0 && isNumber(words) {
		found.alongNumber(words, f.Statuses, products)
		return found, nil
	}
	if words != "" {
		named, err := s.products.Products(ctx, words, productsMost)
		if err != nil {
			return nil, fmt.Errorf("find products for a list of orders: %w", err)
		}
		switch {
		case f.UserID > 0:
			found.own(words, named)
		case f.SPU > 0 && !slices.Contains(named, f.SPU), len(named) == 0:
			found.and("1 = 0")
		case f.SPU == 0:
			products = named
		}
	}
	if f.UserID == 0 && len(products) > 0 && !open(f.Statuses) {
		found.alongProducts(products, f.Statuses)
	} else {
		found.alongOrders(f.UserID, f.Statuses, products)
	}
	return found, nil
}

// open says whether a filter asks for orders alone that still have to be paid, shipped or received: these are few.
func open(statuses []Status) bool {
	return len(statuses) > 0 && !slices.ContainsFunc(statuses, func(s Status) bool { return s > StatusPendingReceipt })
}

// alongOrders finds orders by who placed them and in which state they are, and looks them through for products.
func (f *finder) alongOrders(userID int64, statuses []Status, products []int64) {
	f.have(products)
	f.distinct = true
	switch {
	case userID > 0 && len(statuses) == 0:
		f.orders("orders_user", "o.user_id = ?", userID)
	case len(statuses) == 0:
		f.orders("orders_created", "")
	}
	for _, status := range statuses {
		if userID > 0 {
			f.orders("orders_user_status", "o.user_id = ? AND o.status = ?", userID, status)
		} else {
			f.orders("orders_status", "o.status = ?", status)
		}
	}
}

// alongProducts finds orders by the index of their items, which have a copy of the order's created_at for it. For a state that few orders
// of a product are in, all of these may be looked at.
func (f *finder) alongProducts(products []int64, statuses []Status) {
	f.areIn(statuses)
	from := "order_items i" + f.db.Along("order_items_spu")
	if len(f.conditions) > 0 {
		from += " JOIN orders o" + f.db.Along(db.Primary) + " ON o.id = i.order_id"
	}
	for _, spu := range products {
		f.parts = append(f.parts, part{from: from, at: "i.created_at", id: "i.order_id", is: "i.spu_id = ?", args: []any{spu}, repeats: true})
	}
}

// minPrefix is how much of an order number is enough to look for those that begin so: the day and four digits more.
const minPrefix = 12

// alongNumber finds the order of a number, those paid under it, those sent to it as a mobile, and those whose number begins so,
// which are too few to need an index that has them by time.
func (f *finder) alongNumber(number string, statuses []Status, products []int64) {
	f.areIn(statuses)
	f.have(products)
	numbers := part{from: "orders o", at: "+o.created_at", id: "o.id", is: "o.order_no = ?", args: []any{number}}
	f.parts = append(f.parts, numbers)
	f.orders("orders_trade", "o.trade_no = ?", number)
	f.orders("orders_mobile", "o.mobile = ?", number)
	if missing := numberLength - len(number); missing > 0 && len(number) >= minPrefix && onlyDigits(number) {
		numbers.is, numbers.args = "o.order_no BETWEEN ? AND ?", []any{number, number + strings.Repeat("9", missing)}
		f.parts = append(f.parts, numbers)
	}
}

// orders adds a part of an index of orders.
func (f *finder) orders(index, is string, args ...any) {
	f.parts = append(f.parts, part{from: "orders o" + f.db.Along(index), at: "o.created_at", id: "o.id", is: is, args: args})
}

func (f *finder) areIn(statuses []Status) {
	if len(statuses) > 0 {
		f.and("+o.status IN (?)", statuses) // for the plus see db.Along
	}
}

// have counts, and so does own: to answer EXISTS, MySQL may read all items there are.
func (f *finder) have(products []int64) {
	if len(products) > 0 {
		f.and("(SELECT COUNT(*) FROM order_items i"+f.db.Along(db.Primary)+" WHERE i.order_id = o.id AND +i.spu_id IN (?)) > 0", products)
	}
}

func (f *finder) own(words string, products []int64) {
	item, args := f.db.Contains(words, "i.name", "i.name_en")
	if len(products) > 0 {
		item, args = item+" OR i.spu_id IN (?)", append(args, products)
	}
	f.and("(INSTR(o.order_no, ?) > 0 OR o.trade_no = ? OR (SELECT COUNT(*) FROM order_items i"+f.db.Along(db.Primary)+
		" WHERE i.order_id = o.id AND ("+item+")) > 0)", append([]any{words, words}, args...)...)
}

// isNumber says whether words can only be the number of something: an order, a trade, a mobile.
func isNumber(words string) bool {
	digits := 0
	for _, r := range words {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', r == '-', r == '_':
		default:
			return false
		}
	}
	return digits >= 8 && digits*2 > len(words)
}

// places is the query for where up to n orders stand that follow after the first skip ones behind a cursor, newest first.
func (f *finder) places(after Cursor, n, skip int) (query string, args []any) {
	if len(f.parts) == 1 {
		query, args = f.part(f.parts[0], after)
		return db.In(query+" LIMIT ? OFFSET ?", append(args, n, skip)...)
	}
	query, args = f.union(after, n+skip)
	return db.In(query+" ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?", append(args, n, skip)...)
}

// counted is the query for how many orders there are. Of each part no more are counted out than CountMost + 1.
func (f *finder) counted() (query string, args []any) {
	query, args = f.union(Cursor{}, CountMost+1)
	return db.In("SELECT COUNT(*) FROM ("+query+") AS counted", args...)
}

// union puts up to n orders of each part together.
func (f *finder) union(after Cursor, n int) (query string, args []any) {
	var parts []string
	for _, p := range f.parts {
		query, more := f.part(p, after)
		parts = append(parts, query+" LIMIT ?")
		args = append(append(args, more...), n)
	}
	if len(parts) == 1 {
		return parts[0], args
	}
	together := " UNION "
	if f.distinct {
		together = " UNION ALL "
	}
	return "SELECT id, created_at FROM (" + strings.Join(parts, ") AS part"+together+"SELECT id, created_at FROM (") + ") AS part", args
}

// part is the query for the orders of a part behind a cursor, newest first.
func (f *finder) part(p part, after Cursor) (query string, args []any) {
	conditions := slices.Clone(f.conditions)
	args = append(slices.Clone(p.args), f.args...)
	if p.is != "" {
		conditions = slices.Insert(conditions, 0, p.is)
	}
	and := func(condition string, more ...any) {
		conditions, args = append(conditions, condition), append(args, more...)
	}
	if !f.from.IsZero() {
		and(p.at+" >= ?", f.from)
	}
	switch { // one bound alone: of two, an index could be entered at the wrong one
	case !after.IsZero() && (f.to.IsZero() || after.At.Before(f.to)):
		and(p.at+" <= ?", after.At)
		and("("+p.at+" < ? OR "+p.id+" < ?)", after.At, after.ID)
	case !f.to.IsZero():
		and(p.at+" < ?", f.to)
	}
	query = "SELECT " + p.id + " AS id, " + strings.TrimPrefix(p.at, "+") + " AS created_at FROM " + p.from
	if len(conditions) > 0 {
		query += " WHERE " + strings.Join(conditions, " AND ")
	}
	if p.repeats {
		query += " GROUP BY " + p.at + ", " + p.id
	}
	return query + " ORDER BY " + p.at + " DESC, " + p.id + " DESC", args
}

// find gives where up to n orders stand.
func (s *Service) find(ctx context.Context, f *finder, after Cursor, n, skip int) ([]Cursor, error) {
	var places []Cursor
	query, args := f.places(after, n, skip)
	if err := s.db.Select(ctx, &places, query, args...); err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	return places, nil
}

// count counts out as far as CountMost.
func (s *Service) count(ctx context.Context, f *finder) (n int, err error) {
	query, args := f.counted()
	if err := s.db.Get(ctx, &n, query, args...); err != nil {
		return 0, fmt.Errorf("count orders: %w", err)
	}
	return min(n, CountMost+1), nil
}
