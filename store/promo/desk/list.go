package desk

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

const listSize = 30

// windowColumns are what of a promotion the list goes by.
const windowColumns = "id, kind, starts_at, ends_at, is_published"

// List is a piece of the merchant's list. After is where the next one begins, "" if there is none.
type List struct {
	Promotions []promo.Promotion
	After      string
}

// List lists promotions of a state, of a kind or with "" of all: those to come and those that run all at once, what ends first before the others;
// drafts and what has ended piece by piece, what ends last before the others.
func (d *Desk) List(ctx context.Context, state State, kind promo.Kind, after string) (list List, err error) {
	defer fault.Wrap(&err, "list promotions")
	now := d.clock()
	var ids []int64
	if state == StateRunning || state == StateUpcoming {
		ids, err = d.live(ctx, state, kind, now)
	} else {
		ids, list.After, err = d.rest(ctx, state, kind, after, now)
	}
	if err != nil {
		return list, err
	}
	list.Promotions, err = promo.Find(ctx, d.db, ids)
	sort.Slice(list.Promotions, func(i, j int) bool {
		return slices.Index(ids, list.Promotions[i].ID) < slices.Index(ids, list.Promotions[j].ID)
	})
	return list, err
}

func (d *Desk) live(ctx context.Context, state State, kind promo.Kind, now time.Time) (ids []int64, err error) {
	var all []promo.Promotion
	if err := d.db.Select(ctx, &all, "SELECT "+windowColumns+" FROM promotions WHERE is_published = 1 AND ends_at > ? ORDER BY ends_at, id LIMIT ?",
		now, promo.MostLive); err != nil {
		return nil, err
	}
	for _, p := range all {
		if StateOf(p, now) == state && (kind == "" || kind == p.Kind) {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

func (d *Desk) rest(ctx context.Context, state State, kind promo.Kind, after string, now time.Time) (ids []int64, next string, err error) {
	var rows []promo.Promotion
	where, args := "is_published = ?", []any{state == StateEnded}
	if kind != "" {
		where, args = where+" AND kind = ?", append(args, kind)
	}
	if state == StateEnded {
		where, args = where+" AND ends_at <= ?", append(args, now)
	}
	if at, id, ok := parseCursor(after); ok {
		where, args = where+" AND ends_at <= ? AND (ends_at < ? OR id < ?)", append(args, at, at, id)
	}
	err = d.db.Select(ctx, &rows, "SELECT "+windowColumns+" FROM promotions WHERE "+where+" ORDER BY ends_at DESC, id DESC LIMIT ?",
		append(args, listSize+1)...)
	if len(rows) > listSize {
		rows = rows[:listSize]
		last := rows[listSize-1]
		next = fmt.Sprintf("%d-%d", last.EndsAt.UnixMilli(), last.ID)
	}
	for _, p := range rows {
		ids = append(ids, p.ID)
	}
	return ids, next, err
}

// parseCursor reads where a list goes on; anything strange is its beginning.
func parseCursor(text string) (at time.Time, id int64, ok bool) {
	var ms int64
	if n, err := fmt.Sscanf(text, "%d-%d", &ms, &id); n != 2 || err != nil || fmt.Sprintf("%d-%d", ms, id) != strings.TrimSpace(text) {
		return at, 0, false
	}
	return db.Cut(time.UnixMilli(ms)), id, true
}
