package desk

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Levels is how deep the tree of categories is.
const Levels = 3

// CategoryInput is what the merchant says of a category.
type CategoryInput struct {
	Version  int64  `db:"version"` // of the category that the form shows
	ParentID int64  `db:"parent_id"`
	Name     string `db:"name"`
	NameEN   string `db:"name_en"`
	Sequence int64  `db:"sequence"`
	Icon     string `db:"icon"` // the new picture; "" keeps the one there is
}

// EditingCategory is a category in the merchant's forms.
type EditingCategory struct {
	ID    int64 `db:"id"`
	Level int   `db:"level"`
	CategoryInput
}

const editingCategoryColumns = "SELECT id, level, version, parent_id, name, name_en, sequence, icon FROM categories"

// EditingCategories is the whole tree as it is now, each category before those below it.
func (d *Desk) EditingCategories(ctx context.Context) (tree []EditingCategory, err error) {
	defer fault.Wrap(&err, "read categories")
	var all []EditingCategory
	if err := d.db.Select(ctx, &all, editingCategoryColumns+" ORDER BY sequence, id"); err != nil {
		return nil, err
	}
	below := map[int64][]EditingCategory{}
	for _, c := range all {
		below[c.ParentID] = append(below[c.ParentID], c)
	}
	var add func(parent int64, depth int)
	add = func(parent int64, depth int) {
		for _, c := range below[parent] {
			tree = append(tree, c)
			if depth < Levels {
				add(c.ID, depth+1)
			}
		}
	}
	add(0, 1)
	return tree, nil
}

// EditingCategory reads a category for the merchant's form.
func (d *Desk) EditingCategory(ctx context.Context, id int64) (c EditingCategory, err error) {
	defer fault.Wrap(&err, "read category %d", id)
	return c, d.db.Get(ctx, &c, editingCategoryColumns+" WHERE id = ?", id)
}

// SaveCategory keeps a category, or with id 0 makes a new one, and returns its id. A category may move below another parent of
// the same level as its own, so that the tree never has more than Levels levels and no circle; its products go with it, and
// are found by its new name: at once where they are few, else by FollowJob. Wrong fields are named name, name_en, parent_id
// and sequence.
func (d *Desk) SaveCategory(ctx context.Context, staffID, id int64, in CategoryInput) (int64, error) {
	in.Name, in.NameEN = typed.Line(in.Name), typed.Line(in.NameEN)
	c := newChecks()
	c.length("name", in.Name, 1, 60)
	c.length("name_en", in.NameEN, 0, 120)
	c.sequence("sequence", in.Sequence)
	if err := c.OrNil(); err != nil {
		return 0, err
	}
	saved := id
	err := d.edit(ctx, staffID, "category_saved", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if id == 0 {
			saved, err = newCategory(ctx, tx, in)
		} else {
			err = d.changeCategory(ctx, tx, id, in, now)
		}
		return fmt.Sprintf("category %d", saved), fmt.Sprintf("%s below %d", in.Name, in.ParentID), err
	})
	return saved, err
}

func newCategory(ctx context.Context, tx *db.Tx, in CategoryInput) (id int64, err error) {
	above, err := lockLevel(ctx, tx, in.ParentID)
	if err != nil {
		return 0, err
	}
	if above >= Levels {
		return 0, fault.Field("parent_id", "分类最多 %d 级", Levels)
	}
	if err := checkNameFree(ctx, tx, 0, in); err != nil {
		return 0, err
	}
	return tx.Insert(ctx, "INSERT INTO categories (parent_id, level, name, name_en, icon, sequence) VALUES (?, ?, ?, ?, ?, ?)",
		in.ParentID, above+1, in.Name, in.NameEN, in.Icon, in.Sequence)
}

