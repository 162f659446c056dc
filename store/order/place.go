package order

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/stock"
)

// Placing is a confirmation form as it was sent. It contains no amount: the digest says what was agreed to.
type Placing struct {
	UserID    int64
	Token     string // from Checkout; one token is one order
	Digest    string // of the quote that was shown
	AddressID int64
	PayMethod string
	Note      string
	BuyNow    *promo.Item  // one item at once; nil: lines of the cart
	Lines     []promo.Item // of the cart, as the page showed them; none: what the page would show now
	CouponID  int64        // 0: none
	Credits   int64        // to pay with
}

// lookFor bounds the look for what became of an order whose request has no time left.
const lookFor = 3 * time.Second

// noteLength is how many characters a note may have.
const noteLength = 200

// Beijing is the shop's time zone, for the date in an order number and for pages.
var Beijing = time.FixedZone("CST", 8*3600)

var tokenForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)

// Place makes an order, or finds the one that the same token and digest made before, and returns its number. The order,
// its items, the stock taken, the cart lines removed and the first event come to be together or not at all.
// Its faults are 50100, 50102, 50103 (names the product), 50104, 50106, 50107 and 50108.
func (s *Service) Place(ctx context.Context, in Placing) (no string, err error) {
	if err := s.check(in); err != nil {
		return "", err
	}
	// First: a form that was already sent gets its first answer again, whatever is in the cart now.
	if no, err := s.placed(ctx, in); no != "" || err != nil {
		return no, err
	}
	for try := 0; ; try++ {
		no, err = s.place(ctx, in)
		if err == nil {
			return no, nil
		}
		// After a double click, or an unknown outcome, the token shows whether the order was placed.
		if earlier, lookErr := s.placedLate(ctx, in); earlier != "" || lookErr != nil {
			return earlier, lookErr
		}
		if !db.IsDuplicate(err) || try == 3 { // else the number was taken: draw another
			return "", err
		}
	}
}

// placedLate is placed when the time of the request may be up: what became of the order is still looked up, for a moment.
func (s *Service) placedLate(ctx context.Context, in Placing) (no string, err error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), lookFor)
	defer stop()
	return s.placed(ctx, in)
}

// placed finds the order that this token made. Another digest under the same token is another basket: 50104.
func (s *Service) placed(ctx context.Context, in Placing) (no string, err error) {
	var earlier struct {
		No     string `db:"order_no"`
		Digest string `db:"digest"`
	}
	err = s.db.Get(s.db.PointRead(ctx), &earlier, "SELECT order_no, digest FROM orders WHERE user_id = ? AND checkout_token = ?",
		in.UserID, in.Token)
	switch {
	case fault.Is(err, fault.NotFound):
		return "", nil
	case err != nil:
		return "", err
	case earlier.Digest != in.Digest:
		return "", fault.New(fault.Conflict, fault.CodeTooFast, "这张确认页已经提交过订单，请重新确认")
	}
	return earlier.No, nil
}

// place plans an order and writes it in a transaction of its own.
func (s *Service) place(ctx context.Context, in Placing) (no string, err error) {
	p, err := s.plan(ctx, in)
	if err != nil {
		return "", err
	}
	return p.no, s.db.Tx(ctx, func(tx *db.Tx) error { return s.write(ctx, tx, p) })
}

// write makes the order of a plan within tx, and finds what has changed since the plan was made: the price is 50106, the cart
// 50104, the stock 50103. With an error it leaves half an order, so tx is given up, or write stands in a part of it: then
// several orders can be written in one transaction, and one that is refused does not undo the others.
func (s *Service) write(ctx context.Context, tx *db.Tx, p plan) error {
	if err := account.Hold(ctx, tx, p.in.UserID); err != nil { // the address was read before, and goes with its owner
		return err
	}
	if err := s.promo.Confirm(ctx, tx, p.quote); fault.Is(err, fault.NotFound) && p.in.BuyNow == nil {
		return cart.Changed() // as by the plan
	} else if err != nil {
		return err
	}
	if err := refuseOwned(ctx, tx, p.in.UserID, p.quote); err != nil {
		return err
	}
	id, err := insertOrder(ctx, tx, p, p.now.Add(s.rules.PayTimeout))
	if err != nil {
		return err
	}
	if err := insertItems(ctx, tx, id, p.quote, p.now); err != nil {
		return err
	}
	if p.in.BuyNow == nil {
		if err := cart.TakeOut(ctx, tx, cart.UserOwner(p.in.UserID), p.quote.Ask.Items); err != nil {
			return err
		}
	}
	placed := change{to: StatusPendingPayment, kind: EventPlaced, actor: ByShopper, actorID: p.in.UserID}
	if err := record(ctx, tx, id, 0, placed, p.now); err != nil {
		return err
	}
	if err := s.takeHoldings(ctx, tx, id, p.quote, p.now); err != nil {
		return err
	}
	if p.quote.Payable == 0 { // nothing to pay: no gateway is asked
		if _, err := MarkPaid(ctx, tx, id, Paid{Method: MethodFree, At: p.now}, p.now); err != nil {
			return err
		}
	}
	// The hottest rows last, so that they are held for the shortest time.
	return takeStock(ctx, tx, id, p.quote, p.now)
}

