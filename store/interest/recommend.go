package interest

import (
	"context"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"dashop/store/catalog"
	"dashop/store/db"
)

const (
	// lookedBack is how many of the products seen last speak for what somebody likes.
	lookedBack = 20
	// recommended is how many cards are recommended: two rows of the widest grid.
	recommended = 10
)

// Recommend are the best-selling products beside those that somebody has looked at, the newest first: of the same
// categories, and none of those seen. Without anything seen there are none.
// What was found for the same products is found once for each version of the catalogue. The answer is shared: do not change it.
func (s *Service) Recommend(ctx context.Context, seen []int64) ([]catalog.Card, error) {
	if len(seen) == 0 {
		return nil, nil
	}
	seen = seen[:min(len(seen), lookedBack)]
	version, err := s.catalog.Version(ctx)
	if err != nil {
		return s.recommend(ctx, seen)
	}
	beside := besides{version, fmt.Sprint(seen)}
	return s.beside.Get(ctx, beside, otter.LoaderFunc[besides, []catalog.Card](func(ctx context.Context, _ besides) ([]catalog.Card, error) {
		return s.recommend(ctx, seen)
	}))
}

// besides is what goes beside some products, in a version of the catalogue.
type besides struct {
	version int64
	seen    string
}

const (
	besideLife  = time.Minute
	mostBesides = 2000
)

func newBesides() *otter.Cache[besides, []catalog.Card] {
	return otter.Must(&otter.Options[besides, []catalog.Card]{MaximumSize: mostBesides, ExpiryCalculator: otter.ExpiryWriting[besides, []catalog.Card](besideLife)})
}

func (s *Service) recommend(ctx context.Context, seen []int64) ([]catalog.Card, error) {
	var categories []int64
	query, args := db.In("SELECT DISTINCT category3_id FROM spus WHERE id IN (?) AND is_launched = 1", seen)
	if err := s.db.Select(ctx, &categories, query, args...); err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	if len(categories) == 0 {
		return nil, nil
	}
	var cards []catalog.Card
	query, args = db.In("SELECT "+catalog.CardColumns+` FROM spus p WHERE p.category3_id IN (?) AND p.is_launched = 1 AND p.id NOT IN (?)
		ORDER BY p.sales DESC, p.id DESC LIMIT ?`, categories, seen, recommended)
	if err := s.db.Select(ctx, &cards, query, args...); err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	return cards, nil
}

// LastSeen are the products that a user looked at last, the newest first, as many as Recommend asks for.
func (s *Service) LastSeen(ctx context.Context, userID int64) (ids []int64, err error) {
	err = s.db.Select(s.db.PointRead(ctx), &ids, "SELECT spu_id FROM browse_history WHERE user_id = ? ORDER BY seen_at DESC, spu_id DESC LIMIT ?", userID, lookedBack)
	return ids, err
}
