package catalog

import (
	"context"
	"fmt"
	"time"

	"dashop/store/fault"
)

// keepShelves is how long shelves may be kept even though the catalogue has not changed. Every page needs them.
const keepShelves = time.Minute

// shelves are the tree of categories and what hangs on it. Once made they are only read.
type shelves struct {
	categories map[int64]Category
	below      map[int64][]Category // by parent, in order
	stocked    map[int64]bool       // categories with a launched product; the others are not offered
	menu       []MenuGroup
	hotWords   []Ad
}

// Menu is the category menu: groups of top categories with two levels below, those without a launched product left out.
// The answer is shared: do not change it.
func (s *Service) Menu(ctx context.Context) ([]MenuGroup, error) {
	all, err := s.shelves(ctx)
	if err != nil {
		return nil, err
	}
	return all.menu, nil
}

// HotWords are what the shop proposes to search for: the title of each, in both languages. The answer is shared: do not change it.
func (s *Service) HotWords(ctx context.Context) ([]Ad, error) {
	all, err := s.shelves(ctx)
	if err != nil {
		return nil, err
	}
	return all.hotWords, nil
}

// shelves reads the tree when the catalogue has changed, and at least once in keepShelves. Two requests that find it stale at
// once both read it, which does no harm. Where nobody can say whether it has changed, it is read.
func (s *Service) shelves(ctx context.Context) (*shelves, error) {
	version, err := s.Version(ctx)
	known := err == nil
	s.mu.Lock()
	kept, of, until := s.kept, s.keptOf, s.keptUntil
	s.mu.Unlock()
	now := s.clock()
	if kept != nil && known && version == of && now.Before(until) {
		return kept, nil
	}
	fresh, err := s.readShelves(ctx)
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	s.mu.Lock()
	if s.kept, s.keptOf, s.keptUntil = fresh, version, now.Add(keepShelves); !known {
		s.kept = nil
	}
	s.mu.Unlock()
	return fresh, nil
}

func (s *Service) readShelves(ctx context.Context) (*shelves, error) {
	all := &shelves{categories: map[int64]Category{}, below: map[int64][]Category{}, stocked: map[int64]bool{}}
	var categories []Category
	if err := s.db.Select(ctx, &categories,
		"SELECT id, parent_id, level, name, name_en, icon FROM categories ORDER BY parent_id, sequence, id"); err != nil {
		return nil, err
	}
	for _, c := range categories {
		all.categories[c.ID] = c
		all.below[c.ParentID] = append(all.below[c.ParentID], c)
	}
	var sold []struct {
		C1 int64 `db:"category1_id"`
		C2 int64 `db:"category2_id"`
		C3 int64 `db:"category3_id"`
	}
	if err := s.db.Select(ctx, &sold,
		"SELECT DISTINCT category1_id, category2_id, category3_id FROM spus WHERE is_launched = 1"); err != nil {
		return nil, err
	}
	for _, c := range sold {
		all.stocked[c.C1], all.stocked[c.C2], all.stocked[c.C3] = true, true, true
	}
	if err := s.db.Select(ctx, &all.hotWords,
		"SELECT "+adColumns+" FROM ads WHERE place = ? AND is_shown = 1 ORDER BY sequence, id", placeHotWord); err != nil {
		return nil, err
	}
	return all, s.hangMenu(ctx, all)
}

func (s *Service) hangMenu(ctx context.Context, all *shelves) error {
	var rows []struct {
		MenuGroup
		CategoryID int64 `db:"category_id"`
	}
	err := s.db.Select(ctx, &rows, `SELECT g.id, g.name, g.name_en, c.category_id
		FROM channel_groups g JOIN channels c ON c.group_id = g.id
		ORDER BY g.sequence, g.id, c.sequence, c.id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		top, known := all.categories[r.CategoryID]
		if !known || !all.stocked[top.ID] {
			continue
		}
		if n := len(all.menu); n == 0 || all.menu[n-1].ID != r.ID {
			all.menu = append(all.menu, r.MenuGroup)
		}
		group := &all.menu[len(all.menu)-1]
		group.Categories = append(group.Categories, all.branch(top))
	}
	return nil
}

// branch is a category with all stocked ones below it.
func (a *shelves) branch(c Category) MenuCategory {
	m := MenuCategory{Category: c}
	for _, child := range a.offered(c.ID) {
		m.Children = append(m.Children, a.branch(child))
	}
	return m
}

// offered are the categories below parent with something on sale.
func (a *shelves) offered(parent int64) []Category {
	var list []Category
	for _, c := range a.below[parent] {
		if a.stocked[c.ID] {
			list = append(list, c)
		}
	}
	return list
}

// path leads from the top down to a category.
func (a *shelves) path(id int64) ([]Category, error) {
	var path []Category
	for c, ok := a.categories[id]; ok && len(path) < 3; c, ok = a.categories[c.ParentID] {
		path = append([]Category{c}, path...)
	}
	if len(path) == 0 {
		return nil, fault.Missing()
	}
	return path, nil
}
