package review

import (
	"context"
	"fmt"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// detailLength is how much the audit log keeps of a text, in characters.
const detailLength = 100

// StaffFilter chooses reviews for the merchant. The zero value is all of them.
type StaffFilter struct {
	Score      int // 0: any
	Unanswered bool
	Hidden     bool
}

// ForStaff is a page of all reviews that the merchant asked for, newest first, each with its author's name.
func (s *Service) ForStaff(ctx context.Context, f StaffFilter, p Page) (_ List, err error) {
	defer fault.Wrap(&err, "list reviews")
	query, args := "SELECT "+columns+ownColumns+" FROM reviews r LEFT JOIN users u ON u.id = r.user_id"+ownTables+" WHERE 1 = 1", []any(nil)
	switch {
	case f.Hidden:
		query += " AND r.is_hidden = 1"
	case f.Unanswered:
		query += " AND r.is_hidden = 0 AND r.replied_at IS NULL"
	}
	if f.Score != 0 {
		query, args = query+" AND r.score = ?", append(args, f.Score)
	}
	list, err := s.page(ctx, query, args, p)
	if err != nil {
		return List{}, err
	}
	return list, nil
}

// Reply gives a review the merchant's answer, in place of the one it had.
func (s *Service) Reply(ctx context.Context, staffID, id int64, text string) (err error) {
	defer fault.Wrap(&err, "reply to review %d", id)
	text = typed.Lines(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > MaxComment {
		return fault.Field("reply", "请填写回复，最多 %d 个字", MaxComment)
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, "UPDATE reviews SET reply = ?, replied_at = ? WHERE id = ?", text, now, id)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fault.Missing()
		}
		catalog.MarkChanged(ctx, tx)
		return audit.Log(ctx, tx, staffID, "review.reply", subject(id), typed.Clip(text, detailLength), now)
	})
}

// Hide takes a review from the shop for a reason, and out of the figures. To hide it again changes nothing.
func (s *Service) Hide(ctx context.Context, staffID, id int64, reason string) error {
	reason = typed.Lines(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > MaxReason {
		return fault.Field("reason", "请填写隐藏的原因，最多 %d 个字", MaxReason)
	}
	return s.show(ctx, staffID, id, false, reason)
}

// Unhide brings a hidden review back. To bring it back again changes nothing.
func (s *Service) Unhide(ctx context.Context, staffID, id int64) error {
	return s.show(ctx, staffID, id, true, "")
}

func (s *Service) show(ctx context.Context, staffID, id int64, show bool, reason string) (err error) {
	now := s.clock()
	by, action := -1, "review.hide"
	if show {
		by, action = 1, "review.unhide"
	}
	defer fault.Wrap(&err, "%s %d", action, id)
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		var r Review
		if err := tx.Get(ctx, &r, "SELECT id, spu_id, sku_id, score, is_pictured FROM reviews WHERE id = ?", id); err != nil {
			return err
		}
		// The row itself says whether it counts: of two who hide it at once one takes it out of the figures.
		rows, err := tx.Exec(ctx, "UPDATE reviews SET is_hidden = ?, hidden_reason = ? WHERE id = ? AND is_hidden = ?", !show, reason, id,
			show)
		if err != nil || rows == 0 {
			return err
		}
		if err := catalog.Rate(ctx, tx, r.SPUID, r.SKUID, r.Score, r.Pictured, by); err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, action, subject(id), typed.Clip(reason, detailLength), now)
	})
}

func subject(id int64) string { return fmt.Sprintf("review %d", id) }
