package order_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// shop is the part of the shop that takes orders.
type shop struct {
	*testing.T
	db    *db.DB
	clock *storetest.Clock
	cart  *cart.Service
	order *order.Service
}

func each(t *testing.T, test func(s shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		goods := catalog.New(d, clock.Now)
		prices := promo.New(goods, promo.Rules{Freight: 1000, FreeFrom: 19900})
		carts := cart.New(d, goods, prices, clock.Now)
		orders := order.New(d, account.New(d, clock.Now), prices, carts, clock.Now, order.Rules{PayTimeout: 30 * time.Minute, AutoReceipt: 7 * 24 * time.Hour})
		test(shop{T: t, db: d, clock: clock, cart: carts, order: orders})
		storetest.CheckBooks(t, d)
	})
}

var ctx = context.Background()

func (s shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s shop) count(query string, args ...any) (n int64) {
	s.Helper()
	s.must(s.db.Get(ctx, &n, query, args...))
	return n
}

// buyer is a user with an address.
func (s shop) buyer(name string) (user, address int64) {
	s.Helper()
	user = storetest.User(s, s.db, name)
	return user, storetest.Address(s, s.db, user)
}

// form is a confirmation form for one item, filled in.
func (s shop) form(user, address, sku, count int64) order.Placing {
	s.Helper()
	item := &promo.Item{SKUID: sku, Count: count}
	c, err := s.order.Checkout(ctx, user, item, address)
	s.must(err)
	return order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay", BuyNow: item}
}

func (s shop) place(in order.Placing) string {
	s.Helper()
	no, err := s.order.Place(ctx, in)
	s.must(err)
	return no
}

