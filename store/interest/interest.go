// Package interest keeps what shoppers like: their favourites, what they have looked at, and what is recommended by that.
package interest

import (
	"context"

	"github.com/maypok86/otter/v2"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
)

// Service keeps favourites and browsing histories. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	clock   db.Clock
	catalog *catalog.Service
	cached  *otter.Cache[any, *recommendation]
	kept    *recent.Cache[int64, []int64] // favourites by user, sorted
	viewed  *recent.Cache[int64, []int64] // what each user viewed last, see RecentlyViewed
	pending pending                       // views that are not written yet
}

// usersKept is of how many users each of these is kept for a moment.
const usersKept = 10_000

// New makes the service of the shop in d.
func New(d *db.DB, goods *catalog.Service, clock db.Clock) *Service {
	s := &Service{db: d, clock: clock, catalog: goods, cached: newCache()}
	s.kept = recent.New(d.Changes(), usersKept, s.readFavourites)
	s.viewed = recent.New(d.Changes(), usersKept, s.readViewed)
	return s
}

// Forget drops what a user keeps and has looked at, in the transaction that deletes the account.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, userID int64) (err error) {
	defer fault.Wrap(&err, "forget favourites and history of user %d", userID)
	if err := forgetFavourites(ctx, tx, userID); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.pending.forgetAll(userID) })
	return forgetHistory(ctx, tx, userID)
}
