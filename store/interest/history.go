package interest

import (
	"context"
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

// RecordView puts a product on top of a user's browsing history. Looking at the same one again costs no write.
func (s *Service) RecordView(ctx context.Context, userID, spuID int64) (err error) {
	defer fault.Wrap(&err, "record that user %d viewed product %d", userID, spuID)
	var newest []int64
	err = s.db.Select(ctx, &newest, "SELECT spu_id FROM browse_history WHERE user_id = ? ORDER BY seen_at DESC, spu_id DESC LIMIT 1",
		userID)
	if err != nil || len(newest) == 1 && newest[0] == spuID {
		return err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := recordView(ctx, tx, userID, spuID, now); err != nil {
			return err
		}
		return trimHistory(ctx, tx, userID)
	})
	if db.IsDuplicate(err) { // viewed in another window at the same moment
		return nil
	}
	return err
}

// recordView writes when a product was viewed, unless a later time is known.
func recordView(ctx context.Context, tx *db.Tx, userID, spuID int64, at time.Time) error {
	tx.Changed(historyOf(userID))
	var known int
	if err := tx.Get(ctx, &known, "SELECT COUNT(*) FROM browse_history WHERE user_id = ? AND spu_id = ?", userID, spuID); err != nil {
		return err
	}
	query := "UPDATE browse_history SET seen_at = ? WHERE user_id = ? AND spu_id = ? AND seen_at < ?"
	args := []any{at, userID, spuID, at}
	if known == 0 {
		query, args = "INSERT INTO browse_history (seen_at, user_id, spu_id) VALUES (?, ?, ?)", args[:3]
	}
	_, err := tx.Exec(ctx, query, args...)
	return err
}

// trimHistory deletes what is older than the newest MaxHistory.
func trimHistory(ctx context.Context, tx *db.Tx, userID int64) error {
	var old []int64
	err := tx.Select(ctx, &old, "SELECT spu_id FROM browse_history WHERE user_id = ? ORDER BY seen_at DESC, spu_id DESC LIMIT ? OFFSET ?",
		userID, MaxHistory, MaxHistory)
	if err != nil || len(old) == 0 {
		return err
	}
	query, args := db.In("DELETE FROM browse_history WHERE user_id = ? AND spu_id IN (?)", userID, old)
	_, err = tx.Exec(ctx, query, args...)
	return err
}

// History is what a user has looked at, newest first; what is not on sale any more is left out.
func (s *Service) History(ctx context.Context, userID int64) (_ []Viewed, err error) {
	defer fault.Wrap(&err, "read browsing history of user %d", userID)
	var list []Viewed
	err = s.db.Select(ctx, &list, "SELECT "+catalog.CardColumns+`, h.seen_at FROM browse_history h JOIN spus p ON p.id = h.spu_id
		WHERE h.user_id = ? AND p.is_launched = 1 ORDER BY h.seen_at DESC, h.spu_id DESC LIMIT ?`, userID, MaxHistory)
	if err != nil {
		return nil, err
	}
	return list, nil
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
	query, args := db.In("SELECT id FROM spus WHERE id IN (?) AND is_launched = 1", spuIDs)
	if err := s.db.Select(ctx, &there, query, args...); err != nil {
		return err
	}
	known := map[int64]bool{}
	for _, id := range there {
		known[id] = true
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		for i, id := range spuIDs {
			if !known[id] {
				continue
			}
			if err := recordView(ctx, tx, userID, id, now.Add(-time.Duration(i)*time.Millisecond)); err != nil {
				return err
			}
		}
		return trimHistory(ctx, tx, userID)
	})
}

// RemoveViewed removes a product from a user's history; it is safe to repeat.
func (s *Service) RemoveViewed(ctx context.Context, userID, spuID int64) (err error) {
	defer fault.Wrap(&err, "remove product %d from the history of user %d", spuID, userID)
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(historyOf(userID))
		_, err := tx.Exec(ctx, "DELETE FROM browse_history WHERE user_id = ? AND spu_id = ?", userID, spuID)
		return err
	})
}

// ClearHistory forgets all that a user has looked at.
func (s *Service) ClearHistory(ctx context.Context, userID int64) (err error) {
	defer fault.Wrap(&err, "clear browsing history of user %d", userID)
	return s.db.Tx(ctx, func(tx *db.Tx) error { return forgetHistory(ctx, tx, userID) })
}

func forgetHistory(ctx context.Context, tx *db.Tx, userID int64) error {
	tx.Changed(historyOf(userID))
	_, err := tx.Exec(ctx, "DELETE FROM browse_history WHERE user_id = ?", userID)
	return err
}