func (s shop) pay(no string) {
	s.Helper()
	s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := order.MarkPaid(ctx, tx, s.id(no), s.clock.Now(), s.clock.Now())
		if err == nil && !moved {
			err = errors.New("not moved")
		}
		return err
	}))
	// The books ask for the payment of a paid order.
	storetest.Exec(s, s.db, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, trade_no, created_at, expires_at)
		SELECT id, order_no, user_id, 'alipay', CONCAT(order_no, '01'), payable_fen, 2, CONCAT('T', order_no), created_at, pay_deadline FROM orders WHERE order_no = ?`, no)
}

func (s shop) id(no string) int64 { return s.count("SELECT id FROM orders WHERE order_no = ?", no) }

func (s shop) wantCode(err error, kind fault.Kind, code int) {
	s.Helper()
	if !fault.Is(err, kind) || fault.Of(err).Code != code {
		s.Fatalf("got %v (%+v), want kind %d code %d", err, fault.Of(err), kind, code)
	}
}

func TestPlaceFromCart(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		beans, pot, unticked := storetest.SKU(s, s.db, 12400, 5), storetest.SKU(s, s.db, 5000, 3), storetest.SKU(s, s.db, 100, 9)
		owner := cart.UserOwner(user)
		s.must(s.cart.Add(ctx, owner, beans, 1))
		s.must(s.cart.Add(ctx, owner, pot, 1))
		s.must(s.cart.Add(ctx, owner, unticked, 1))
		no := false
		s.must(s.cart.Change(ctx, owner, unticked, nil, &no))
		c, err := s.order.Checkout(ctx, user, nil, 0)
		s.must(err)
		if c.Chosen != address || c.Quote.Goods != 17400 || c.Quote.Freight != 1000 || c.Quote.FreightShort != 2500 || c.Quote.Payable != 18400 {
			s.Fatalf("checkout %+v", c)
		}
		number := s.place(order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay", Note: "放门口"})
		o, err := s.order.Order(ctx, user, number)
		s.must(err)
		if o.Status != order.StatusPendingPayment || o.Payable != 18400 || len(o.Items) != 2 || o.ItemCount != 2 || o.Receiver != "张小明" ||
			o.Area != "北京市 北京市 东城区" || o.Note != "放门口" || !o.PayDeadline.Equal(s.clock.Now().Add(30*time.Minute)) || len(o.Events) != 1 {
			s.Fatalf("order %+v", o)
		}
		if !strings.HasPrefix(number, "20260304") || !order.ValidNumber(number) {
			s.Fatalf("number %s", number)
		}
		left, err := s.cart.Cart(ctx, owner)
		s.must(err)
		if len(left.Lines) != 1 || left.Lines[0].SKU.ID != unticked {
			s.Fatalf("cart after the order: %+v", left.Lines)
		}
		if q := s.count("SELECT quantity FROM stocks WHERE sku_id = ?", beans); q != 4 {
			s.Fatalf("stock %d", q)
		}
	})
}

func TestAnOrderIsACopyOfWhatWasBought(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 2))
		storetest.Exec(s, s.db, "UPDATE skus SET price_fen = 1, name = 'x', image = 'x'")
		storetest.Exec(s, s.db, "UPDATE spus SET name = 'x'")
		storetest.Exec(s, s.db, "UPDATE addresses SET receiver = 'x', place = 'x'")
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if it := o.Items[0]; it.Unit != 12400 || it.Name != "云南日晒咖啡豆" || it.Image == "x" || o.Receiver != "张小明" || o.Place == "x" {
			s.Fatalf("order %+v", o)
		}
	})
}

func TestBuyNowLeavesTheCartAlone(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 2))
		s.place(s.form(user, address, sku, 1))
		if n, err := s.cart.Count(ctx, cart.UserOwner(user)); err != nil || n != 2 {
			s.Fatalf("cart holds %d, %v", n, err)
		}
	})
}

// TestSameFormIsOneOrder posts one form fifty times at once, and again later, with an empty cart.
func TestSameFormIsOneOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 100)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
		c, err := s.order.Checkout(ctx, user, nil, 0)
		s.must(err)
		in := order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay"}
		numbers := make([]string, 50)
		var wg sync.WaitGroup
		for i := range numbers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				no, err := s.order.Place(ctx, in)
				if err != nil {
					s.Error(err)
				}
				numbers[i] = no
			}()
		}
		wg.Wait()
		for _, no := range numbers {
			if no != numbers[0] {
				s.Fatalf("two orders: %s, %s", numbers[0], no)
			}
		}
		if s.place(in) != numbers[0] || s.count("SELECT COUNT(*) FROM orders") != 1 {
			s.Fatal("a later repeat made another order")
		}
		other := in
		other.Digest = strings.Repeat("0", 64)
		_, err = s.order.Place(ctx, other)
		s.wantCode(err, fault.Conflict, fault.CodeTooFast)
	})
}

// TestTwoTabsOfOneCartMakeOneOrder sends two forms, each with a token of its own, for the same lines at once.
func TestTwoTabsOfOneCartMakeOneOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 100)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
		tabs := make([]order.Checkout, 8)
		for i := range tabs {
			c, err := s.order.Checkout(ctx, user, nil, 0)
			s.must(err)
			tabs[i] = c
		}
		var wg sync.WaitGroup
		for _, c := range tabs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := s.order.Place(ctx, order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay"})
				if err != nil && fault.Of(err).Kind != fault.Conflict && fault.Of(err).Kind != fault.Invalid {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if n := s.count("SELECT COUNT(*) FROM orders"); n != 1 {
			s.Fatalf("%d orders", n)
		}
	})
}

// TestNoOversell lets 200 buyers at once try to buy 10 pieces.
func TestNoOversell(t *testing.T) {
	each(t, func(s shop) {
		const buyers, pieces = 200, 10
		sku := storetest.SKU(s, s.db, 12400, pieces)
		forms := make([]order.Placing, buyers)
		for i := range forms {
			user, address := s.buyer(fmt.Sprintf("buyer%d", i))
			forms[i] = s.form(user, address, sku, 1)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for _, in := range forms {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := s.order.Place(ctx, in)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !fault.HasCode(err, fault.CodeShortStock) {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if left := s.count("SELECT quantity FROM stocks WHERE sku_id = ?", sku); won != pieces || left != 0 {
			s.Fatalf("%d won, %d left", won, left)
		}
		if n := s.count("SELECT COUNT(*) FROM orders"); n != pieces {
			s.Fatalf("%d orders", n)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		_, foreign := s.buyer("other")
		nowhere := storetest.User(s, s.db, "nowhere")
		sku := storetest.SKU(s, s.db, 12400, 5)
		good := s.form(user, address, sku, 2)
		try := func(change func(in *order.Placing)) error {
			in := good
			change(&in)
			_, err := s.order.Place(ctx, in)
			return err
		}
		s.wantCode(try(func(in *order.Placing) { in.AddressID = foreign }), fault.Invalid, fault.CodeBadAddress)
		s.wantCode(try(func(in *order.Placing) { in.AddressID = 99999 }), fault.Invalid, fault.CodeBadAddress)
		s.wantCode(try(func(in *order.Placing) { in.UserID, in.AddressID = nowhere, 0 }), fault.Invalid, fault.CodeNoAddress)
		s.wantCode(try(func(in *order.Placing) { in.Digest = strings.Repeat("a", 64) }), fault.Conflict, fault.CodePriceChanged)
		s.wantCode(try(func(in *order.Placing) { in.Token = "" }), fault.Invalid, 0)
		s.wantCode(try(func(in *order.Placing) { in.Token = "a b'; --" }), fault.Invalid, 0)
		s.wantCode(try(func(in *order.Placing) { in.PayMethod = "cash" }), fault.Invalid, 0)
		s.wantCode(try(func(in *order.Placing) { in.Note = strings.Repeat("好", 201) }), fault.Invalid, 0)
		s.wantCode(try(func(in *order.Placing) { in.BuyNow = &promo.Item{SKUID: 424242, Count: 1} }), fault.NotFound, 0)
		for _, n := range []int64{0, -1, 100, 1e12} {
			s.wantCode(try(func(in *order.Placing) { in.BuyNow = &promo.Item{SKUID: sku, Count: n} }), fault.Invalid, 0)
		}
		if n := s.count("SELECT COUNT(*) FROM orders"); n != 0 {
			s.Fatalf("%d orders", n)
		}
		storetest.Exec(s, s.db, "UPDATE skus SET price_fen = 12500 WHERE id = ?", sku)
		s.wantCode(try(func(*order.Placing) {}), fault.Conflict, fault.CodePriceChanged)
		storetest.Exec(s, s.db, "UPDATE skus SET is_launched = 0 WHERE id = ?", sku)
		s.wantCode(try(func(*order.Placing) {}), fault.Conflict, fault.CodeShortStock)
	})
}

func TestShortStockNamesTheProduct(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 5))
		c, err := s.order.Checkout(ctx, user, nil, 0)
		s.must(err)
		other, to := s.buyer("faster")
		s.place(s.form(other, to, sku, 3))
		_, err = s.order.Place(ctx, order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay"})
		s.wantCode(err, fault.Conflict, fault.CodeShortStock)
		if !strings.Contains(err.Error(), "云南日晒咖啡豆") || !strings.Contains(err.Error(), "2") {
			s.Fatalf("the words: %v", err)
		}
	})
}

// TestEachStatementMayFail breaks the n-th statement of placing, for n = 1, 2, 3 … until none breaks, and the moment
// before and after the commit. Nothing is half done, and the same form then makes its one order.
func TestEachStatementMayFail(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 100, 1000)
		boom := errors.New("boom")
		for n := 1; ; n++ {
			in := s.form(user, address, sku, 1)
			before := s.count("SELECT COUNT(*) FROM orders")
			seen, hit := 0, ""
			broken := db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			})
			no, err := s.order.Place(broken, in)
			storetest.CheckBooks(s, s.db)
			if hit == "" {
				s.must(err)
				if n < 8 {
					s.Fatalf("only %d statements were broken", n)
				}
				return
			}
			orders := s.count("SELECT COUNT(*) FROM orders") - before
			if hit == "COMMITTED" { // the answer was lost, the order was not: it is found by its token
				if err != nil || orders != 1 {
					s.Fatalf("after a lost answer: %v, %d orders", err, orders)
				}
			} else if !errors.Is(err, boom) || orders != 0 {
				s.Fatalf("after %q failed: %q, %v, %d orders", hit, no, err, orders)
			}
			again := s.place(in)
			if no != "" && no != again {
				s.Fatalf("after %q: %s, then %s", hit, no, again)
			}
			if n := s.count("SELECT COUNT(*) FROM orders"); n != before+1 {
				s.Fatalf("after %q and a repeat: %d orders", hit, n-before)
			}
		}
	})
}

func TestLifeOfAnOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		stranger, _ := s.buyer("stranger")
		staff := storetest.User(s, s.db, "staff")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 2))
		s.wantCode(s.order.Receive(ctx, user, no), fault.Conflict, fault.CodeWrongOrderState)
		s.wantCode(s.order.Remind(ctx, user, no), fault.Conflict, fault.CodeWrongOrderState)
		s.wantCode(s.order.Ship(ctx, staff, no, "sf", "SF1234567890"), fault.Conflict, fault.CodeWrongOrderState)
		s.pay(no)
		s.must(s.order.Remind(ctx, user, no))
		s.wantCode(s.order.Remind(ctx, user, no), fault.Conflict, 0)
		for _, bad := range [][2]string{{"", "SF1234567890"}, {"pigeon", "SF1234567890"}, {"sf", ""}, {"sf", "<b>"}, {"sf", "1234"}} {
			s.wantCode(s.order.Ship(ctx, staff, no, bad[0], bad[1]), fault.Invalid, 0)
		}
		s.must(s.order.Ship(ctx, staff, no, "sf", " sf1234567890 "))
		s.must(s.order.Ship(ctx, staff, no, "sf", "SF1234567890")) // the same parcel again
		s.wantCode(s.order.Ship(ctx, staff, no, "zto", "ZT1234567890"), fault.Conflict, fault.CodeWrongOrderState)
		if n := s.count("SELECT COUNT(*) FROM audit_log WHERE action = 'order.ship'"); n != 1 {
			s.Fatalf("%d audit entries", n)
		}
		s.wantCode(s.order.Receive(ctx, stranger, no), fault.NotFound, 0)
		if _, err := s.order.Order(ctx, stranger, no); !fault.Is(err, fault.NotFound) {
			s.Fatal("another's order is visible")
		}
		s.must(s.order.Receive(ctx, user, no))
		s.must(s.order.Receive(ctx, user, no)) // a second click
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusPendingReview || len(o.Events) != 5 || o.Events[0].Kind != order.EventReceived || o.Shipments[0].TrackingNo != "SF1234567890" {
			s.Fatalf("order %+v", o)
		}
		s.clock.Advance(30 * 24 * time.Hour)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 1 {
			s.Fatalf("swept %d, %v", n, err)
		}
		o, err = s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusCompleted {
			s.Fatalf("after 30 days: %s", o.Status.Name())
		}
	})
}

func TestReceiptConfirmsItself(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		no := s.place(s.form(user, address, storetest.SKU(s, s.db, 12400, 5), 1))
		s.pay(no)
		s.must(s.order.Ship(ctx, user, no, "sf", "SF1234567890"))
		s.clock.Advance(7*24*time.Hour - time.Millisecond)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 0 {
			s.Fatalf("too early: %d, %v", n, err)
		}
		s.clock.Advance(time.Millisecond)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 1 {
			s.Fatalf("swept %d, %v", n, err)
		}
	})
}

// TestCancelAndPayAtOnce lets one order be cancelled and paid by many at once: it ends as one of the two, and stock agrees.
func TestCancelAndPayAtOnce(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 2))
		id, now := s.id(no), s.clock.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		moves := 0
		for i := range 16 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
					var moved bool
					if i%2 == 0 {
						moved, err = order.Cancel(ctx, tx, id, order.CancelledByShopper, order.ByShopper, user, now)
					} else {
						moved, err = order.MarkPaid(ctx, tx, id, now, now)
					}
					if err == nil && moved {
						mu.Lock()
						moves++
						mu.Unlock()
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if moves != 1 {
			s.Fatalf("%d moves", moves)
		}
		if s.count("SELECT status FROM orders WHERE id = ?", id) == int64(order.StatusPendingShipment) {
			storetest.Exec(s, s.db, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, created_at, expires_at)
				SELECT id, order_no, user_id, 'alipay', 'x', payable_fen, 2, created_at, pay_deadline FROM orders`)
		}
	})
}

