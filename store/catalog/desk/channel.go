package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

const (
	// MaxChannels is how many categories a group may hold, and MaxGroups how many groups there may be: the menu has a line for each.
	MaxChannels = 6
	MaxGroups   = 12
)

// GroupInput is what the merchant says of a channel group: a line of the category menu.
type GroupInput struct {
	Version  int64   `db:"version"` // of the group that the form shows
	Name     string  `db:"name"`
	NameEN   string  `db:"name_en"`
	Sequence int64   `db:"sequence"`
	Channels []int64 // categories of the first level, in order
}

// EditingGroup is a channel group in the merchant's forms.
type EditingGroup struct {
	ID int64 `db:"id"`
	GroupInput
}

// EditingGroups are all channel groups with their categories.
func (d *Desk) EditingGroups(ctx context.Context) (groups []EditingGroup, err error) {
	defer fault.Wrap(&err, "read channel groups")
	if err := d.db.Select(ctx, &groups, "SELECT id, version, name, name_en, sequence FROM channel_groups ORDER BY sequence, id"); err != nil {
		return nil, err
	}
	var channels []struct {
		GroupID    int64 `db:"group_id"`
		CategoryID int64 `db:"category_id"`
	}
	if err := d.db.Select(ctx, &channels, "SELECT group_id, category_id FROM channels ORDER BY sequence, id"); err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	for _, c := range channels {
		at := slices.IndexFunc(groups, func(g EditingGroup) bool { return g.ID == c.GroupID })
		if at >= 0 {
			groups[at].Channels = append(groups[at].Channels, c.CategoryID)
		}
	}
	return groups, nil
}

// SaveGroup keeps a channel group with its categories, or with id 0 makes a new one, and returns its id. A category stands in one
// group only. Wrong fields are named name, name_en, sequence and channels.
func (d *Desk) SaveGroup(ctx context.Context, staffID, id int64, in GroupInput) (int64, error) {
	in.Name, in.NameEN = typed.Line(in.Name), typed.Line(in.NameEN)
	c := newChecks()
	c.length("name", in.Name, 1, 60)
	c.length("name_en", in.NameEN, 0, 120)
	c.sequence("sequence", in.Sequence)
	if len(in.Channels) > MaxChannels {
		c.With("channels", "一组最多 %d 个分类", MaxChannels)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(in.Channels)))) != len(in.Channels) {
		c.With("channels", "同一个分类只能选一次")
	}
	if err := c.OrNil(); err != nil {
		return 0, err
	}
	saved := id
	err := d.edit(ctx, staffID, "channels_saved", func(tx *db.Tx, _ time.Time) (subject, detail string, err error) {
		if id == 0 {
			saved, err = newGroup(ctx, tx, in)
		} else if err = BumpVersion(ctx, tx, "channel_groups", id, in.Version); err == nil {
			_, err = tx.Exec(ctx, "UPDATE channel_groups SET name = ?, name_en = ?, sequence = ? WHERE id = ?", in.Name, in.NameEN,
				in.Sequence, id)
		}
		if err == nil {
			err = fillGroup(ctx, tx, saved, in.Channels)
		}
		return fmt.Sprintf("channel group %d", saved), fmt.Sprintf("%s: %v", in.Name, in.Channels), err
	})
	return saved, err
}

func newGroup(ctx context.Context, tx *db.Tx, in GroupInput) (id int64, err error) {
	var there int
	if err := tx.Get(ctx, &there, "SELECT COUNT(*) FROM channel_groups"); err != nil {
		return 0, err
	}
	if there >= MaxGroups {
		return 0, fault.Field("name", "最多 %d 个频道组", MaxGroups)
	}
	return tx.Insert(ctx, "INSERT INTO channel_groups (name, name_en, sequence) VALUES (?, ?, ?)", in.Name, in.NameEN, in.Sequence)
}

func fillGroup(ctx context.Context, tx *db.Tx, id int64, categories []int64) error {
	if _, err := tx.Exec(ctx, "DELETE FROM channels WHERE group_id = ?", id); err != nil {
		return err
	}
	for i, category := range categories {
		level, err := lockLevel(ctx, tx, category)
		if err != nil || level != 1 {
			if err == nil || fault.Is(err, fault.Invalid) {
				err = fault.Field("channels", "请选择一级分类")
			}
			return err
		}
		var taken int
		if err := tx.Get(ctx, &taken, "SELECT COUNT(*) FROM channels WHERE category_id = ?", category); err != nil {
			return err
		}
		if taken > 0 {
			return fault.Field("channels", "有的分类已经在别的组里了")
		}
		if _, err := tx.Exec(ctx, "INSERT INTO channels (group_id, category_id, sequence) VALUES (?, ?, ?)", id, category,
			i+1); err != nil {
			return fmt.Errorf("channel of group %d: %w", id, err)
		}
	}
	return nil
}

// DeleteGroup takes a channel group out of the menu; its categories stay what they are.
func (d *Desk) DeleteGroup(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "channels_deleted", func(tx *db.Tx, _ time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "channel_groups", id, version); err != nil {
			return "", "", err
		}
		for _, query := range []string{"DELETE FROM channels WHERE group_id = ?", "DELETE FROM channel_groups WHERE id = ?"} {
			if _, err := tx.Exec(ctx, query, id); err != nil {
				return "", "", fmt.Errorf("delete channel group %d: %w", id, err)
			}
		}
		return fmt.Sprintf("channel group %d", id), "", nil
	})
}
