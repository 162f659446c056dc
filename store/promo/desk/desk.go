// Package desk makes the merchant's changes to promotions, each with its entry in the audit log.
package desk

import (
	"context"
	"time"

	"dashop/store/audit"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/typed"
)

// Desk makes the merchant's changes. It is safe for concurrent use.
type Desk struct {
	db      *db.DB
	catalog promo.Catalog
	rules   promo.Rules
	clock   db.Clock
}

// New makes the desk of the shop in d.
func New(d *db.DB, c promo.Catalog, r promo.Rules, clock db.Clock) *Desk {
	return &Desk{db: d, catalog: c, rules: r, clock: clock}
}

// detailLength is how much of a change the audit log keeps, in characters.
const detailLength = 500

// edit runs do in one transaction with its entry in the audit log. do returns what the entry is about and what has changed. It asks for the time
// when it has the promotion's row: a promotion may begin while it waits for that.
func (d *Desk) edit(ctx context.Context, staffID int64, action string, do func(tx *db.Tx) (subject, detail string, err error)) (err error) {
	defer fault.Wrap(&err, "%s by staff %d", action, staffID)
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		promo.Changed(ctx, tx)
		catalog.MarkChanged(ctx, tx) // product pages name the promotions that they are in
		subject, detail, err := do(tx)
		if err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, action, subject, typed.Clip(detail, detailLength), d.now())
	})
}

func (d *Desk) now() time.Time { return db.Cut(d.clock()) }

// State is where a promotion stands by its window.
type State string

// The states. What is withdrawn before it has begun is a draft again; what is withdrawn later has ended.
const (
	StateRunning  State = "running"
	StateUpcoming State = "upcoming"
	StateEnded    State = "ended"
	StateDraft    State = "draft"
)

// States are all there are, in the order of the merchant's list.
var States = []State{StateRunning, StateUpcoming, StateEnded, StateDraft}

// StateOf is where a promotion stands at a moment.
func StateOf(p promo.Promotion, now time.Time) State {
	switch {
	case !p.Published:
		return StateDraft
	case now.Before(p.StartsAt):
		return StateUpcoming
	case now.Before(p.EndsAt):
		return StateRunning
	}
	return StateEnded
}
