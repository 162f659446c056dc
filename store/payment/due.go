package payment

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

const capRows = 100 // of a sort in one round

// CapDueTimes has attempts asked about now whose next question lies further out than the plan ever sets it, as a node with a wrong
// clock may have written it. It is safe to repeat.
func (s *Service) CapDueTimes(ctx context.Context) error {
	now := s.clock()
	for status, most := range map[Status]time.Duration{
		StatusOpen:    plan[len(plan)-1],
		StatusClosing: plan[len(plan)-1],
		StatusClosed:  s.orders.PayTimeout() + grace, // when the link of a cancelled order expires
	} {
		var far []int64
		err := s.db.Select(ctx, &far, "SELECT id FROM payments WHERE next_query_at > ? AND status = ? ORDER BY next_query_at LIMIT ?",
			now.Add(most+db.ClockSlack), status, capRows)
		if err != nil {
			return fmt.Errorf("look for attempts asked about too late: %w", err)
		}
		for _, id := range far {
			_, err := s.db.Exec(ctx, "UPDATE payments SET next_query_at = ? WHERE id = ? AND status = ? AND next_query_at > ?",
				now, id, status, now.Add(most))
			if err != nil {
				return fmt.Errorf("ask about attempt %d now: %w", id, err)
			}
		}
	}
	return nil
}
