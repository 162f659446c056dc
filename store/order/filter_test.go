package order_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/storetest"
)

func TestRangesAreWholeDaysOfBeijing(t *testing.T) {
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04:05.000", s, order.Beijing)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	now := at("2026-03-01 00:30:00.000") // still February in London
	for r, want := range map[order.Range][2]string{
		order.AnyTime:   {"", ""},
		order.Today:     {"2026-03-01 00:00:00.000", ""},
		order.Yesterday: {"2026-02-28 00:00:00.000", "2026-03-01 00:00:00.000"},
		order.Last7:     {"2026-02-23 00:00:00.000", ""},
		order.Last30:    {"2026-01-31 00:00:00.000", ""},
		order.Older:     {"", "2026-01-31 00:00:00.000"},
	} {
		from, to := r.Bounds(now)
		if !from.Equal(at(want[0])) || !to.Equal(at(want[1])) {
			t.Errorf("%q: %v to %v", r, from, to)
		}
	}
}

func TestCursorsAreReadAsTheyAreWritten(t *testing.T) {
	c := order.Cursor{At: time.UnixMilli(1764412345678).UTC(), ID: 42}
	if got, err := order.ParseCursor(c.String()); err != nil || got != c {
		t.Errorf("%q: %v, %v", c, got, err)
	}
	if got, err := order.ParseCursor(""); err != nil || !got.IsZero() {
		t.Errorf("none: %v, %v", got, err)
	}
	for _, text := range []string{"x", "1", "1-", "-1-2", "1-0", "1--2", "01-2", "1-02", "1-2-3", " 1-2", "1-2\n", "+1-2",
		"1-9999999999999999", "１-2"} {
		if _, err := order.ParseCursor(text); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// sold is an order as the model of TestAnyFilterFindsItsOrders knows it.
type sold struct {
	id        int64
	no        string
	user      int64
	status    order.Status
	at        time.Time
	trade     string
	mobile    string
	spus      []int64
	publisher map[int64]bool
}

// named stands in for the shop's search: each of these products has a word of its own.
type named map[string][]int64

func (n named) Products(_ context.Context, words string, most int) ([]int64, error) {
	found := n[words]
	return found[:min(most, len(found))], nil
}

// TestAnyFilterFindsItsOrders compares random filters with a model that looks at every order, page by page, by number and by
// cursor.
func TestAnyFilterFindsItsOrders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		r := rand.New(rand.NewPCG(7, 32))
		words := named{"咖啡": {1, 2}, "茶": {3}, "everything": {1, 2, 3, 4}}
		orders := order.New(d, nil, nil, nil, words, nil, clock.Now, order.Rules{})
		all := sell(t, d, clock.Now(), r, 130)
		for range 150 {
			f, matches := randomFilter(r, all, clock.Now(), words)
			want := slices.DeleteFunc(slices.Clone(all), func(o sold) bool { return !matches(o) })
			slices.SortFunc(want, func(a, b sold) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
			checkPages(t, orders, f, want)
		}
	})
}

