package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Sweep does what is due by the clock: receipts that confirm themselves, and orders that have waited long enough for
// reviews. It handles at most limit orders of each sort and says how many were due. One that fails stops no other, unless
// the database is out.
func (s *Service) Sweep(ctx context.Context, limit int) (due int, err error) {
	now := s.clock()
	arrived, err1 := s.each(ctx, StatusPendingReceipt, "receipt_due", now, limit, func(id int64) error {
		err := s.receive(ctx, id, BySystem, 0)
		if fault.Is(err, fault.Conflict) { // it has moved on meanwhile
			return nil
		}
		return err
	})
	silent, err2 := s.each(ctx, StatusPendingReview, "review_due", now, limit, func(id int64) error {
		return s.db.Tx(ctx, func(tx *db.Tx) error { return complete(ctx, tx, id, BySystem, 0, now) })
	})
	return arrived + silent, errors.Join(err1, err2)
}

// each does something to each of the orders that are due, and says how many were.
func (s *Service) each(ctx context.Context, in Status, column string, now time.Time, limit int, do func(id int64) error) (int, error) {
	ids, err := s.due(ctx, in, column, now, limit)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range ids {
		err := do(id)
		if err != nil {
			failed = append(failed, fmt.Errorf("order %d, whose %s has come: %w", id, column, err))
		}
		if ctx.Err() != nil || fault.Is(err, fault.Unavailable) {
			break
		}
	}
	return len(ids), errors.Join(failed...)
}

// due lists the orders in a state whose time, kept in column, has come.
func (s *Service) due(ctx context.Context, in Status, column string, now time.Time, limit int) (ids []int64, err error) {
	err = s.db.Select(ctx, &ids, "SELECT id FROM orders WHERE status = ? AND "+column+" <= ? ORDER BY "+column+" LIMIT ?", in, now, limit)
	return ids, err
}
