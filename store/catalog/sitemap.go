package catalog

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/fault"
)

// SitemapSize is how many addresses one file of the site map holds.
const SitemapSize = 5000

// sitemapParts bounds the files that an index may name.
const sitemapParts = 50_000

// SitemapStarts are the ids after which each file of launched products begins. It walks the index of launched products
// once, in steps of a file.
func (s *Service) SitemapStarts(ctx context.Context) ([]int64, error) {
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
	err = s.db.Select(ctx, &ids, "SELECT p.id FROM spus p WHERE p.is_launched = 1 AND p.id > ? ORDER BY p.id LIMIT ?", after, SitemapSize)
	return ids, err
}

// SitemapCategories are the ids of the categories with something on sale, by id.
func (s *Service) SitemapCategories(ctx context.Context) ([]int64, error) {
	all, err := s.shelves(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for id := range all.categories {
		if all.stocked[id] && len(ids) < SitemapSize {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
