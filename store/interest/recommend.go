package interest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
)

const (
	// viewsUsed is how many of the products viewed last decide what is recommended.
	viewsUsed = 20
	// recommended is how many cards are recommended: two rows of the widest grid.
	recommended = 10
)

// Recommend are the best-selling products beside those that somebody has viewed, which are given newest first: of the same
// categories, and none of those seen. Without anything seen there are none.
// The answer for the same products is cached for each version of the catalogue. It is shared: do not change it.
func (s *Service) Recommend(ctx context.Context, seen []int64) (_ []catalog.Card, err error) {
	defer fault.Wrap(&err, "recommend")
	if len(seen) == 0 {
		return nil, nil
	}
	seen = seen[:min(len(seen), viewsUsed)]
	version, err := s.catalog.Version(ctx)
	if err != nil {
		return s.recommend(ctx, seen)
	}
	key := recommendKey{version: version}
	copy(key.seen[:], seen)
	made, err := s.cached.Get(ctx, key, otter.LoaderFunc[any, *recommendation](func(ctx context.Context, _ any) (*recommendation, error) {
		cards, err := s.recommend(ctx, seen)
		return &recommendation{cards}, err
	}))
	if err != nil {
		return nil, err
	}
	return made.cards, nil
}

// recommendKey is the key of a cached recommendation: the products viewed, in a version of the catalogue. No product has the id 0.
type recommendKey struct {
	version int64
	seen    [viewsUsed]int64
}

// recommendation is what is cached under a recommendKey. (For the compiler a cache of any keys and pointers is the one that
// recent.Cache has; one of other types would bring another 300 KB of code.)
type recommendation struct{ cards []catalog.Card }

const (
	cacheLife = time.Minute
	cacheSize = 2000
)

func newCache() *otter.Cache[any, *recommendation] {
	return otter.Must(&otter.Options[any, *recommendation]{MaximumSize: cacheSize,
		ExpiryCalculator: otter.ExpiryWriting[any, *recommendation](cacheLife)})
}

func (s *Service) recommend(ctx context.Context, seen []int64) ([]catalog.Card, error) {
	var categories []int64
	query, args := db.In("SELECT DISTINCT category3_id FROM spus WHERE id IN (?) AND +is_launched = 1", seen)
	if err := s.db.Select(ctx, &categories, query, args...); err != nil {
		return nil, err
	}
	if len(categories) == 0 {
		return nil, nil
	}
	// Each category gives the first of its best-selling, along its index; enough, were all that were seen among them.
	const best = "SELECT id, sales FROM spus WHERE category3_id = ? AND is_launched = 1 ORDER BY sales DESC, id DESC LIMIT ?"
	var from []string
	args = nil
	for _, category := range categories {
		from = append(from, "SELECT id, sales FROM ("+best+") c")
		args = append(args, category, recommended+len(seen))
	}
	query, args = db.In("SELECT "+catalog.CardColumns+` FROM (
			SELECT id FROM (`+strings.Join(from, " UNION ALL ")+`) t WHERE id NOT IN (?) ORDER BY sales DESC, id DESC LIMIT ?
		) b JOIN spus p ON p.id = b.id ORDER BY p.sales DESC, p.id DESC`, append(args, seen, recommended)...)
	var cards []catalog.Card
	if err := s.db.Select(ctx, &cards, query, args...); err != nil {
		return nil, err
	}
	return cards, nil
}

// RecentlyViewed are the products that a user viewed last, the newest first, as many as Recommend uses. What was viewed on another
// node counts within a second after it was written. It is shared: do not change it.
func (s *Service) RecentlyViewed(ctx context.Context, userID int64) (ids []int64, err error) {
	waiting := s.pending.of(userID) // read first: what is written meanwhile is in both
	written, err := s.viewed.Get(ctx, userID)
	if err != nil || len(waiting) == 0 {
		return written, err
	}
	for _, v := range slices.Backward(waiting) {
		ids = append(ids, v.spuID)
	}
	for _, id := range written {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), viewsUsed)], nil
}

// historyOf names what a user has viewed, to those who keep it for a moment.
func historyOf(userID int64) recent.Name { return recent.NameOf("history", userID) }

func (s *Service) readViewed(ctx context.Context, userID int64) (ids []int64, of []recent.Name, err error) {
	defer fault.Wrap(&err, "read what user %d viewed last", userID)
	err = s.db.Select(s.db.PointRead(ctx), &ids,
		"SELECT spu_id FROM browse_history WHERE user_id = ? ORDER BY seen_at DESC, spu_id DESC LIMIT ?", userID, viewsUsed)
	return ids, []recent.Name{historyOf(userID)}, err
}
