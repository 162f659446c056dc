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

// finder is a Filter made ready for the database: conditions on orders o, and the index along which they are found. Without
// products that is one of orders; with them each product's part of the index of order_items, which keeps a copy of the
// order's created_at for it.
type finder struct {
	conditions []string
	args       []any
	statuses   []Status
	products   []int64
	from, to   time.Time
}

func (f *finder) and(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// finder looks up what the words of f mean.
func (s *Service) finder(ctx context.Context, f Filter) (*finder, error) {
	found := &finder{statuses: f.Statuses, from: f.From, to: f.To}
	if f.UserID > 0 {
		found.and("o.user_id = ?", f.UserID)
	}
	if f.Publisher > 0 {
		found.and(`EXISTS (SELECT 1 FROM order_items own JOIN spus ON spus.id = own.spu_id
			WHERE own.order_id = o.id AND spus.publisher_id = ?)`, f.Publisher)
	}
	if f.SPU > 0 && f.UserID > 0 {
		found.and("EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id AND i.spu_id = ?)", f.SPU)
	} else if f.SPU > 0 {
		found.products = []int64{f.SPU}
	}
	return found, s.narrowByWords(ctx, found, f)
}

// narrowByWords understands the words of a filter. For a shopper they are a piece of an order number, a trade number, or a
// product by its name at the time or by what the shop's search knows it by today; a shopper has few enough orders to look
// at each. The merchant's words are a whole number, which has an index, or products on sale.
func (s *Service) narrowByWords(ctx context.Context, found *finder, f Filter) error {
	words := strings.TrimSpace(f.Words)
	if words == "" {
		return nil
	}
	if f.UserID == 0 && isNumber(words) {
		found.number(words)
		return nil
	}
	named, err := s.products.Products(ctx, words, productsMost)
	if err != nil {
		return fmt.Errorf("find products for a list of orders: %w", err)
	}
	if f.UserID > 0 {
		found.own(s.db, words, named)
		return nil
	}
	if f.SPU > 0 {
		named = slices.DeleteFunc(named, func(id int64) bool { return id != f.SPU })
	}
	if found.products = named; len(named) == 0 {
		found.and("1 = 0")
	}
	return nil
}

func (f *finder) own(d *db.DB, words string, products []int64) {
	item, args := d.Contains(words, "i.name", "i.name_en")
	if len(products) > 0 {
		item, args = item+" OR i.spu_id IN (?)", append(args, products)
	}
	f.and(`(INSTR(o.order_no, ?) > 0 OR o.trade_no = ? OR EXISTS (SELECT 1 FROM order_items i
		WHERE i.order_id = o.id AND (`+item+`)))`, append([]any{words, words}, args...)...)
}

// minPrefix is how much of an order number is enough to look for those that begin so: the day and four digits more.
const minPrefix = 12

func (f *finder) number(number string) {
	is, args := "o.order_no = ? OR o.trade_no = ? OR o.mobile = ?", []any{number, number, number}
	if missing := numberLength - len(number); missing > 0 && len(number) >= minPrefix && onlyDigits(number) {
		is, args = is+" OR o.order_no BETWEEN ? AND ?", append(args, number, number+strings.Repeat("9", missing))
	}
	f.and("("+is+")", args...)
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

// places is the query for where up to n orders stand that follow after the first skip ones behind a cursor, newest first. Each
// status, or each product, has its own part of an index that is read from its newest entry on; the parts are then merged.
func (f *finder) places(after Cursor, n, skip int) (query string, args []any) {
	const byOrder, byItem = "ORDER BY o.created_at DESC, o.id DESC LIMIT ?", `GROUP BY i.created_at, i.order_id
		ORDER BY i.created_at DESC, i.order_id DESC LIMIT ?`
	var parts []string
	part := func(from, where, order string, more ...any) {
		parts = append(parts, "SELECT id, created_at FROM ("+from+" WHERE "+where+" "+order+") AS part")
		args = append(append(args, more...), n+skip)
	}
	switch {
	case len(f.products) > 0:
		where, whereArgs := f.where("i.created_at", "i.order_id", after)
		if len(f.statuses) > 0 {
			where, whereArgs = where+" AND o.status IN (?)", append(whereArgs, f.statuses)
		}
		for _, spu := range f.products {
			part("SELECT i.order_id AS id, i.created_at AS created_at FROM order_items i JOIN orders o ON o.id = i.order_id",
				"i.spu_id = ? AND "+where, byItem, append([]any{spu}, whereArgs...)...)
		}
	case len(f.statuses) > 0:
		where, whereArgs := f.where("o.created_at", "o.id", after)
		for _, status := range f.statuses {
			part("SELECT o.id, o.created_at FROM orders o", "o.status = ? AND "+where, byOrder, append([]any{status}, whereArgs...)...)
		}
	default:
		where, whereArgs := f.where("o.created_at", "o.id", after)
		part("SELECT o.id, o.created_at FROM orders o", where, byOrder, whereArgs...)
	}
	return db.In(strings.Join(parts, " UNION ")+" ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?", append(args, n, skip)...)
}

// where is all conditions, with the columns that the time and the cursor are compared with.
func (f *finder) where(at, id string, after Cursor) (string, []any) {
	conditions, args := slices.Clone(f.conditions), slices.Clone(f.args)
	and := func(condition string, more ...any) {
		conditions, args = append(conditions, condition), append(args, more...)
	}
	if !f.from.IsZero() {
		and(at+" >= ?", f.from)
	}
	if !f.to.IsZero() {
		and(at+" < ?", f.to)
	}
	if !after.IsZero() {
		and(at+" <= ?", after.At) // an index can begin here
		and("("+at+" < ? OR "+id+" < ?)", after.At, after.ID)
	}
	if len(conditions) == 0 {
		return "1 = 1", nil
	}
	return strings.Join(conditions, " AND "), args
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
	query, args := f.places(Cursor{}, CountMost+1, 0)
	if err := s.db.Get(ctx, &n, "SELECT COUNT(*) FROM ("+query+") AS counted", args...); err != nil {
		return 0, fmt.Errorf("count orders: %w", err)
	}
	return n, nil
}
