package interest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
)

const (
	// writtenAtOnce is about how many views one transaction writes, so that nobody waits long for it.
	writtenAtOnce = 1000
	// trimSlack is by how many rows a history may pass MaxHistory before the oldest are deleted, so that not each view costs that. Nobody
	// sees those rows.
	trimSlack = 20
)

// WriteViews writes what RecordView has noted, of all users in one transaction; only if it is very much it takes more. What cannot be
// written waits for the next call. Each node does so for itself.
func (s *Service) WriteViews(ctx context.Context) error {
	err := s.writePending(ctx)
	if err != nil {
		err = fmt.Errorf("write browsing histories: %w", err)
	}
	if n := s.pending.takeDropped(); n > 0 {
		err = errors.Join(err, fmt.Errorf("browsing histories: %d views were given up, as there was no room for more", n))
	}
	return err
}

func (s *Service) writePending(ctx context.Context) error {
	for {
		users := s.pending.users(writtenAtOnce)
		if len(users) == 0 {
			return nil
		}
		var there []int64
		var views []view
		err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
			there, err = writeViews(ctx, tx, users, func(there []int64) []view {
				views = s.pending.of(there...)
				return views
			})
			return err
		})
		if err != nil {
			return err
		}
		s.pending.written(views)
		for _, id := range users {
			if _, ok := slices.BinarySearch(there, id); !ok {
				s.pending.forgetAll(id)
			}
		}
		if len(views) < writtenAtOnce {
			return nil
		}
	}
}

// writeViews writes views of those of the users who are there, and says who they are, by id. It asks for the views when nobody can
// delete those users or their histories any more until the transaction ends, and leaves out those from before a history was cleared: so
// nothing comes back that was forgotten.
func writeViews(ctx context.Context, tx *db.Tx, users []int64, viewsOf func(there []int64) []view) (there []int64, err error) {
	if err := tx.HoldAll(ctx, "users", users); err != nil {
		return nil, err
	}
	var found []struct {
		ID        int64      `db:"id"`
		ClearedAt *time.Time `db:"history_cleared_at"`
	}
	query, args := db.In("SELECT id, history_cleared_at FROM users WHERE id IN (?) AND deleted_at IS NULL ORDER BY id", users)
	if err := tx.Select(ctx, &found, query, args...); err != nil || len(found) == 0 {
		return nil, err
	}
	cleared := map[int64]time.Time{}
	for _, u := range found {
		there = append(there, u.ID)
		tx.Changed(historyOf(u.ID))
		if u.ClearedAt != nil {
			cleared[u.ID] = *u.ClearedAt
		}
	}
	views := slices.DeleteFunc(slices.Clone(viewsOf(there)), func(v view) bool { return !v.at.After(cleared[v.userID]) })
	slices.SortFunc(views, func(a, b view) int { return cmp.Or(cmp.Compare(a.userID, b.userID), cmp.Compare(a.spuID, b.spuID)) })
	rows := make([][]any, len(views))
	for i, v := range views {
		rows[i] = []any{v.userID, v.spuID, v.at}
	}
	if err := tx.KeepLatest(ctx, "browse_history", []string{"user_id", "spu_id"}, "seen_at", rows); err != nil {
		return there, err
	}
	return there, trimHistories(ctx, tx, there)
}

// trimHistories deletes what is older than the newest MaxHistory of those users who have trimSlack more.
func trimHistories(ctx context.Context, tx *db.Tx, users []int64) error {
	var full []int64
	query, args := db.In("SELECT user_id FROM browse_history WHERE user_id IN (?) GROUP BY user_id HAVING COUNT(*) > ?", users,
		MaxHistory+trimSlack)
	if err := tx.Select(ctx, &full, query, args...); err != nil {
		return err
	}
	for _, id := range full {
		var old []int64
		err := tx.Select(ctx, &old, "SELECT spu_id FROM browse_history WHERE user_id = ? ORDER BY seen_at DESC, spu_id DESC LIMIT ? OFFSET ?",
			id, MaxHistory+trimSlack, MaxHistory)
		if err != nil || len(old) == 0 {
			return err
		}
		query, args := db.In("DELETE FROM browse_history WHERE user_id = ? AND spu_id IN (?)", id, old)
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
