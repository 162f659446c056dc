package review

import (
	"context"
	"strconv"
	"strings"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
)

// List is one page of reviews, newest first.
type List struct {
	Reviews []Review
	Page    int
	Next    string // where the next page begins, for After; "" on the last page
}

// Page says which page of a list is wanted: by where it begins, as List.Next told, or else by its number, up to catalog.MaxPage.
type Page struct {
	Number int
	After  string
}

const columns = `r.id, r.order_id, r.line, r.spu_id, r.sku_id, r.user_id, r.spec, r.spec_en, r.score, r.comment, r.is_anonymous,
	r.is_pictured,
	r.reply, r.replied_at, r.is_hidden, r.hidden_reason, r.created_at, COALESCE(u.nickname, r.author) AS author, COALESCE(u.avatar, r.avatar)
	AS avatar`

// ownColumns are what one's own and the merchant's lists show besides.
const ownColumns = `, COALESCE(o.order_no, '') AS order_no, COALESCE(p.name, '') AS product, COALESCE(p.name_en, '') AS product_en,
	COALESCE(NULLIF(k.image, ''), p.image, '') AS image`

const ownTables = ` LEFT JOIN orders o ON o.id = r.order_id LEFT JOIN spus p ON p.id = r.spu_id LEFT JOIN skus k ON k.id = r.sku_id`

// OfProduct is a page of the shown reviews of a product. Anonymous authors are hidden.
func (s *Service) OfProduct(ctx context.Context, spuID int64, f Filter, p Page) (_ List, err error) {
	defer fault.Wrap(&err, "list reviews of product %d", spuID)
	list, err := s.page(s.db.PointRead(ctx),
		"SELECT "+columns+" FROM reviews r LEFT JOIN users u ON u.id = r.user_id WHERE r.spu_id = ? AND r.is_hidden = 0"+filterClauses[f],
		[]any{spuID}, p)
	if err != nil {
		return List{}, err
	}
	for i := range list.Reviews {
		list.Reviews[i].hideAuthor()
	}
	return list, nil
}

// ByUser is a page of what a user wrote, hidden reviews among them.
func (s *Service) ByUser(ctx context.Context, userID int64, p Page) (_ List, err error) {
	defer fault.Wrap(&err, "list reviews by user %d", userID)
	list, err := s.page(ctx,
		"SELECT "+columns+ownColumns+" FROM reviews r LEFT JOIN users u ON u.id = r.user_id"+ownTables+" WHERE r.user_id = ?",
		[]any{userID}, p)
	if err != nil {
		return List{}, err
	}
	return list, nil
}

// page reads a page of a list, newest first.
func (s *Service) page(ctx context.Context, query string, args []any, p Page) (List, error) {
	list := List{Page: min(max(p.Number, 1), catalog.MaxPage)}
	offset := (list.Page - 1) * pageSize
	if at, id, ok := parseCursor(p.After); ok {
		// In this form, and no other, both databases find the place by index.
		query, args, offset = query+" AND r.created_at <= ? AND (r.created_at < ? OR r.id < ?)", append(args, at, at, id), 0
	}
	if err := s.db.Select(ctx, &list.Reviews, query+" ORDER BY r.created_at DESC, r.id DESC LIMIT ? OFFSET ?",
		append(args, pageSize+1, offset)...); err != nil {
		return List{}, err
	}
	if len(list.Reviews) > pageSize {
		list.Reviews = list.Reviews[:pageSize]
		last := list.Reviews[pageSize-1]
		list.Next = strconv.FormatInt(last.CreatedAt.UnixMilli(), 10) + "-" + strconv.FormatInt(last.ID, 10)
	}
	return list, s.pictures(ctx, list.Reviews)
}

// parseCursor reads where a page begins; what is mangled begins nowhere.
func parseCursor(text string) (at time.Time, id int64, ok bool) {
	ms, n, ok := strings.Cut(text, "-")
	if !ok || len(text) > 40 {
		return at, 0, false
	}
	moment, err1 := strconv.ParseInt(ms, 10, 64)
	id, err2 := strconv.ParseInt(n, 10, 64)
	if err1 != nil || err2 != nil || moment < 0 || moment > 1e14 {
		return at, 0, false
	}
	return db.Cut(time.UnixMilli(moment)), id, true
}

func (s *Service) pictures(ctx context.Context, reviews []Review) error {
	at := map[int64]*Review{}
	var ids []int64
	for i := range reviews {
		if reviews[i].Pictured {
			ids, at[reviews[i].ID] = append(ids, reviews[i].ID), &reviews[i]
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ReviewID int64  `db:"review_id"`
		Image    string `db:"image"`
	}
	query, args := db.In("SELECT review_id, image FROM review_pictures WHERE review_id IN (?) ORDER BY review_id, sequence", ids)
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return err
	}
	for _, r := range rows {
		at[r.ReviewID].Pictures = append(at[r.ReviewID].Pictures, r.Image)
	}
	return nil
}
