package order

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"time"
	"unicode/utf8"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/stock"
)

// Placing is a confirmation form as it was sent. It bears no amount: the digest says what was agreed to.
type Placing struct {
	UserID    int64
	Token     string // from Checkout; one token is one order
	Digest    string // of the quote that was shown
	AddressID int64
	PayMethod string
	Note      string
	BuyNow    *promo.Item // nil: the ticked lines of the cart
	CouponID  int64       // 0: none
	Credits   int64       // to pay with
}

func (in Placing) ask(items []promo.Item) promo.Ask {
	return promo.Ask{UserID: in.UserID, Items: items, CouponID: in.CouponID, Credits: in.Credits}
}

// noteLength is how many characters a note may have.
const noteLength = 200

// Beijing is the shop's time zone, for the date in an order number and for pages.
var Beijing = time.FixedZone("CST", 8*3600)

var tokenForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)

// Place makes an order, or finds the one that the same token and digest made before, and returns its number. The order,
// its items, the stock taken, the cart lines removed and the first event come to be together or not at all.
// Its faults are 50100, 50102, 50103 (names the product), 50104 and 50106.
func (s *Service) Place(ctx context.Context, in Placing) (no string, err error) {
	if err := s.check(in); err != nil {
		return "", err
	}
	// Before anything else: a form that was sent before has its answer already, whatever the cart holds now.
	if no, err := s.placed(ctx, in); no != "" || err != nil {
		return no, err
	}
	to, err := s.destination(ctx, in)
	if err != nil {
		return "", err
	}
	for try := 0; ; try++ {
		no, err = s.place(ctx, in, to)
		if err == nil {
			return no, nil
		}
		// The loser of a race with its own double click, and an unknown outcome, are settled by the token.
		if earlier, lookErr := s.placed(context.WithoutCancel(ctx), in); earlier != "" || lookErr != nil {
			return earlier, lookErr
		}
		if !db.IsDuplicate(err) || try == 3 { // else the number was taken: draw another
			return "", err
		}
	}
}

func (s *Service) check(in Placing) error {
	if !tokenForm.MatchString(in.Token) || in.Digest == "" {
		return fault.New(fault.Invalid, 0, "确认页已失效，请重新确认订单")
	}
	f := fault.Form()
	if !s.methods.Offered(in.PayMethod) {
		f.With("pay_method", "请选择支付方式")
	}
	if utf8.RuneCountInString(in.Note) > noteLength {
		f.With("note", "备注最多 %d 个字", noteLength)
	}
	return f.OrNil()
}

// placed finds the order that this token made. Another digest under the same token is another basket: 50104.
func (s *Service) placed(ctx context.Context, in Placing) (no string, err error) {
	var earlier struct {
		No     string `db:"order_no"`
		Digest string `db:"digest"`
	}
	err = s.db.Get(ctx, &earlier, "SELECT order_no, digest FROM orders WHERE user_id = ? AND checkout_token = ?", in.UserID, in.Token)
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

// destination is the address the order goes to.
func (s *Service) destination(ctx context.Context, in Placing) (account.Address, error) {
	if in.AddressID == 0 {
		all, err := s.addresses.Addresses(ctx, in.UserID)
		if err != nil {
			return account.Address{}, err
		}
		if len(all) == 0 {
			return account.Address{}, NoAddress()
		}
	}
	to, err := s.addresses.Address(ctx, s.db, in.UserID, in.AddressID)
	if fault.Is(err, fault.NotFound) { // nobody learns whether another has an address of this number
		f := fault.Field("address_id", "请选择收货地址")
		f.Code = fault.CodeBadAddress
		return account.Address{}, f
	}
	return to, err
}

// NoAddress is 50100: there is no address to send anything to yet.
func NoAddress() error {
	return fault.New(fault.Invalid, fault.CodeNoAddress, "还没有收货地址，请先添加一个")
}

func (s *Service) place(ctx context.Context, in Placing, to account.Address) (no string, err error) {
	now := s.clock()
	no = newNumber(now)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := account.Hold(ctx, tx, in.UserID); err != nil { // the address was read before, and goes with its owner
			return err
		}
		quote, err := s.basket(ctx, tx, in)
		if err != nil {
			return err
		}
		id, err := insertOrder(ctx, tx, no, in, quote, to, now, now.Add(s.rules.PayTimeout))
		if err != nil {
			return err
		}
		if err := insertItems(ctx, tx, id, quote, now); err != nil {
			return err
		}
		if in.BuyNow == nil {
			if err := cart.TakeOut(ctx, tx, cart.UserOwner(in.UserID), asked(quote)); err != nil {
				return err
			}
		}
		placed := change{to: StatusPendingPayment, kind: EventPlaced, actor: ByShopper, actorID: in.UserID}
		if err := record(ctx, tx, id, 0, placed, now); err != nil {
			return err
		}
		if quote.Payable == 0 { // nothing to pay: no gateway is asked
			if _, err := MarkPaid(ctx, tx, id, Paid{Method: in.PayMethod, At: now}, now); err != nil {
				return err
			}
		}
		// The hottest rows last, so that they are held for the shortest time.
		return takeStock(ctx, tx, id, quote, now)
	})
	return no, err
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
		if l.SKU.ID == short.SKUID {
			left := l.SKU.Stock
			if left >= l.Count { // read before another order took them
				return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 刚刚被抢先买走", l.SKU.Name)
			}
			return promo.Short(l.SKU.Name, left)
		}
	}
	return err
}

func insertOrder(ctx context.Context, tx *db.Tx, no string, in Placing, q promo.Quote, to account.Address, now, deadline time.Time) (int64, error) {
	id, err := tx.Insert(ctx, `INSERT INTO orders (order_no, user_id, status, checkout_token, digest,
		goods_fen, freight_fen, discount_fen, payable_fen, item_count, pay_method,
		receiver, mobile, area, place, address_title, postal_code, note, created_at, pay_deadline)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		no, in.UserID, StatusPendingPayment, in.Token, in.Digest,
		q.Goods, q.Freight, q.Discount, q.Payable, q.Count, in.PayMethod,
		to.Receiver, to.Mobile, to.Area, to.Place, to.Title, to.PostalCode, in.Note, now, deadline)
	if err != nil {
		return 0, fmt.Errorf("insert order %s: %w", no, err)
	}
	return id, nil
}

func insertItems(ctx context.Context, tx *db.Tx, id int64, q promo.Quote, now time.Time) error {
	for i, l := range q.Lines {
		_, err := tx.Exec(ctx, `INSERT INTO order_items (order_id, line, sku_id, spu_id, name, name_en, spec, spec_en, image, unit_fen, count, payable_fen, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, i+1, l.SKU.ID, l.SKU.SPUID, l.SKU.ProductName, l.SKU.ProductEN, l.SKU.Spec, l.SKU.SpecEN, l.SKU.Image, l.Unit, l.Count, l.Payable, now)
		if err != nil {
			return fmt.Errorf("insert item %d of order %d: %w", i+1, id, err)
		}
	}
	return nil
}

func asked(q promo.Quote) []promo.Item {
	list := make([]promo.Item, len(q.Lines))
	for i, l := range q.Lines {
		list[i] = promo.Item{SKUID: l.SKU.ID, Count: l.Count}
	}
	return list
}

// newNumber is the day in Beijing and twelve random digits.
func newNumber(now time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		panic(err) // the system's random source is gone: nothing can be sold safely
	}
	return now.In(Beijing).Format("20060102") + fmt.Sprintf("%012d", n)
}
