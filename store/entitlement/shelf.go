package entitlement

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

// PageSize is how many courses a page of purchases lists, and how many learners a page of the merchant's.
const PageSize = 20

// Owning is a product that a user has or had, as a list shows it.
type Owning struct {
	Holding
	Name      string        `db:"name"`
	NameEN    string        `db:"name_en"`
	Image     string        `db:"image"`
	Chapters  int           `db:"chapters"`
	Downloads int           `db:"downloads"`
	Launched  bool          `db:"is_launched"`
	Records   []Entitlement // newest first
}

// Last is the newest record.
func (o Owning) Last() Entitlement {
	if len(o.Records) == 0 {
		return Entitlement{}
	}
	return o.Records[0]
}

// Shelf is a page of what a user has, newest first.
type Shelf struct {
	Entries []Owning
	Page    int
	HasNext bool
	Now     time.Time
}

const owningColumns = holdingColumns + `, p.name, p.name_en, p.image, p.is_launched,
	(SELECT COUNT(*) FROM materials m WHERE m.spu_id = l.spu_id AND m.kind = 'chapter') AS chapters,
	(SELECT COUNT(*) FROM materials m WHERE m.spu_id = l.spu_id AND m.kind = 'download') AS downloads
	FROM learners l JOIN spus p ON p.id = l.spu_id`

// Shelf lists what a user has or had, page by page from 1 on.
func (s *Service) Shelf(ctx context.Context, userID int64, page int) (Shelf, error) {
	shelf := Shelf{Page: max(page, 1), Now: s.clock()}
	err := s.db.Select(ctx, &shelf.Entries, "SELECT "+owningColumns+" WHERE l.user_id = ? ORDER BY l.bought_at DESC, l.id DESC LIMIT ? OFFSET ?",
		userID, PageSize+1, (shelf.Page-1)*PageSize)
	if err != nil {
		return Shelf{}, fmt.Errorf("list purchases: %w", err)
	}
	if len(shelf.Entries) > PageSize {
		shelf.Entries, shelf.HasNext = shelf.Entries[:PageSize], true
	}
	return shelf, s.fillRecords(ctx, userID, shelf.Entries)
}

// Owning is one product that a user has or had, with the records of its purchases; any other is NotFound.
func (s *Service) Owning(ctx context.Context, userID, spuID int64) (Owning, error) {
	list := make([]Owning, 1)
	err := s.db.Get(s.db.PointRead(ctx), &list[0], "SELECT "+owningColumns+" WHERE l.user_id = ? AND l.spu_id = ?", userID, spuID)
	if err != nil {
		return Owning{}, err
	}
	err = s.fillRecords(s.db.PointRead(ctx), userID, list)
	return list[0], err
}

func (s *Service) fillRecords(ctx context.Context, userID int64, list []Owning) error {
	if len(list) == 0 {
		return nil
	}
	at, ids := map[int64]*Owning{}, make([]int64, len(list))
	for i := range list {
		at[list[i].SPUID], ids[i] = &list[i], list[i].SPUID
	}
	var records []Entitlement
	query, args := db.In("SELECT "+columns+" FROM entitlements WHERE user_id = ? AND spu_id IN (?) ORDER BY bought_at DESC, id DESC", userID, ids)
	if err := s.db.Select(ctx, &records, query, args...); err != nil {
		return fmt.Errorf("read the records of purchases: %w", err)
	}
	for _, e := range records {
		at[e.SPUID].Records = append(at[e.SPUID].Records, e)
	}
	return nil
}

// Learner is somebody who has a course, as the merchant's list shows it.
type Learner struct {
	Holding
	ID       int64  `db:"id"`
	Username string `db:"username"`
	How      How    `db:"how"` // the newest time
	Reason   string `db:"reason"`
	OrderNo  string `db:"order_no"`
}

// Learners is a page of those who have or had a product, by when they joined, newest first; and whether another page follows.
func (s *Service) Learners(ctx context.Context, spuID int64, page int) (list []Learner, more bool, err error) {
	err = s.db.Select(ctx, &list, "SELECT "+holdingColumns+`, l.id, u.username, e.how, e.reason, e.order_no
		FROM learners l JOIN users u ON u.id = l.user_id JOIN entitlements e ON e.id = (SELECT n.id FROM entitlements n
			WHERE n.user_id = l.user_id AND n.spu_id = l.spu_id ORDER BY n.bought_at DESC, n.id DESC LIMIT 1)
		WHERE l.spu_id = ? ORDER BY l.joined_at DESC, l.id DESC LIMIT ? OFFSET ?`, spuID, PageSize+1, (max(page, 1)-1)*PageSize)
	if err != nil {
		return nil, false, fmt.Errorf("list learners: %w", err)
	}
	if len(list) > PageSize {
		return list[:PageSize], true, nil
	}
	return list, false, nil
}
