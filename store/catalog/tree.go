package catalog

import (
	"context"
	"sync"
	"time"

	"dashop/store/fault"
)

// treeLife is how long the tree is used without reading it again, even if the catalogue has not changed.
const treeLife = time.Minute

// categoryTree is all categories with what pages show beside them. Once made it is only read, but for best.
type categoryTree struct {
	categories map[int64]Category
	below      map[int64][]Category // by parent, in order
	onSale     map[int64]bool       // categories with a launched product; pages leave out the others
	menu       []MenuGroup
	hotWords   []Ad
	best       sync.Map // []Card by category: what bestInStock has found since the tree was read; all who look around share it
}

// Menu is the category menu: groups of top categories with two levels below, those without a launched product left out.
// The answer is shared: do not change it.
func (s *Service) Menu(ctx context.Context) ([]MenuGroup, error) {
	all, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	return all.menu, nil
}

// HotWords are what the shop proposes to search for: the title of each, in both languages. The answer is shared: do not change it.
func (s *Service) HotWords(ctx context.Context) ([]Ad, error) {
	all, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	return all.hotWords, nil
}

// tree is the tree of categories, read again when the catalogue has changed and at least once in treeLife. Two requests that
// find it stale at the same time both read it, which is harmless. Where the version cannot be read, the tree is.
func (s *Service) tree(ctx context.Context) (_ *categoryTree, err error) {
	defer fault.Wrap(&err, "read categories")
	version, err := s.Version(ctx)
	known := err == nil
	s.mu.Lock()
	kept, of, until := s.kept, s.keptOf, s.keptUntil
	s.mu.Unlock()
	now := s.clock()
	if kept != nil && known && version == of && now.Before(until) {
		return kept, nil
	}
	fresh, err := s.readTree(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.kept, s.keptOf, s.keptUntil = fresh, version, now.Add(treeLife); !known {
		s.kept = nil
	}
	s.mu.Unlock()
	return fresh, nil
}

// onSale looks into an index once for each category, instead of reading all products. An EXISTS would leave it to MariaDB, which at times
// prefers to gather the categories of all products first.
const onSale = `SELECT c.id FROM categories c
	WHERE c.level = 1 AND (SELECT 1 FROM spus p WHERE p.category1_id = c.id AND p.is_launched = 1 LIMIT 1) IS NOT NULL
	OR c.level = 2 AND (SELECT 1 FROM spus p WHERE p.category2_id = c.id AND p.is_launched = 1 LIMIT 1) IS NOT NULL
	OR c.level = 3 AND (SELECT 1 FROM spus p WHERE p.category3_id = c.id AND p.is_launched = 1 LIMIT 1) IS NOT NULL`

func (s *Service) readTree(ctx context.Context) (*categoryTree, error) {
	all := &categoryTree{categories: map[int64]Category{}, below: map[int64][]Category{}, onSale: map[int64]bool{}}
	var categories []Category
	if err := s.db.Select(ctx, &categories,
		"SELECT id, parent_id, level, name, name_en, icon FROM categories ORDER BY parent_id, sequence, id"); err != nil {
		return nil, err
	}
	for _, c := range categories {
		all.categories[c.ID] = c
		all.below[c.ParentID] = append(all.below[c.ParentID], c)
	}
	var sold []int64
	if err := s.db.Select(ctx, &sold, onSale); err != nil {
		return nil, err
	}
	for _, id := range sold {
		all.onSale[id] = true
	}
	if err := s.db.Select(ctx, &all.hotWords,
		"SELECT "+adColumns+" FROM ads WHERE place = ? AND is_shown = 1 ORDER BY sequence, id", placeHotWord); err != nil {
		return nil, err
	}
	return all, s.readMenu(ctx, all)
}

func (s *Service) readMenu(ctx context.Context, all *categoryTree) error {
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
		if !known || !all.onSale[top.ID] {
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
func (a *categoryTree) branch(c Category) MenuCategory {
	m := MenuCategory{Category: c}
	for _, child := range a.childrenOnSale(c.ID) {
		m.Children = append(m.Children, a.branch(child))
	}
	return m
}

// childrenOnSale are the categories below parent with something on sale.
func (a *categoryTree) childrenOnSale(parent int64) []Category {
	var list []Category
	for _, c := range a.below[parent] {
		if a.onSale[c.ID] {
			list = append(list, c)
		}
	}
	return list
}

// path leads from the top down to a category.
func (a *categoryTree) path(id int64) ([]Category, error) {
	var path []Category
	for c, ok := a.categories[id]; ok && len(path) < 3; c, ok = a.categories[c.ParentID] {
		path = append([]Category{c}, path...)
	}
	if len(path) == 0 {
		return nil, fault.Missing()
	}
	return path, nil
}
