package order

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

const capRows = 100 // of a sort in one round

// PayTimeout is how long an order waits for its money.
func (s *Service) PayTimeout() time.Duration { return s.rules.PayTimeout }

// CapDueTimes brings back due times that lie further out than the rules would set them now, as a node with a wrong clock may have
// written them. An order placed while the shop gave more time to pay keeps that: only one whose own time lies ahead is brought back.
// It is safe to repeat.
func (s *Service) CapDueTimes(ctx context.Context) error {
	now := s.clock()
	for _, due := range []struct {
		in     Status
		column string
		most   time.Duration
		ahead  string // the condition that the order's own time lies ahead, if that counts
	}{
		{StatusPendingPayment, "pay_deadline", s.rules.PayTimeout, " AND created_at > ?"},
		{StatusPendingReceipt, "receipt_due", s.rules.AutoReceipt, ""},
		{StatusPendingReview, "review_due", reviewTime, ""},
	} {
		var far []int64
		args := []any{due.in, now.Add(due.most + db.ClockSlack)}
		if due.ahead != "" {
			args = append(args, now.Add(db.ClockSlack))
		}
		err := s.db.Select(ctx, &far, "SELECT id FROM orders WHERE status = ? AND "+due.column+" > ?"+due.ahead+
			" ORDER BY "+due.column+" LIMIT ?", append(args, capRows)...)
		if err != nil {
			return fmt.Errorf("look for a far %s: %w", due.column, err)
		}
		for _, id := range far {
			_, err := s.db.Exec(ctx, "UPDATE orders SET "+due.column+" = ? WHERE id = ? AND status = ? AND "+due.column+" > ?",
				now.Add(due.most), id, due.in, now.Add(due.most))
			if err != nil {
				return fmt.Errorf("cap %s of order %d: %w", due.column, id, err)
			}
		}
	}
	return nil
}
