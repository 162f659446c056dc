package order

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// moves are the changes of state that an order may make; there are no others. A new one needs its line here, a function that
// makes it by move, a kind of event with its words (event.go), and its place in the books of store/storetest.
var moves = map[Status][]Status{
	StatusPendingPayment:  {StatusPendingShipment, StatusCancelled},
	StatusPendingShipment: {StatusPendingReceipt, StatusCompleted}, // at once, where nothing has to be shipped
	StatusPendingReceipt:  {StatusPendingReview},
	StatusPendingReview:   {StatusCompleted},
}

// MayMove says whether an order may go from one state to another.
func MayMove(from, to Status) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// change is one move with what it writes besides the status.
type change struct {
	to      Status
	kind    EventKind
	actor   Actor
	actorID int64
	detail  string
	set     []column
}

// column is one more column of the order that a move writes.
type column struct {
	name  string
	value any
}

// move is the one function that writes the status of an order. It changes a row only from the state given, and says
// whether it did: two who try at once make one move and one event.
func move(ctx context.Context, tx *db.Tx, id int64, from Status, c change, now time.Time) (moved bool, err error) {
	if !MayMove(from, c.to) {
		return false, fmt.Errorf("an order may not move from %d to %d", from, c.to)
	}
	set, args := "status = ?", []any{c.to}
	for _, col := range c.set {
		set += ", " + col.name + " = ?"
		args = append(args, col.value)
	}
	n, err := tx.Exec(ctx, "UPDATE orders SET "+set+" WHERE id = ? AND status = ?", append(args, id, from)...)
	if err != nil || n == 0 {
		return false, err
	}
	return true, record(ctx, tx, id, from, c, now)
}

// record appends an event to the timeline.
func record(ctx context.Context, tx *db.Tx, id int64, from Status, c change, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO order_events (order_id, kind, from_status, to_status, actor, actor_id, detail, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, id, c.kind, from, c.to, c.actor, c.actorID, c.detail, now)
	if err != nil {
		return fmt.Errorf("record %s of order %d: %w", c.kind, id, err)
	}
	return nil
}

// statusNow is where an order stands as of now, for telling why a move was not made: what was read before may be old.
func statusNow(ctx context.Context, tx *db.Tx, id int64) (status Status, err error) {
	err = tx.Get(ctx, &status, "SELECT status FROM orders WHERE id = ?", id)
	return status, err
}

// wrongState is 50109: the page was drawn before the order moved on.
func wrongState(s Status) error {
	switch s {
	case StatusPendingPayment:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单还没有付款")
	case StatusPendingShipment:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款，正在等待发货")
	case StatusPendingReceipt:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已经发货")
	case StatusCancelled:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已取消")
	}
	return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已确认收货")
}
