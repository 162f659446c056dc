package order_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
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
		prices := promo.New(d, goods, holdings{coupon.New(d, clock.Now), credits.New(d, clock.Now)}, clock.Now,
			promo.Rules{Freight: 1000, FreeFrom: 19900})
		carts := cart.New(d, goods, prices, clock.Now)
		orders := order.New(d, account.New(d, clock.Now, account.Options{}), prices, carts, goods.Finder(), alipayAlone{}, clock.Now,
			order.Rules{PayTimeout: 30 * time.Minute, AutoReceipt: 7 * 24 * time.Hour})
		carts.OnAdd(orders.MayBuy)
		test(shop{T: t, db: d, clock: clock, cart: carts, order: orders})
		storetest.CheckBooks(t, d)
	})
}

// holdings are coupons and credits as the store joins them.
type holdings struct {
	*coupon.Service
	credits *credits.Service
}

func (h holdings) Credits(ctx context.Context, q db.Queryer, userID int64) (int64, error) {
	return h.credits.Balance(ctx, q, userID)
}

var ctx = context.Background()

// alipayAlone offers one way to pay.
type alipayAlone struct{}

func (alipayAlone) Offered(id string) bool { return id == "alipay" }

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
	id := s.id(no)
	s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
		paid := order.Paid{Method: "alipay", TradeNo: "2026112022001496540551", At: s.clock.Now()}
		moved, err := order.MarkPaid(ctx, tx, id, paid, s.clock.Now())
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
		if c.Chosen != address || c.Quote.Goods != 17400 || c.Quote.Freight != 1000 || c.Quote.FreightShort != 2500 ||
			c.Quote.Payable != 18400 {
			s.Fatalf("checkout %+v", c)
		}
		number := s.place(order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address, PayMethod: "alipay",
			Note: "放门口"})
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
		s.wantCode(try(func(in *order.Placing) { in.CouponID = 3 }), fault.Invalid, fault.CodeBadCoupon)
		s.wantCode(try(func(in *order.Placing) { in.Credits = 100 }), fault.Invalid, fault.CodeShortCredits)
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
		_, err := s.order.Checkout(ctx, user, &promo.Item{SKUID: sku, Count: 1}, 0)
		s.wantCode(err, fault.NotFound, 0) // not even its name is told
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
		_, err = s.order.Place(ctx, order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: address,
			PayMethod: "alipay"})
		s.wantCode(err, fault.Conflict, fault.CodeShortStock)
		if !strings.Contains(err.Error(), "云南日晒咖啡豆") || !strings.Contains(err.Error(), "2") {
			s.Fatalf("the words: %v", err)
		}
	})
}
