package order

import (
	"context"
	"strconv"
	"time"

	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/money"
)

// moveAndEarn is move for the one with which an order has been received, or needs no receipt: the shopper earns credits by it, in the same
// transaction, and the event says how many (see Event.Earned). Of an order that was received before the shop had credits nothing is
// earned later.
func moveAndEarn(ctx context.Context, tx *db.Tx, id int64, from Status, c change, now time.Time) (moved bool, err error) {
	var o struct {
		UserID  int64     `db:"user_id"`
		Payable money.Fen `db:"payable_fen"`
		Freight money.Fen `db:"freight_fen"`
	}
	if err := tx.Hold(ctx, "orders", id); err != nil { // else what is read after a move that was not made could be from before it
		return false, err
	}
	if err := tx.Get(ctx, &o, "SELECT user_id, payable_fen, freight_fen FROM orders WHERE id = ?", id); err != nil {
		return false, err
	}
	n := credits.EarnedBy(o.Payable - o.Freight)
	if n > 0 {
		c.detail = strconv.FormatInt(n, 10)
	}
	moved, err = move(ctx, tx, id, from, c, now)
	if err != nil || !moved {
		return moved, err
	}
	return true, credits.Earn(ctx, tx, o.UserID, id, n, now)
}

// Earned is how many credits the shopper earned by what the event tells of.
func (e Event) Earned() int64 {
	if e.Kind != EventReceived && e.Kind != EventCompleted {
		return 0
	}
	n, _ := strconv.ParseInt(e.Detail, 10, 64) // others have no detail
	return n
}

// Earned is how many credits the shopper earned by the order; only of one that was read with its events.
func (o Order) Earned() (n int64) {
	for _, e := range o.Events {
		n += e.Earned()
	}
	return n
}
