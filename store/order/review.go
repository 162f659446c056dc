package order

import (
	"context"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/review"
)

// Reviewable says whether the order's items may be reviewed: from its receipt on.
func (o Order) Reviewable() bool {
	return o.Status == StatusPendingReview || o.Status == StatusCompleted
}

// Unreviewed says whether the shopper may still review some item.
func (o Order) Unreviewed() bool {
	return o.Reviewable() && o.ReviewedCount < len(o.Items)
}

// ReviewForm is a user's order whose items may be reviewed; one that was not received is a Conflict.
func (s *Service) ReviewForm(ctx context.Context, userID int64, no string) (Order, error) {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return Order{}, err
	}
	if !o.Reviewable() {
		return Order{}, tooEarly()
	}
	return s.detail(ctx, o)
}

// Review keeps what the shopper says of one line of an order, and moves the order on when it was the last one. A line is
// reviewed once; again, or before the receipt, is a Conflict, and a line that the order has not is NotFound.
func (s *Service) Review(ctx context.Context, userID int64, no string, line int, in review.Input) error {
	o, err := s.ReviewForm(ctx, userID, no)
	if err != nil {
		return err
	}
	if line < 1 || line > len(o.Items) {
		return fault.Missing()
	}
	it := o.Items[line-1]
	if in, err = review.Check(in); err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := account.Hold(ctx, tx, userID); err != nil { // a review by nobody would keep the name from before
			return err
		}
		// The order's own row counts its reviews. Who writes it first makes the others wait, or on a cluster try again, so
		// that whoever comes last sees that all are there.
		rows, err := tx.Exec(ctx, "UPDATE orders SET reviewed_count = reviewed_count + 1 WHERE id = ? AND status IN (?, ?)",
			o.ID, StatusPendingReview, StatusCompleted)
		if err != nil {
			return err
		}
		if rows == 0 {
			return tooEarly()
		}
		rows, err = tx.Exec(ctx, "UPDATE order_items SET reviewed_at = ? WHERE order_id = ? AND line = ? AND reviewed_at IS NULL", now,
			o.ID, line)
		if err != nil {
			return err
		}
		if rows == 0 {
			return review.AlreadyReviewed()
		}
		if err := review.Add(ctx, tx, review.Review{
			OrderID: &o.ID, Line: &line, UserID: userID, SPUID: it.SPUID, SKUID: it.SKUID, Spec: it.Spec, SpecEN: it.SpecEN,
			Score: in.Score, Comment: in.Comment, Anonymous: in.Anonymous, Pictures: in.Pictures, CreatedAt: now,
		}); err != nil {
			return err
		}
		var done int
		if err := tx.Get(ctx, &done, "SELECT reviewed_count FROM orders WHERE id = ?", o.ID); err != nil || done < len(o.Items) {
			return err
		}
		return complete(ctx, tx, o.ID, ByShopper, userID, now) // unless time has completed it
	})
}

// complete ends an order that waits for reviews; one that has ended already stays as it is.
func complete(ctx context.Context, tx *db.Tx, id int64, actor Actor, actorID int64, now time.Time) error {
	_, err := move(ctx, tx, id, StatusPendingReview, change{
		to: StatusCompleted, kind: EventCompleted, actor: actor, actorID: actorID, set: []column{{"ended_at", now}},
	}, now)
	return err
}

func tooEarly() error {
	return fault.New(fault.Conflict, fault.CodeWrongOrderState, "收到商品后才能评价")
}