// sell inserts n orders, some at the same moment, some with a product in two lines.
func sell(t *testing.T, d *db.DB, now time.Time, r *rand.Rand, n int) (all []sold) {
	for spu := range int64(4) {
		storetest.Exec(t, d, `INSERT INTO spus (id, name, name_en, brand_id, category1_id, category2_id, category3_id, description, description_en, image,
			is_launched, created_at, publisher_id) VALUES (?, ?, '', 1, 1, 1, 1, '', '', '', 1, ?, ?)`, spu+1, fmt.Sprint("Ware货", spu+1),
			now, spu%2)
	}
	for i := range n {
		o := sold{
			id: int64(i + 1), no: fmt.Sprintf("20260304%012d", r.IntN(1e9)), user: r.Int64N(3) + 1, status: order.Status(r.IntN(6) + 1),
			at: now.Add(-time.Duration(r.IntN(60)) * 24 * time.Hour), mobile: fmt.Sprint("1380013560", r.IntN(10)),
			publisher: map[int64]bool{},
		}
		var trade any
		if r.IntN(2) == 0 {
			o.trade = fmt.Sprint("20260304220014965405", 100000+i)
			trade = o.trade
		}
		storetest.Exec(t, d, `INSERT INTO orders (id, order_no, user_id, status, checkout_token, digest, goods_fen, freight_fen, payable_fen, item_count,
			pay_method, receiver, mobile, area, place, created_at, pay_deadline, trade_no) VALUES (?, ?, ?, ?, ?, '', 1, 0, 1, 1, 'x', '', ?, '', '', ?, ?, ?)`,
			o.id, o.no, o.user, o.status, o.no, o.mobile, o.at, o.at, trade)
		for line := range r.IntN(3) + 1 {
			spu := r.Int64N(4) + 1
			o.spus = append(o.spus, spu)
			o.publisher[(spu-1)%2] = true
			storetest.Exec(t, d, `INSERT INTO order_items (order_id, line, sku_id, spu_id, name, unit_fen, count, payable_fen, created_at)
				VALUES (?, ?, ?, ?, ?, 1, 1, 1, ?)`, o.id, line+1, spu*100+int64(line), spu, fmt.Sprint("Ware货", spu), o.at)
		}
		all = append(all, o)
	}
	return all
}

// randomFilter draws a filter, and what it should let through.
func randomFilter(r *rand.Rand, all []sold, now time.Time, words named) (f order.Filter, matches func(sold) bool) {
	one := all[r.IntN(len(all))]
	var tests []func(sold) bool
	add := func(chance int, set func() func(sold) bool) {
		if r.IntN(chance) == 0 {
			tests = append(tests, set())
		}
	}
	add(2, func() func(sold) bool {
		f.UserID = one.user
		return func(o sold) bool { return o.user == one.user }
	})
	add(2, func() func(sold) bool {
		f.Statuses = order.Tab(order.Status(r.IntN(7)))
		return func(o sold) bool { return len(f.Statuses) == 0 || slices.Contains(f.Statuses, o.status) }
	})
	add(3, func() func(sold) bool {
		f.From, f.To = order.Ranges[r.IntN(len(order.Ranges))].Bounds(now)
		return func(o sold) bool { return !o.at.Before(f.From) && (f.To.IsZero() || o.at.Before(f.To)) }
	})
	add(3, func() func(sold) bool {
		f.SPU = one.spus[0]
		return func(o sold) bool { return slices.Contains(o.spus, f.SPU) }
	})
	add(6, func() func(sold) bool { f.Publisher = 1; return func(o sold) bool { return o.publisher[1] } })
	add(3, func() func(sold) bool {
		own := f.UserID > 0
		f.Words = []string{
			one.no, one.trade, one.mobile, one.no[:14], one.no[3:11], "咖啡", "茶", "everything", "wARE货4", "nothing", " ",
		}[r.IntN(11)]
		return func(o sold) bool { return saidBy(o, strings.TrimSpace(f.Words), own, words) }
	})
	return f, func(o sold) bool {
		return !slices.ContainsFunc(tests, func(test func(sold) bool) bool { return !test(o) })
	}
}

// saidBy says whether words mean an order, for its shopper or for the merchant.
func saidBy(o sold, words string, own bool, products named) bool {
	product := slices.ContainsFunc(o.spus, func(spu int64) bool { return slices.Contains(products[words], spu) })
	switch {
	case words == "":
		return true
	case own:
		inName := slices.ContainsFunc(o.spus, func(spu int64) bool {
			return strings.Contains(strings.ToLower(fmt.Sprint("Ware货", spu)), strings.ToLower(words))
		})
		return strings.Contains(o.no, words) || o.trade == words || product || inName
	}
	return o.no == words || o.trade == words || o.mobile == words || len(words) == 14 && strings.HasPrefix(o.no, words) || product
}

