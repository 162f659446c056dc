package catalog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"dashop/store/fault"
)

// SitemapSize is how many addresses one file of the site map holds.
const SitemapSize = 5000

// sitemapParts bounds the files that an index may name.
const sitemapParts = 50_000

// startsLife is how long a new file may take to be named.
const startsLife = 10 * time.Minute

// sitemapStarts are where the files begin, as they were found last.
type sitemapStarts struct {
	mu    sync.Mutex // held while they are looked for, so that a crowd of crawlers asks once
	kept  []int64
	until time.Time
}

// SitemapStarts are the ids after which each file of launched products begins, at most startsLife old. The answer is
// shared: do not change it.
func (s *Service) SitemapStarts(ctx context.Context) (_ []int64, err error) {
	defer fault.Wrap(&err, "find where the files of the site map begin")
	s.starts.mu.Lock()
	defer s.starts.mu.Unlock()
	if now := s.clock(); s.starts.kept == nil || !now.Before(s.starts.until) {
		fresh, err := s.findStarts(ctx)
		if err != nil {
			return nil, err
		}
		s.starts.kept, s.starts.until = fresh, now.Add(startsLife)
	}
	return s.starts.kept, nil
}

// findStarts walks the launched products once, in steps of a file.
func (s *Service) findStarts(ctx context.Context) ([]int64, error) {
	starts := []int64{0}
	for len(starts) < sitemapParts {
		var last int64
		err := s.db.Get(ctx, &last, "SELECT p.id FROM spus p WHERE p.is_launched = 1 AND p.id > ? ORDER BY p.id LIMIT 1 OFFSET ?",
			starts[len(starts)-1], SitemapSize-1)
		if fault.Is(err, fault.NotFound) {
			return starts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("walk launched products: %w", err)
		}
		starts = append(starts, last)
	}
	return starts, nil
}

// SitemapProducts are the ids of the launched products of one file, in order.
func (s *Service) SitemapProducts(ctx context.Context, after int64) (ids []int64, err error) {
	defer fault.Wrap(&err, "read products of the site map")
	err = s.db.Select(ctx, &ids, "SELECT p.id FROM spus p WHERE p.is_launched = 1 AND p.id > ? ORDER BY p.id LIMIT ?", after, SitemapSize)
	return ids, err
}

// SitemapCategories are the ids of the categories with something on sale, by id.
func (s *Service) SitemapCategories(ctx context.Context) ([]int64, error) {
	all, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for id := range all.categories {
		if all.onSale[id] && len(ids) < SitemapSize {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
