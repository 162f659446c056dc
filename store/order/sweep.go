package order

import (
	"context"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Sweep does what is due by the clock: receipts that confirm themselves, and orders that have waited long enough for
// reviews. It handles at most limit orders of each sort and says how many were due.
func (s *Service) Sweep(ctx context.Context, limit int) (due int, err error) {
	now := s.clock()
	arrived, err := s.due(ctx, StatusPendingReceipt, "receipt_due", now, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range arrived {
		if err := s.receive(ctx, id, BySystem, 0); err != nil && !fault.Is(err, fault.Conflict) {
			return 0, err
		}
	}
	silent, err := s.due(ctx, StatusPendingReview, "review_due", now, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range silent {
		err := s.db.Tx(ctx, func(tx *db.Tx) error { return complete(ctx, tx, id, BySystem, 0, now) })
		if err != nil {
			return 0, err
		}
	}
	return len(arrived) + len(silent), nil
}

// due lists the orders in a state whose time, kept in column, has come.
func (s *Service) due(ctx context.Context, in Status, column string, now time.Time, limit int) (ids []int64, err error) {
	err = s.db.Select(ctx, &ids, "SELECT id FROM orders WHERE status = ? AND "+column+" <= ? ORDER BY "+column+" LIMIT ?", in, now, limit)
	return ids, err
}
