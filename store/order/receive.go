package order

import (
	"context"
	"time"

	"dashop/store/db"
)

// reviewTime is how long after receipt an order waits for reviews before it counts as completed.
const reviewTime = 30 * 24 * time.Hour

// Receive confirms that the parcel has come. A second click changes nothing.
func (s *Service) Receive(ctx context.Context, userID int64, no string) error {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return err
	}
	return s.receive(ctx, o.ID, ByShopper, userID)
}

// receive moves an order on from its receipt; one that was received before stays as it is.
func (s *Service) receive(ctx context.Context, id int64, actor Actor, actorID int64) error {
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := moveAndEarn(ctx, tx, id, StatusPendingReceipt, change{
			to: StatusPendingReview, kind: EventReceived, actor: actor, actorID: actorID,
			set: []column{{"received_at", now}, {"review_due", now.Add(reviewTime)}},
		}, now)
		if err != nil || moved {
			return err
		}
		status, err := statusNow(ctx, tx, id)
		if err != nil || status == StatusPendingReview || status == StatusCompleted {
			return err
		}
		return wrongState(status)
	})
}
