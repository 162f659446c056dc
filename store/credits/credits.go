// Package credits keeps what shoppers earn by buying and spend on orders, with a ledger that explains each balance.
package credits

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/promo"
)

// Kind says what an entry of the ledger is about.
type Kind string

// The kinds of entries.
const (
	Earned    Kind = "earned"     // +n: an order was received
	Spent     Kind = "spent"      // −n: an order was paid with them
	GivenBack Kind = "given_back" // +n: that order, or a part of it, was cancelled or refunded
	TakenBack Kind = "taken_back" // −n: what had earned them was refunded
	Granted   Kind = "granted"    // +n: a gift of the merchant
	Corrected Kind = "corrected"  // ±n: by the merchant's hand
	Lapsed    Kind = "lapsed"     // −n: the account was deleted
)

// Name is the Chinese name of the kind.
func (k Kind) Name() string {
	switch k {
	case Earned:
		return "购物获得"
	case Spent:
		return "下单抵扣"
	case GivenBack:
		return "抵扣退回"
	case TakenBack:
		return "退款扣回"
	case Granted:
		return "商家赠送"
	case Corrected:
		return "商家更正"
	case Lapsed:
		return "账号注销"
	}
	return string(k)
}

// Entry is one line of a user's ledger.
type Entry struct {
	UserID    int64     `db:"user_id"`
	Number    int64     `db:"number"` // of the user's entries, from 1
	Kind      Kind      `db:"kind"`
	Amount    int64     `db:"amount"`  // with its sign
	Balance   int64     `db:"balance"` // after it
	OrderID   int64     `db:"order_id"`
	Ref       string    `db:"ref"` // what tells several things of one kind apart that happen to an order
	Reason    string    `db:"reason"`
	ActorID   int64     `db:"actor_id"` // the member of staff; 0: nobody of them
	CreatedAt time.Time `db:"created_at"`
}

// EarnedBy is how many credits goods earn for which so much was paid, without freight: one for each whole yuan.
func EarnedBy(paid money.Fen) int64 { return int64(max(paid, 0) / 100) }

// The functions below change a balance within the transaction of what happens to an order. The caller has written the order's row
// before. Each happens once for an order, or for a ref of it: again is db.IsDuplicate, and the caller gives up its transaction, or the
// part of it.

// Spend takes credits for an order; more than there are is 50108.
func Spend(ctx context.Context, tx *db.Tx, userID, orderID, n int64, now time.Time) error {
	return enter(ctx, tx, -1, n, Entry{UserID: userID, Kind: Spent, OrderID: orderID, CreatedAt: now})
}

// GiveBack returns credits that an order has spent. A part of an order has a ref of its own; "" is for what is left when the whole order
// ends. More than the order has spent is an error.
func GiveBack(ctx context.Context, tx *db.Tx, userID, orderID, n int64, ref string, now time.Time) error {
	if n == 0 {
		return nil
	}
	err := enter(ctx, tx, 1, n, Entry{UserID: userID, Kind: GivenBack, OrderID: orderID, Ref: ref, CreatedAt: now})
	if err != nil {
		return err
	}
	held, err := Held(ctx, tx, userID, orderID)
	if err == nil && held < 0 {
		err = fmt.Errorf("order %d would give back %d credits more than it spent", orderID, -held)
	}
	return err
}

// Held is how many credits an order has spent and not given back.
func Held(ctx context.Context, q db.Queryer, userID, orderID int64) (int64, error) {
	sum, err := sumOf(ctx, q, userID, orderID, Spent, GivenBack)
	return -sum, err
}

// Earn gives credits for an order that was received.
func Earn(ctx context.Context, tx *db.Tx, userID, orderID, n int64, now time.Time) error {
	return enter(ctx, tx, 1, n, Entry{UserID: userID, Kind: Earned, OrderID: orderID, CreatedAt: now})
}

// Grant gives a user credits for a reason, once under a token.
func Grant(ctx context.Context, tx *db.Tx, userID, n int64, reason, token string, now time.Time) error {
	return enter(ctx, tx, 1, n, Entry{UserID: userID, Kind: Granted, Ref: token, Reason: reason, CreatedAt: now})
}

