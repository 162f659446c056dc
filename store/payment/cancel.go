package payment

import (
	"context"

	"golang.org/x/sync/errgroup"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
)

// Cancel cancels a user's unpaid order. The gateways are asked and told to close, within a few seconds; if one says that
// the order is paid, so it is, and the answer is 50109. Whatever else they say, or nothing, the order is cancelled at once.
func (s *Service) Cancel(ctx context.Context, userID int64, no string) error {
	o, err := s.orders.Head(ctx, userID, no)
	if err != nil {
		return err
	}
	if o.Status == order.StatusCancelled {
		return nil
	}
	if o.Status == order.StatusPendingPayment {
		s.closeAtGateways(ctx, o)
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := s.giveUp(ctx, tx, o.ID, order.CancelledByShopper, order.ByShopper, userID)
		if err != nil || moved {
			return err
		}
		now, err := s.orders.ByID(ctx, tx, o.ID)
		if err != nil || now.Status == order.StatusCancelled {
			return err
		}
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款，无法取消")
	})
}

// closeAtGateways asks about each open attempt and closes what is not paid, all at once. Nothing depends on its success.
func (s *Service) closeAtGateways(ctx context.Context, o order.Order) {
	attempts, err := s.Attempts(ctx, o.ID)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	var all errgroup.Group
	for _, a := range attempts {
		if a.Status != StatusOpen {
			continue
		}
		all.Go(func() error {
			return guarded(func() error {
				_, err := s.askAndClose(ctx, a, cancelWait)
				return err
			})
		})
	}
	if err := all.Wait(); err != nil { // what is not paid by now is cancelled
		s.log.WarnContext(ctx, "cancelled without the gateway", "order", o.No, "error", err)
	}
}

// giveUp cancels an unpaid order within tx and shuts its attempts. What was issued may still be paid until it expires, so
// each attempt is asked about once more then.
func (s *Service) giveUp(ctx context.Context, tx *db.Tx, orderID int64, why order.CancelReason, actor order.Actor, actorID int64) (bool,
	error) {
	now := s.clock()
	moved, err := order.Cancel(ctx, tx, orderID, why, actor, actorID, s.clock)
	if err != nil || !moved {
		return moved, err
	}
	var open []Attempt
	if err := tx.Select(ctx, &open, "SELECT "+columns+" FROM payments WHERE order_id = ? AND status = ?", orderID, StatusOpen); err != nil {
		return false, err
	}
	for _, a := range open {
		if _, err := tx.Exec(ctx, "UPDATE payments SET status = ?, open_key = NULL, closed_at = ?, next_query_at = ? WHERE id = ? AND status = ?",
			StatusClosed, now, a.ExpiresAt.Add(grace), a.ID, StatusOpen); err != nil {
			return false, err
		}
	}
	return true, nil
}
