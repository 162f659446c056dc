package interest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
)

// MaxHistory is how many products of a browsing history are kept.
const MaxHistory = 100

// Viewed is a product that a user has looked at.
type Viewed struct {
	catalog.Card
	At time.Time `db:"seen_at"`
}

// RecordView puts a product on top of a user's browsing history. It only remembers: WriteViews writes, so that looking around never
// waits for a writer. On this node it counts at once.
func (s *Service) RecordView(userID, spuID int64) { s.pending.note(userID, spuID, s.clock()) }

// History is what a user has looked at, newest first; what is not on sale any more is left out.
func (s *Service) History(ctx context.Context, userID int64) (_ []Viewed, err error) {
	defer fault.Wrap(&err, "read browsing history of user %d", userID)
	waiting := s.pending.of(userID) // read first: what is written meanwhile is in both
	var list []Viewed
	err = s.db.Select(ctx, &list, "SELECT "+catalog.CardColumns+`, h.seen_at FROM browse_history h JOIN spus p ON p.id = h.spu_id
		WHERE h.user_id = ? AND p.is_launched = 1 ORDER BY h.seen_at DESC, h.spu_id DESC LIMIT ?`, userID, MaxHistory)
	if err != nil || len(waiting) == 0 {
		return list, err
	}
	return s.withWaiting(ctx, list, waiting)
}

// withWaiting is a history with the views that are not written yet.
func (s *Service) withWaiting(ctx context.Context, list []Viewed, waiting []view) ([]Viewed, error) {
	at, ids := map[int64]time.Time{}, make([]int64, len(waiting))
	for i, v := range waiting {
		at[v.spuID], ids[i] = v.at, v.spuID
	}
	var cards []catalog.Card
	query, args := db.In("SELECT "+catalog.CardColumns+" FROM spus p WHERE p.id IN (?) AND p.is_launched = 1", ids)
	if err := s.db.Select(ctx, &cards, query, args...); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(one Viewed) bool {
		again, ok := at[one.SPUID]
		if ok && again.Before(one.At) { // another node knows of a later view
			at[one.SPUID] = one.At
		}
		return ok
	})
	for _, card := range cards {
		list = append(list, Viewed{Card: card, At: at[card.SPUID]})
	}
	slices.SortFunc(list, func(a, b Viewed) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.SPUID, a.SPUID)) })
	return list[:min(len(list), MaxHistory)], nil
}

// MergeHistory adds what a visitor has looked at, the newest first, to the history of the user that the visitor turned
// out to be. To do it again changes only the times.
func (s *Service) MergeHistory(ctx context.Context, userID int64, spuIDs []int64) (err error) {
	defer fault.Wrap(&err, "merge browsing history of user %d", userID)
	if len(spuIDs) == 0 {
		return nil
	}
	spuIDs = spuIDs[:min(len(spuIDs), MaxHistory)]
	var there []int64
	query, args := db.In("SELECT id FROM spus WHERE id IN (?) AND +is_launched = 1", spuIDs)
	if err := s.db.Select(ctx, &there, query, args...); err != nil {
		return err
	}
	known := map[int64]bool{}
	for _, id := range there {
		known[id] = true
	}
	var views []view
	now := s.clock()
	for i, id := range spuIDs {
		if known[id] {
			views = append(views, view{userID: userID, spuID: id, at: now.Add(-time.Duration(i) * time.Millisecond)})
		}
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := writeViews(ctx, tx, []int64{userID}, func([]int64) []view { return views })
		return err
	})
}

// RemoveViewed removes a product from a user's history; it is safe to repeat.
func (s *Service) RemoveViewed(ctx context.Context, userID, spuID int64) (err error) {
	defer fault.Wrap(&err, "remove product %d from the history of user %d", spuID, userID)
	return s.forgetting(ctx, userID, func(tx *db.Tx) error {
		s.pending.forget(userID, spuID)
		tx.Changed(historyOf(userID))
		_, err := tx.Exec(ctx, "DELETE FROM browse_history WHERE user_id = ? AND spu_id = ?", userID, spuID)
		return err
	})
}

// ClearHistory forgets all that a user has looked at, on whichever node.
func (s *Service) ClearHistory(ctx context.Context, userID int64) (err error) {
	defer fault.Wrap(&err, "clear browsing history of user %d", userID)
	now := s.clock()
	return s.forgetting(ctx, userID, func(tx *db.Tx) error {
		s.pending.forgetAll(userID)
		// For views that other nodes have not written yet.
		if _, err := tx.Exec(ctx, "UPDATE users SET history_cleared_at = ? WHERE id = ?", now, userID); err != nil {
			return err
		}
		return forgetHistory(ctx, tx, userID)
	})
}

// forgetting runs forget while nobody writes views of the user: what was being written is there, to be deleted, and nothing comes after.
func (s *Service) forgetting(ctx context.Context, userID int64, forget func(tx *db.Tx) error) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.HoldAll(ctx, "users", []int64{userID}); err != nil {
			return err
		}
		return forget(tx)
	})
}

func forgetHistory(ctx context.Context, tx *db.Tx, userID int64) error {
	tx.Changed(historyOf(userID))
	_, err := tx.Exec(ctx, "DELETE FROM browse_history WHERE user_id = ?", userID)
	return err
}
