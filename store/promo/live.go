package promo

import (
	"context"
	"fmt"
	"sync/atomic"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/recent"
)

// MostLive is how many promotions of baskets may be published and not yet over at one time. Each basket is held against all that are on.
const MostLive = 200

// Changed makes all nodes read the promotions of baskets again once tx is committed. Whatever writes promotions, their targets or their
// steps calls it, any number of times in a transaction.
func Changed(ctx context.Context, tx *db.Tx) {
	tx.Changed(liveName)
	tx.BeforeCommit("promotions changed", func() error {
		rows, err := tx.Exec(ctx, "UPDATE promotion_version SET version = version + 1 WHERE id = 1")
		if err == nil && rows == 0 {
			err = fmt.Errorf("its row is missing")
		}
		if err != nil {
			return fmt.Errorf("count up the version of promotions: %w", err)
		}
		return nil
	})
}

var liveName = recent.NameOf("promotions", 0)

// live keeps the promotions of baskets that are published and not over. Those that start later are among them, since windows go by the
// clock when a basket is priced.
type live struct {
	db    *db.DB
	clock db.Clock
	kept  *recent.Cache[int, *version]
	last  atomic.Pointer[version] // that was read from what is committed
}

// version is the promotions as they were at a version.
type version struct {
	number     int64
	promotions []Promotion
}

func newLive(d *db.DB, clock db.Clock) *live {
	l := &live{db: d, clock: clock}
	l.kept = recent.New(d.Changes(), 1, l.read)
	return l
}

// list is as the database has it for a transaction, by one read of a row as long as nothing changes; outside of one, where q is the database
// itself, it may be a second old.
func (l *live) list(ctx context.Context, q db.Queryer) ([]Promotion, error) {
	if q == l.db {
		v, err := l.kept.Get(ctx, 0)
		if err != nil {
			return nil, err
		}
		return v.promotions, nil
	}
	number, err := readVersion(ctx, q)
	if err != nil {
		return nil, err
	}
	if last := l.last.Load(); last != nil && last.number == number {
		return last.promotions, nil
	}
	return l.readLive(ctx, q) // but not keep: what a transaction sees may still be undone
}

// read reads the promotions if their version is another than the last.
func (l *live) read(ctx context.Context, _ int) (*version, []recent.Name, error) {
	names := []recent.Name{liveName}
	number, err := readVersion(ctx, l.db)
	if err != nil {
		return nil, nil, err
	}
	if last := l.last.Load(); last != nil && last.number == number {
		return last, names, nil
	}
	promotions, err := l.readLive(ctx, l.db)
	if err != nil {
		return nil, nil, err
	}
	v := &version{number, promotions}
	if after, err := readVersion(ctx, l.db); err == nil && after == number {
		l.last.Store(v) // else it may be a mixture of two versions, which nobody may take for either
	}
	return v, names, nil
}

func readVersion(ctx context.Context, q db.Queryer) (number int64, err error) {
	if err := q.Get(ctx, &number, "SELECT version FROM promotion_version WHERE id = 1"); err != nil {
		return 0, fmt.Errorf("read the version of promotions: %w", err)
	}
	return number, nil
}

func (l *live) readLive(ctx context.Context, q db.Queryer) ([]Promotion, error) {
	var ids []int64
	err := q.Select(ctx, &ids, `SELECT id FROM promotions WHERE is_published = 1 AND ends_at > ? AND kind IN (?, ?)
		ORDER BY ends_at, id LIMIT ?`, l.clock(), KindReduction, KindPercent, MostLive)
	if err != nil {
		return nil, fmt.Errorf("read which promotions are live: %w", err)
	}
	return Find(ctx, q, ids)
}

// Find are the promotions with these ids, complete, in the order of ids. Unknown ids are not in the answer.
func Find(ctx context.Context, q db.Queryer, ids []int64) ([]Promotion, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		Promotion
		ScopeKind ScopeKind `db:"scope"`
	}
	query, args := db.In(`SELECT id, kind, name, name_en, scope, percent, per_person, priority, starts_at, ends_at, is_published, is_open
		FROM promotions WHERE id IN (?) ORDER BY id`, ids)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	var targets []struct {
		PromotionID int64 `db:"promotion_id"`
		TargetID    int64 `db:"target_id"`
	}
	query, args = db.In("SELECT promotion_id, target_id FROM promotion_targets WHERE promotion_id IN (?)", ids)
	if err := q.Select(ctx, &targets, query, args...); err != nil {
		return nil, fmt.Errorf("read what promotions are about: %w", err)
	}
	about := map[int64][]int64{}
	for _, t := range targets {
		about[t.PromotionID] = append(about[t.PromotionID], t.TargetID)
	}
	var steps []struct {
		PromotionID int64 `db:"promotion_id"`
		Step
	}
	query, args = db.In(`SELECT promotion_id, from_fen, off_fen FROM promotion_steps WHERE promotion_id IN (?)
		ORDER BY promotion_id, from_fen`, ids)
	if err := q.Select(ctx, &steps, query, args...); err != nil {
		return nil, fmt.Errorf("read the steps of promotions: %w", err)
	}
	of := map[int64][]Step{}
	for _, s := range steps {
		of[s.PromotionID] = append(of[s.PromotionID], s.Step)
	}
	found := make([]Promotion, len(rows))
	for i, r := range rows {
		found[i] = r.Promotion
		found[i].Scope, found[i].Steps = NewScope(r.ScopeKind, about[r.ID]...), of[r.ID]
	}
	return found, nil
}

// On are the promotions of baskets that are on now and that a SKU is in, the one that counts first of each kind.
func (s *Service) On(ctx context.Context, k catalog.SKU) (list []Promotion, err error) {
	all, err := s.live.list(ctx, s.live.db)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	for _, kind := range []Kind{KindReduction, KindPercent} {
		var best *Promotion
		for i := range all {
			p := &all[i]
			if p.Kind == kind && p.On(now) && p.Scope.Contains(k) &&
				(best == nil || p.Priority > best.Priority || p.Priority == best.Priority && p.ID > best.ID) {
				best = p
			}
		}
		if best != nil {
			list = append(list, *best)
		}
	}
	return list, nil
}
