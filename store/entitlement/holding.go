package entitlement

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// Holding is what all entitlements of a person to one product come to.
type Holding struct {
	UserID    int64      `db:"user_id"`
	SPUID     int64      `db:"spu_id"`
	Valid     int        `db:"valid"`      // how many entitlements were not taken back
	ExpiresAt *time.Time `db:"expires_at"` // of a valid one; nil: never
	JoinedAt  time.Time  `db:"joined_at"`
	BoughtAt  time.Time  `db:"bought_at"` // the last one
}

const holdingColumns = "l.user_id, l.spu_id, l.valid, l.expires_at, l.joined_at, l.bought_at"

// Forever says whether what the person has never expires.
func (h Holding) Forever() bool { return h.Valid > 0 && h.ExpiresAt == nil }

// Open says whether the person may use the product now.
func (h Holding) Open(now time.Time) bool {
	return h.Valid > 0 && (h.ExpiresAt == nil || now.Before(*h.ExpiresAt))
}

// Ended says that everything was taken back, such as by a refund.
func (h Holding) Ended() bool { return h.Valid == 0 }

// Holding is what a user has of a product; without any entitlement ever it is NotFound.
func (s *Service) Holding(ctx context.Context, userID, spuID int64) (h Holding, err error) {
	err = s.db.Get(s.db.PointRead(ctx), &h, "SELECT "+holdingColumns+" FROM learners l WHERE l.user_id = ? AND l.spu_id = ?", userID, spuID)
	return h, err
}

// Has is Holding for pages on which nothing at all is no fault: then it is the zero Holding.
func (s *Service) Has(ctx context.Context, userID, spuID int64) (Holding, error) {
	h, err := s.Holding(ctx, userID, spuID)
	if fault.Is(err, fault.NotFound) {
		return Holding{}, nil
	}
	return h, err
}

// Owned are those of some products that a user has for ever.
func Owned(ctx context.Context, q db.Queryer, userID int64, spuIDs []int64) (owned []int64, err error) {
	if len(spuIDs) == 0 {
		return nil, nil
	}
	query, args := db.In("SELECT spu_id FROM learners WHERE user_id = ? AND spu_id IN (?) AND valid > 0 AND expires_at IS NULL", userID, spuIDs)
	if err := q.Select(ctx, &owned, query, args...); err != nil {
		return nil, fmt.Errorf("look up what user %d has for ever: %w", userID, err)
	}
	return owned, nil
}
