package order

import (
	"context"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Remind asks the merchant to ship, once a day.
func (s *Service) Remind(ctx context.Context, userID int64, no string) error {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE orders SET reminded_at = ? WHERE id = ? AND status = ? AND (reminded_at IS NULL OR reminded_at <= ?)",
			now, o.ID, StatusPendingShipment, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if n == 0 {
			status, err := statusNow(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if status != StatusPendingShipment {
				return wrongState(status)
			}
			return fault.New(fault.Conflict, 0, "今天已经提醒过商家了")
		}
		c := change{to: StatusPendingShipment, kind: EventReminded, actor: ByShopper, actorID: userID}
		return record(ctx, tx, o.ID, StatusPendingShipment, c, now)
	})
}
