package catalog

import (
	"context"
	"fmt"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
)

// StaffReviews chooses reviews for the merchant. The zero value is all of them.
type StaffReviews struct {
	Score      int // 0: any
	Unanswered bool
	Hidden     bool
}

// StaffReviews is a page of all reviews that the merchant asked for, newest first, each with its author's name.
func (s *Service) StaffReviews(ctx context.Context, f StaffReviews, p ReviewPage) (ReviewList, error) {
	query, args := "SELECT "+reviewColumns+ownColumns+" FROM reviews r LEFT JOIN users u ON u.id = r.user_id"+ownTables+" WHERE 1 = 1", []any(nil)
	switch {
	case f.Hidden:
		query += " AND r.is_hidden = 1"
	case f.Unanswered:
		query += " AND r.is_hidden = 0 AND r.replied_at IS NULL"
	}
	if f.Score != 0 {
		query, args = query+" AND r.score = ?", append(args, f.Score)
	}
	list, err := s.reviews(ctx, query, args, p)
	if err != nil {
		return ReviewList{}, fmt.Errorf("list reviews: %w", err)
	}
	return list, nil
}

// ReplyToReview gives a review the merchant's answer, in place of the one it had.
func (s *Service) ReplyToReview(ctx context.Context, staffID, id int64, text string) error {
	text = tidyLines(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > MaxComment {
		return fault.Field("reply", "请填写回复，最多 %d 个字", MaxComment)
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, "UPDATE reviews SET reply = ?, replied_at = ? WHERE id = ?", text, now, id)
		if err != nil {
			return fmt.Errorf("reply to review %d: %w", id, err)
		}
		if rows == 0 {
			return fault.Missing()
		}
		Changed(ctx, tx)
		return audit.Log(ctx, tx, staffID, "review.reply", reviewSubject(id), shorten(text), now)
	})
}

// HideReview takes a review from the shop for a reason, and out of the figures. To hide it again changes nothing.
func (s *Service) HideReview(ctx context.Context, staffID, id int64, reason string) error {
	reason = tidyLines(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > MaxReason {
		return fault.Field("reason", "请填写隐藏的原因，最多 %d 个字", MaxReason)
	}
	return s.showReview(ctx, staffID, id, false, reason)
}

// UnhideReview brings a hidden review back. To bring it back again changes nothing.
func (s *Service) UnhideReview(ctx context.Context, staffID, id int64) error {
	return s.showReview(ctx, staffID, id, true, "")
}

func (s *Service) showReview(ctx context.Context, staffID, id int64, show bool, reason string) error {
	now := s.clock()
	by, action := -1, "review.hide"
	if show {
		by, action = 1, "review.unhide"
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		var r Review
		if err := tx.Get(ctx, &r, "SELECT id, spu_id, sku_id, score, is_pictured FROM reviews WHERE id = ?", id); err != nil {
			return err
		}
		// The row itself says whether it counts: of two who hide it at once one takes it out of the figures.
		rows, err := tx.Exec(ctx, "UPDATE reviews SET is_hidden = ?, hidden_reason = ? WHERE id = ? AND is_hidden = ?", !show, reason, id, show)
		if err != nil || rows == 0 {
			return err
		}
		Changed(ctx, tx)
		if err := rate(ctx, tx, r, by); err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, action, reviewSubject(id), shorten(reason), now)
	})
}

func reviewSubject(id int64) string { return fmt.Sprintf("review %d", id) }

// shorten cuts a text to what the audit log keeps of it.
func shorten(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 100)])
}