func (d *Desk) changeCategory(ctx context.Context, tx *db.Tx, id int64, in CategoryInput, now time.Time) error {
	if err := BumpVersion(ctx, tx, "categories", id, in.Version); err != nil {
		return err
	}
	var was EditingCategory
	if err := tx.Get(ctx, &was, editingCategoryColumns+" WHERE id = ?", id); err != nil {
		return err
	}
	if in.ParentID != was.ParentID {
		above, err := lockLevel(ctx, tx, in.ParentID)
		if err != nil {
			return err
		}
		if above != was.Level-1 {
			return fault.Field("parent_id", "分类只能移到同一级的上级下面")
		}
	}
	if err := checkNameFree(ctx, tx, id, in); err != nil {
		return err
	}
	if in.Icon == "" {
		in.Icon = was.Icon
	} else if err := enqueuePictureRemoval(ctx, tx, was.Icon, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE categories SET parent_id = ?, name = ?, name_en = ?, icon = ?, sequence = ? WHERE id = ?",
		in.ParentID, in.Name, in.NameEN, in.Icon, in.Sequence, id); err != nil {
		return fmt.Errorf("save category %d: %w", id, err)
	}
	if was.Level == 1 || in.Name == was.Name && in.NameEN == was.NameEN && in.ParentID == was.ParentID {
		return nil // products are found by the names of the two lower levels
	}
	return d.followChange(ctx, tx, fmt.Sprintf("category%d_id", was.Level), id, now)
}

// lockLevel is the level of a category, and keeps it from being deleted meanwhile; 0 is above the highest.
func lockLevel(ctx context.Context, tx *db.Tx, id int64) (level int, err error) {
	if id == 0 {
		return 0, nil
	}
	if err = tx.Hold(ctx, "categories", id); err == nil {
		err = tx.Get(ctx, &level, "SELECT level FROM categories WHERE id = ?", id)
	}
	if fault.Is(err, fault.NotFound) {
		return 0, fault.Field("parent_id", "请选择上级分类")
	}
	return level, err
}

// checkNameFree refuses the name of another category with the same parent.
func checkNameFree(ctx context.Context, tx *db.Tx, id int64, in CategoryInput) error {
	var same int
	if err := tx.Get(ctx, &same, "SELECT COUNT(*) FROM categories WHERE parent_id = ? AND name = ? AND id <> ?", in.ParentID, in.Name,
		id); err != nil {
		return err
	}
	if same > 0 {
		return fault.Field("name", "这里已经有同名的分类")
	}
	return nil
}

// DeleteCategory takes away a category that nothing refers to: no category below it, no product, no channel, no advertisement.
func (d *Desk) DeleteCategory(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "category_deleted", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "categories", id, version); err != nil {
			return "", "", err
		}
		var was EditingCategory
		if err := tx.Get(ctx, &was, editingCategoryColumns+" WHERE id = ?", id); err != nil {
			return "", "", err
		}
		for _, use := range []struct{ query, why string }{
			{"SELECT id FROM categories WHERE parent_id = ? LIMIT 1", "它下面还有分类，不能删除"},
			{fmt.Sprintf("SELECT id FROM spus WHERE category%d_id = ? LIMIT 1", was.Level), "它下面还有商品，不能删除"},
			{"SELECT id FROM channels WHERE category_id = ? LIMIT 1", "它还在首页频道里，不能删除"},
			{"SELECT id FROM ads WHERE target_type = 'category' AND target_id = ? LIMIT 1", "还有广告指向它，不能删除"},
		} {
			if err := refuseIfAny(ctx, tx, use.why, use.query, id); err != nil {
				return "", "", err
			}
		}
		if _, err := tx.Exec(ctx, "DELETE FROM categories WHERE id = ?", id); err != nil {
			return "", "", fmt.Errorf("delete category %d: %w", id, err)
		}
		return fmt.Sprintf("category %d", id), was.Name, enqueuePictureRemoval(ctx, tx, was.Icon, now)
	})
}

// refuseIfAny is a Conflict that says why, if a query finds a row.
func refuseIfAny(ctx context.Context, tx *db.Tx, why, query string, args ...any) error {
	var found []int64
	if err := tx.Select(ctx, &found, query, args...); err != nil {
		return err
	}
	if len(found) > 0 {
		return fault.New(fault.Conflict, 0, why)
	}
	return nil
}
