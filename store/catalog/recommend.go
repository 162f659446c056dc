package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"dashop/store/db"
)

// lookedBack is how many of the products seen last speak for what somebody likes.
const lookedBack = 20

// Recommend are the best-selling products beside those that somebody has looked at, the newest first: of the same
// categories, and none of those seen. Without anything seen there are none.
// What was found for the same products is found once for each version of the catalogue. The answer is shared: do not change it.
func (s *Service) Recommend(ctx context.Context, seen []int64) ([]Card, error) {
	if len(seen) == 0 {
		return nil, nil
	}
	seen = seen[:min(len(seen), lookedBack)]
	version, err := s.Version(ctx)
	if err != nil {
		return s.recommend(ctx, seen)
	}
	beside := besides{version, fmt.Sprint(seen)}
	return s.beside.Get(ctx, beside, otter.LoaderFunc[besides, []Card](func(ctx context.Context, _ besides) ([]Card, error) {
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

func newBesides() *otter.Cache[besides, []Card] {
	return otter.Must(&otter.Options[besides, []Card]{MaximumSize: mostBesides, ExpiryCalculator: otter.ExpiryWriting[besides, []Card](besideLife)})
}

func (s *Service) recommend(ctx context.Context, seen []int64) ([]Card, error) {
	var categories []int64
	query, args := db.In("SELECT DISTINCT category3_id FROM spus WHERE id IN (?) AND is_launched = 1", seen)
	if err := s.db.Select(ctx, &categories, query, args...); err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	if len(categories) == 0 {
		return nil, nil
	}
	var cards []Card
	query, args = db.In("SELECT "+cardColumns+` FROM spus p WHERE p.category3_id IN (?) AND p.is_launched = 1 AND p.id NOT IN (?)
		ORDER BY p.sales DESC, p.id DESC LIMIT ?`, categories, seen, sectionSize)
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

// Brand is a maker of products.
type Brand struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	NameEN  string `db:"name_en"`
	Logo    string `db:"logo"`
	Intro   string `db:"intro"`
	IntroEN string `db:"intro_en"`
}

// homeBrands is how many brands the home page shows.
const homeBrands = 12

// brands are the first brands with something on sale.
func (s *Service) brands(ctx context.Context) (list []Brand, err error) {
	err = s.db.Select(ctx, &list, `SELECT b.id, b.name, b.name_en, b.logo, b.intro, b.intro_en FROM brands b
		WHERE EXISTS (SELECT 1 FROM spus p WHERE p.brand_id = b.id AND p.is_launched = 1) ORDER BY b.id LIMIT ?`, homeBrands)
	return list, err
}