// takeHoldings takes the coupon, the credits and the pieces of flash sales that an order was priced with.
func (s *Service) takeHoldings(ctx context.Context, tx *db.Tx, id int64, quote promo.Quote, now time.Time) error {
	user := quote.Ask.UserID
	if quote.Ask.CouponID != 0 {
		saving := money.Fen(0)
		for _, off := range quote.Discounts {
			if off.Kind == promo.KindCoupon {
				saving = off.Amount
			}
		}
		if err := coupon.Take(ctx, tx, user, quote.Ask.CouponID, id, saving, now); err != nil {
			return err
		}
	}
	if err := credits.Spend(ctx, tx, user, id, quote.Ask.Credits, now); err != nil {
		return err
	}
	return sale.TakeFlash(ctx, tx, id, quote, s.clock)
}

func takeStock(ctx context.Context, tx *db.Tx, id int64, quote promo.Quote, now time.Time) error {
	pieces := make([]stock.Piece, len(quote.Lines))
	for i, l := range quote.Lines {
		pieces[i] = stock.Piece{SKUID: l.SKU.ID, Count: l.Count}
	}
	err := stock.Take(ctx, tx, id, pieces, now)
	var short *stock.ShortError
	if !errors.As(err, &short) {
		return err
	}
	for _, l := range quote.Lines {
		if l.SKU.ID == short.SKUID { // there was enough when the order was planned
			return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 刚刚被抢先买走", l.SKU.Name)
		}
	}
	return err
}

func insertOrder(ctx context.Context, tx *db.Tx, p plan, deadline time.Time) (int64, error) {
	id, err := tx.Insert(ctx, `INSERT INTO orders (order_no, user_id, status, checkout_token, digest,
		goods_fen, freight_fen, discount_fen, payable_fen, item_count, pay_method,
		receiver, mobile, area, place, address_title, postal_code, note, user_coupon_id, credits,
		created_at, pay_deadline)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.no, p.in.UserID, StatusPendingPayment, p.in.Token, p.in.Digest,
		p.quote.Goods, p.quote.Freight, p.quote.Discount, p.quote.Payable, p.quote.Count, p.in.PayMethod,
		p.to.Receiver, p.to.Mobile, p.to.Area, p.to.Place, p.to.Title, p.to.PostalCode, p.in.Note,
		p.quote.Ask.CouponID, p.quote.Ask.Credits, p.now, deadline)
	if err != nil {
		return 0, fmt.Errorf("insert order %s: %w", p.no, err)
	}
	return id, nil
}

var itemColumns = []string{
	"order_id", "line", "sku_id", "spu_id", "name", "name_en", "spec", "spec_en", "image", "unit_fen", "count", "sale_fen",
	"sale_count", "payable_fen", "freight_fen", "is_virtual", "validity_days", "created_at",
}

var shareColumns = []string{"order_id", "line", "seq", "kind", "ref_id", "name", "name_en", "amount_fen"}

// insertItems writes the lines of an order, and why each costs what it costs.
func insertItems(ctx context.Context, tx *db.Tx, id int64, q promo.Quote, now time.Time) error {
	rows := make([][]any, len(q.Lines))
	var shares [][]any
	for i, l := range q.Lines {
		sale := money.Fen(0)
		if l.AtSale > 0 {
			sale = l.Sale.Price
		}
		rows[i] = []any{id, i + 1, l.SKU.ID, l.SKU.SPUID, l.SKU.ProductName, l.SKU.ProductEN, l.SKU.Spec, l.SKU.SpecEN, l.SKU.Image,
			l.Unit, l.Count, sale, l.AtSale, l.Payable, l.Freight, l.SKU.Virtual, l.SKU.Days, now}
		for j, s := range l.Shares {
			shares = append(shares, []any{id, i + 1, j + 1, s.Kind, s.ID, s.Name, s.NameEN, s.Amount})
		}
	}
	if err := tx.InsertMany(ctx, "order_items", itemColumns, rows); err != nil {
		return fmt.Errorf("insert items of order %d: %w", id, err)
	}
	if err := tx.InsertMany(ctx, "order_shares", shareColumns, shares); err != nil {
		return fmt.Errorf("insert shares of order %d: %w", id, err)
	}
	return nil
}

// newNumber is the day in Beijing and twelve random digits.
func newNumber(now time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		panic(err) // the system's random source is gone: nothing can be sold safely
	}
	return now.In(Beijing).Format("20060102") + fmt.Sprintf("%012d", n)
}