func TestTabsCountAndList(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, money.Fen(100), 1000)
		var newest string
		for i := range 12 {
			s.clock.Advance(time.Second)
			newest = s.place(s.form(user, address, sku, 1))
			if i < 2 {
				s.pay(newest)
			}
		}
		counts, err := s.order.Counts(ctx, user)
		s.must(err)
		if counts[order.StatusPendingPayment] != 10 || counts[order.StatusPendingShipment] != 2 {
			s.Fatalf("counts %v", counts)
		}
		p, err := s.order.List(ctx, user, order.Filter{})
		s.must(err)
		if len(p.Orders) != 10 || !p.HasNext || p.Orders[0].No != newest || len(p.Orders[0].Items) != 1 {
			s.Fatalf("first page: %d, %v", len(p.Orders), p.HasNext)
		}
		p, err = s.order.List(ctx, user, order.Filter{Page: 2})
		s.must(err)
		if len(p.Orders) != 2 || p.HasNext {
			s.Fatalf("second page: %d, %v", len(p.Orders), p.HasNext)
		}
		p, err = s.order.List(ctx, user, order.Filter{Status: 2})
		s.must(err)
		if len(p.Orders) != 2 {
			s.Fatalf("待发货: %d", len(p.Orders))
		}
	})
}

func TestReorderNamesWhatCannotBeBought(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 3))
		left, err := s.order.Reorder(ctx, user, no)
		s.must(err)
		if len(left) != 1 { // two are left, three were bought
			s.Fatalf("left over: %v", left)
		}
	})
}

func TestOnlyAllowedMoves(t *testing.T) {
	allowed := map[[2]order.Status]bool{{1, 2}: true, {1, 6}: true, {2, 3}: true, {3, 4}: true, {4, 5}: true}
	for from := order.Status(0); from <= 7; from++ {
		for to := order.Status(0); to <= 7; to++ {
			if order.MayMove(from, to) != allowed[[2]order.Status{from, to}] {
				t.Errorf("from %d to %d: %v", from, to, !allowed[[2]order.Status{from, to}])
			}
		}
	}
}