// checkPages walks through a list by number and by cursor.
func checkPages(t *testing.T, orders *order.Service, f order.Filter, want []sold) {
	t.Helper()
	list := func(f order.Filter, number int) order.Page {
		get := orders.StaffList
		if f.UserID > 0 {
			get = func(ctx context.Context, f order.Filter, number int) (order.Page, error) {
				return orders.List(ctx, f.UserID, f, number)
			}
		}
		p, err := get(context.Background(), f, number)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		return p
	}
	for number, rest, after := 1, want, f; ; number++ {
		page := rest[:min(order.PageSize, len(rest))]
		byNumber, byCursor := list(f, number), list(after, 1)
		for _, p := range []order.Page{byNumber, byCursor} {
			if len(p.Orders) != len(page) || p.Total != len(want) || p.Next.IsZero() != (len(rest) <= order.PageSize) {
				t.Fatalf("%+v, page %d: %d orders of %d, next %v; want %d of %d",
					f, number, len(p.Orders), p.Total, p.Next, len(page), len(want))
			}
			for i, o := range p.Orders {
				if o.ID != page[i].id || len(o.Items) != len(page[i].spus) {
					t.Fatalf("%+v, page %d: order %d at %d, want %d", f, number, o.ID, i, page[i].id)
				}
			}
		}
		if rest = rest[len(page):]; len(rest) == 0 {
			return
		}
		after.After = byNumber.Next
	}
}

// TestListsRefuse what no list is: another's orders by mistake, and words without end.
func TestListsRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		orders := order.New(d, nil, nil, nil, named{}, nil, clock.Now, order.Rules{})
		if _, err := orders.List(ctx, 0, order.Filter{}, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody's orders: %v", err)
		}
		long := order.Filter{Words: strings.Repeat("很", order.MaxWords+1)}
		if _, err := orders.List(ctx, 1, long, 1); !fault.Is(err, fault.Invalid) || fault.Of(err).Fields["q"].Msg == "" {
			t.Errorf("long words: %v", err)
		}
	})
}

// TestCountsEnd has more orders than are counted out.
func TestCountsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		orders := order.New(d, nil, nil, nil, named{}, nil, clock.Now, order.Rules{})
		now := clock.Now()
		for at := 0; at < order.CountMost+30; at += 103 {
			var rows []string
			var args []any
			for i := at; i < at+103; i++ {
				no := fmt.Sprintf("20260304%012d", i)
				rows = append(rows, "(?, 1, 2, ?, '', 1, 0, 1, 1, 'x', '', '', '', '', ?, ?)")
				args = append(args, no, no, now.Add(time.Duration(i)*time.Second), now)
			}
			storetest.Exec(t, d, `INSERT INTO orders (order_no, user_id, status, checkout_token, digest, goods_fen, freight_fen, payable_fen, item_count,
				pay_method, receiver, mobile, area, place, created_at, pay_deadline) VALUES `+strings.Join(rows, ", "), args...)
		}
		p, err := orders.List(ctx, 1, order.Filter{}, order.MaxPage)
		if err != nil || p.Total != order.CountMost+1 || p.Next.IsZero() {
			t.Fatalf("the last numbered page: %d, next %v, %v", p.Total, p.Next, err)
		}
		behind, err := orders.List(ctx, 1, order.Filter{After: p.Next}, 1)
		last := p.Orders[order.PageSize-1].CreatedAt
		if err != nil || len(behind.Orders) != order.PageSize || !behind.Orders[0].CreatedAt.Before(last) ||
			behind.Total != order.CountMost+1 {
			t.Fatalf("the page behind it: %d orders, %v", len(behind.Orders), err)
		}
		counts, err := orders.StaffCounts(ctx)
		if err != nil || counts[order.StatusPendingShipment] != order.CountMost+1 || counts[order.StatusPendingPayment] != 0 {
			t.Fatalf("counts %v, %v", counts, err)
		}
	})
}
