// Package sale opens and closes sales: it keeps the price of the moment in the rows of SKUs, and the pieces of flash sales.
package sale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Service opens and closes sales when their time comes. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock db.Clock
}

// New makes a Service.
func New(d *db.DB, clock db.Clock) *Service { return &Service{db: d, clock: clock} }

const (
	// sweepPiece is how many promotions are found due at once.
	sweepPiece = 50
	// repriceBatch is how many products are repriced in one transaction, so that nobody waits long for it.
	repriceBatch = 20
	// findPiece is how many products, SKUs or targets are looked at in one read.
	findPiece = 200
)

// settle is how long after a sale begins or ends it is looked at once more. A node whose clock is behind may still have written prices by the
// moment before, and what it wrote be unseen until its transaction ended: so it is longer than clocks differ, a transaction waits for a row (5 s) and
// tries again (4 s), together.
const settle = 15 * time.Second

// never is when something is due about a promotion that is over.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Due has the sweep look at a promotion again within a second. Whatever changes a promotion, its scope, steps or prices calls it in the
// same transaction. A new promotion is due by itself.
func Due(ctx context.Context, tx *db.Tx, promotionID int64) error {
	_, err := tx.Exec(ctx, "UPDATE promotions SET due_at = ?, changes = changes + 1 WHERE id = ?", time.Unix(0, 0).UTC(), promotionID)
	if err != nil {
		return fmt.Errorf("make promotion %d due: %w", promotionID, err)
	}
	return nil
}

// Sweep does what is due by the clock: it opens sales that begin, closes those that end, and reprices the goods of those that were changed.
// What is broken off is due again and goes on; of two nodes that do the same the later one finds nothing to change.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "open and close sales")
	for {
		var due []int64
		if err := s.db.Select(ctx, &due, "SELECT id FROM promotions WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", s.clock(), sweepPiece); err != nil {
			return err
		}
		var failed []error
		for _, id := range due { // one that fails stops no other
			if err := s.apply(ctx, id); err != nil {
				failed = append(failed, fmt.Errorf("promotion %d: %w", id, err))
			}
		}
		if len(due) < sweepPiece || len(failed) > 0 {
			return errors.Join(failed...)
		}
	}
}

// apply brings the rows of SKUs in line with a promotion, and notes when it has to be looked at next.
func (s *Service) apply(ctx context.Context, id int64) error {
	var p saleRow
	err := s.db.Get(ctx, &p, "SELECT "+saleColumns+" FROM promotions WHERE id = ?", id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.clock()
	if p.Kind.IsSale() {
		if err := s.repriceAll(ctx, p, now); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		catalog.MarkChanged(ctx, tx) // pages also tell of what is to come, and of promotions that change no price of a piece
		// Of a promotion that was changed meanwhile something is due again.
		_, err := tx.Exec(ctx, "UPDATE promotions SET is_open = ?, due_at = ? WHERE id = ? AND changes = ?",
			p.Kind.IsSale() && p.On(now), nextEdge(p.Promotion, now), id, p.Changes)
		return err
	})
}

// nextEdge is when a promotion has to be looked at next: when its window begins or ends, and once more a little later.
func nextEdge(p promo.Promotion, now time.Time) time.Time {
	next := never
	if !p.Published {
		return next
	}
	for _, at := range []time.Time{p.StartsAt, p.StartsAt.Add(settle), p.EndsAt, p.EndsAt.Add(settle)} {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

// repriceAll reprices the products that a sale is about: those that have its price now and, while it is on, those in its scope.
func (s *Service) repriceAll(ctx context.Context, p saleRow, now time.Time) error {
	err := s.walk(ctx, "SELECT DISTINCT spu_id AS id, spu_id FROM skus WHERE sale_id = ? AND spu_id > ? ORDER BY spu_id LIMIT ?", p.ID)
	if err != nil || !p.On(now) {
		return err
	}
	err = s.walk(ctx, `SELECT r.sku_id AS id, k.spu_id FROM promotion_skus r JOIN skus k ON k.id = r.sku_id
		WHERE r.promotion_id = ? AND r.sku_id > ? ORDER BY r.sku_id LIMIT ?`, p.ID)
	if err != nil || p.Kind == promo.KindFlash || p.Percent >= 100 {
		return err
	}
	switch p.ScopeKind {
	case promo.ScopeSKU:
		return s.walk(ctx, `SELECT t.target_id AS id, k.spu_id FROM promotion_targets t JOIN skus k ON k.id = t.target_id
			WHERE t.promotion_id = ? AND t.target_id > ? ORDER BY t.target_id LIMIT ?`, p.ID)
	case promo.ScopeSPU:
		return s.walk(ctx, `SELECT target_id AS id, target_id AS spu_id FROM promotion_targets
			WHERE promotion_id = ? AND target_id > ? ORDER BY target_id LIMIT ?`, p.ID)
	}
	return s.repriceScope(ctx, p)
}

// step is where a walk through products stands, and the product there.
type step struct {
	ID    int64 `db:"id"`
	SPUID int64 `db:"spu_id"`
}

// walk reprices the products that a query finds, piece by piece. The query takes the promotion, the id after which it goes on, and a limit.
func (s *Service) walk(ctx context.Context, query string, promotionID int64) error {
	for after := int64(0); ; {
		var found []step
		if err := s.db.Select(ctx, &found, query, promotionID, after, findPiece); err != nil {
			return err
		}
		var products []int64
		for _, f := range found {
			products = append(products, f.SPUID)
		}
		if err := s.reprice(ctx, products); err != nil || len(found) < findPiece {
			return err
		}
		after = found[len(found)-1].ID
	}
}

// repriceScope reprices the products of the whole shop, of categories or of brands. It goes through all products in the order of their
// numbers: no index leads through several categories in an order in which it could go on.
func (s *Service) repriceScope(ctx context.Context, p saleRow) error {
	targets, err := s.targets(ctx, p.ID)
	if err != nil {
		return err
	}
	scope := p.promotion(targets).Scope
	for after := int64(0); ; {
		var found []catalog.SKU
		if err := s.db.Select(ctx, &found, `SELECT id AS spu_id, category1_id, category2_id, category3_id, brand_id FROM spus
			WHERE id > ? ORDER BY id LIMIT ?`, after, findPiece); err != nil {
			return err
		}
		var products []int64
		for _, k := range found {
			if scope.Contains(k) {
				products = append(products, k.SPUID)
			}
		}
		if err := s.reprice(ctx, products); err != nil || len(found) < findPiece {
			return err
		}
		after = found[len(found)-1].SPUID
	}
}

// targets are the ids of a scope.
func (s *Service) targets(ctx context.Context, promotionID int64) (all []int64, err error) {
	for after := int64(0); ; {
		var found []int64
		if err := s.db.Select(ctx, &found, "SELECT target_id FROM promotion_targets WHERE promotion_id = ? AND target_id > ? ORDER BY target_id LIMIT ?",
			promotionID, after, findPiece); err != nil {
			return nil, err
		}
		all = append(all, found...)
		if len(found) < findPiece {
			return all, nil
		}
		after = found[len(found)-1]
	}
}

// reprice reprices products in transactions of a few; each product is in one of them.
func (s *Service) reprice(ctx context.Context, spuIDs []int64) error {
	slices.Sort(spuIDs)
	for batch := range slices.Chunk(slices.Compact(spuIDs), repriceBatch) {
		err := s.db.Tx(ctx, func(tx *db.Tx) error { return Reprice(ctx, tx, s.clock, batch...) })
		if err != nil {
			return err
		}
	}
	return nil
}