// TakeBack takes back credits that an order has earned, as goods of it are refunded, but never more than the user has left: it says how
// many that were. More than the order has earned is an error.
func TakeBack(ctx context.Context, tx *db.Tx, userID, orderID, n int64, ref string, now time.Time) (taken int64, err error) {
	if n == 0 {
		return 0, nil
	}
	if n < 0 {
		return 0, fmt.Errorf("take back %d credits", n)
	}
	h, err := open(ctx, tx, userID)
	if err != nil {
		return 0, err
	}
	taken = min(n, h.Balance)
	e := Entry{UserID: userID, Kind: TakenBack, Amount: -taken, OrderID: orderID, Ref: ref, CreatedAt: now}
	if err := h.enter(ctx, tx, e); err != nil { // also of none: what could not be taken is not taken later
		return 0, err
	}
	left, err := sumOf(ctx, tx, userID, orderID, Earned, TakenBack)
	if err == nil && n > left+taken {
		err = fmt.Errorf("order %d would take back %d credits of %d", orderID, n, left+taken)
	}
	return taken, err
}

// sumOf adds up the entries of two kinds that belong to an order.
func sumOf(ctx context.Context, q db.Queryer, userID, orderID int64, one, other Kind) (sum int64, err error) {
	err = q.Get(ctx, &sum, "SELECT COALESCE(SUM(amount), 0) FROM credit_entries WHERE user_id = ? AND kind IN (?, ?) AND order_id = ?",
		userID, one, other, orderID)
	if err != nil {
		return 0, fmt.Errorf("add up credits of order %d: %w", orderID, err)
	}
	return sum, nil
}

// holding is what a user has, a row that the transaction holds while it changes.
type holding struct {
	UserID  int64 `db:"user_id"`
	Balance int64 `db:"balance"`
	Entries int64 `db:"entries"`
}

// open holds a user's row for the next entry and makes it where there is none. It is written before it is read, so that until the
// transaction ends nobody else changes it.
func open(ctx context.Context, tx *db.Tx, userID int64) (h holding, err error) {
	if err := tx.AddMany(ctx, "credits", "user_id", "entries", [][]any{{userID, 1}}); err != nil {
		return h, fmt.Errorf("open credits of user %d: %w", userID, err)
	}
	if err := tx.Get(ctx, &h, "SELECT user_id, balance, entries FROM credits WHERE user_id = ?", userID); err != nil {
		return h, fmt.Errorf("read credits of user %d: %w", userID, err)
	}
	return h, nil
}

// enter changes the balance by an entry's amount and writes the entry. More than there is is 50108.
func (h holding) enter(ctx context.Context, tx *db.Tx, e Entry) error {
	n, err := tx.Exec(ctx, "UPDATE credits SET balance = balance + ? WHERE user_id = ? AND balance + ? >= 0", e.Amount, h.UserID, e.Amount)
	if err != nil {
		return fmt.Errorf("change credits of user %d: %w", h.UserID, err)
	}
	if n == 0 {
		return promo.ShortCredits()
	}
	_, err = tx.Exec(ctx, `INSERT INTO credit_entries (user_id, number, kind, amount, balance, order_id, ref, reason, actor_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, h.UserID, h.Entries, e.Kind, e.Amount, h.Balance+e.Amount, e.OrderID, e.Ref, e.Reason,
		e.ActorID, e.CreatedAt)
	if err != nil {
		return fmt.Errorf("enter %d credits %s of user %d: %w", e.Amount, e.Kind, h.UserID, err)
	}
	return nil
}

// enter writes an entry of n credits, with this sign, for its user; of none it writes nothing.
func enter(ctx context.Context, tx *db.Tx, sign, n int64, e Entry) error {
	if n < 0 {
		return fmt.Errorf("%d credits cannot be %s", n, e.Kind)
	}
	if n == 0 {
		return nil
	}
	h, err := open(ctx, tx, e.UserID)
	if err != nil {
		return err
	}
	e.Amount = sign * n
	return h.enter(ctx, tx, e)
}
