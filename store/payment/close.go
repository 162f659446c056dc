package payment

import (
	"context"
	"time"

	"dashop/store/db"
)

// closeOthers marks within tx the other open attempts of an order that has been paid: nobody is to pay them any more. The
// sweeper tells their gateways, outside of any transaction and again after a crash. Money that still comes is owed back.
func closeOthers(ctx context.Context, tx *db.Tx, paid Attempt, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE payments SET status = ?, open_key = NULL, next_query_at = ? WHERE order_id = ? AND status = ? AND id <> ?",
		StatusClosing, now, paid.OrderID, StatusOpen, paid.ID)
	return err
}

// shut closes an attempt that nobody is to pay any more at its gateway. What was issued may still work until it expires,
// so the attempt is asked about once more then.
func (s *Service) shut(ctx context.Context, a Attempt) error {
	done, err := s.askAndClose(ctx, a, pageWait)
	if err != nil || !done {
		return known(err)
	}
	_, err = s.db.Exec(ctx, "UPDATE payments SET status = ?, closed_at = ?, next_query_at = ? WHERE id = ? AND status = ?",
		StatusClosed, s.clock(), a.ExpiresAt.Add(grace), a.ID, StatusClosing)
	return err
}

// askAndClose closes one attempt at its gateway unless that says that it is paid or closed. It says whether nobody can
// have paid it until now.
func (s *Service) askAndClose(ctx context.Context, a Attempt, wait time.Duration) (done bool, err error) {
	if result, err := s.ask(ctx, a, wait); err != nil || result == applied || result == closed {
		return false, err
	}
	if sure, err := s.closeAt(ctx, a, wait); err != nil || sure {
		return sure, err
	}
	_, err = s.ask(ctx, a, wait) // paid between the question and the closing
	return false, err
}
