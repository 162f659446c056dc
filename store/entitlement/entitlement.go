// Package entitlement keeps what people may use of courses and downloads, and until when.
package entitlement

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

// How says how somebody came by an entitlement.
type How int

// The ways.
const (
	Bought How = 1 // 用户购买
	Free   How = 2 // 免费活动: by an order that cost nothing
	Gift   How = 3 // 活动赠品: given by the merchant on some occasion
	Given  How = 4 // 系统赠送: given by the merchant otherwise
)

// Name is the Chinese word for the way.
func (h How) Name() string {
	return map[How]string{Bought: "用户购买", Free: "免费活动", Gift: "活动赠品", Given: "系统赠送"}[h]
}

// Entitlement is the record of one purchase or gift.
type Entitlement struct {
	ID        int64      `db:"id"`
	UserID    int64      `db:"user_id"`
	SPUID     int64      `db:"spu_id"`
	SKUID     int64      `db:"sku_id"`
	OrderID   *int64     `db:"order_id"` // nil: a gift
	Line      *int       `db:"line"`
	OrderNo   string     `db:"order_no"`
	TradeNo   *string    `db:"trade_no"` // the gateway's number of the payment
	How       How        `db:"how"`
	Reason    string     `db:"reason"` // of a gift
	Days      int        `db:"days"`   // 0: for ever
	BoughtAt  time.Time  `db:"bought_at"`
	StartsAt  time.Time  `db:"starts_at"`
	ExpiresAt *time.Time `db:"expires_at"` // nil: never
	EndedAt   *time.Time `db:"ended_at"`   // when it was taken back; nil: it was not
}

const columns = `id, user_id, spu_id, sku_id, order_id, line, order_no, trade_no, how, reason, days, bought_at, starts_at, expires_at, ended_at`

const day = 24 * time.Hour

// chain sets from when until when each of a person's entitlements to one product lasts; the list is in the order in which they came.
// One for some days begins where the one before ends, so that a renewal adds to what is left, and what is left of one that is
// taken back goes to nobody: those after it move up.
func chain(list []Entitlement) {
	var end time.Time // of those so far
	for i := range list {
		e := &list[i]
		e.StartsAt, e.ExpiresAt = e.BoughtAt, nil
		if e.Days == 0 {
			continue
		}
		if end.After(e.BoughtAt) {
			e.StartsAt = end
		}
		until := e.StartsAt.Add(time.Duration(e.Days) * day)
		e.ExpiresAt, end = &until, until
		if e.EndedAt == nil || !e.EndedAt.Before(until) {
			continue
		}
		if end = *e.EndedAt; end.Before(e.StartsAt) {
			end = e.StartsAt
		}
	}
}

// sum is how many of the entitlements hold, and until when they last together; nil is for ever.
func sum(list []Entitlement) (valid int, until *time.Time) {
	forever := false
	for _, e := range list {
		if e.EndedAt != nil {
			continue
		}
		valid++
		switch {
		case e.ExpiresAt == nil:
			forever = true
		case until == nil || e.ExpiresAt.After(*until):
			until = e.ExpiresAt
		}
	}
	if forever {
		until = nil
	}
	return valid, until
}

// Service reads and gives entitlements. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock db.Clock
}

// New makes a Service.
func New(d *db.DB, clock db.Clock) *Service { return &Service{db: d, clock: clock} }

// Forget takes words about a person out of what they were given, within the transaction that deletes the account. The records stay.
func Forget(ctx context.Context, tx *db.Tx, userID int64) error {
	if _, err := tx.Exec(ctx, "UPDATE entitlements SET reason = '' WHERE user_id = ?", userID); err != nil {
		return fmt.Errorf("strip the entitlements of user %d: %w", userID, err)
	}
	return nil
}
