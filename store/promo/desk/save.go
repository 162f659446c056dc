package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	catalogdesk "dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/promo/sale"
)

// Editing is a promotion as the merchant's form shows it.
type Editing struct {
	ID        int64
	Published bool
	Input
}

// Promotion is what the merchant's form says as prices go by it.
func (e Editing) Promotion() promo.Promotion {
	return promo.Promotion{ID: e.ID, Kind: e.Kind, Name: e.Name, NameEN: e.NameEN, Scope: e.Scope, Steps: e.Steps, Percent: e.Percent,
		Priority: int(e.Priority), PerPerson: e.PerPerson, StartsAt: e.StartsAt, EndsAt: e.EndsAt, Published: e.Published}
}

// State is where it stands at a moment.
func (e Editing) State(now time.Time) State { return StateOf(e.Promotion(), now) }

// Editing reads a promotion for the merchant's form.
func (d *Desk) Editing(ctx context.Context, id int64) (_ Editing, err error) {
	defer fault.Wrap(&err, "read promotion %d for its form", id)
	return editing(ctx, d.db, id)
}

func editing(ctx context.Context, q db.Queryer, id int64) (Editing, error) {
	found, err := promo.Find(ctx, q, []int64{id})
	if err != nil {
		return Editing{}, err
	}
	if len(found) == 0 {
		return Editing{}, fault.Missing()
	}
	p := found[0]
	e := Editing{ID: id, Published: p.Published, Input: Input{
		Kind: p.Kind, Name: p.Name, NameEN: p.NameEN, Priority: int64(p.Priority), StartsAt: p.StartsAt, EndsAt: p.EndsAt,
		Scope: p.Scope, Steps: p.Steps, Percent: p.Percent, PerPerson: p.PerPerson,
	}}
	if err := q.Get(ctx, &e.Version, "SELECT version FROM promotions WHERE id = ?", id); err != nil {
		return Editing{}, err
	}
	if p.Kind.IsSale() {
		err = q.Select(ctx, &e.SKUs, `SELECT sku_id, price_fen, quantity + sold AS quantity, sold FROM promotion_skus
			WHERE promotion_id = ? ORDER BY sku_id`, id)
	}
	e.OwnPrices = p.Kind == promo.KindFlash || len(e.SKUs) > 0
	return e, err
}

// Save keeps a promotion, or with id 0 makes a new one, and returns its id; publish also publishes it. One that is published already stays
// so, and once it has begun only its names and an earlier end are taken, and of a flash sale more pieces. Wrong fields are named as in the form:
// see Input and FromField.
func (d *Desk) Save(ctx context.Context, staffID, id int64, in Input, publish bool) (int64, error) {
	if !slices.Contains(Kinds, in.Kind) {
		return 0, fault.Field("kind", "请选择活动类型")
	}
	in = in.tidy()
	saved := id
	err := d.edit(ctx, staffID, "promotion_saved", func(tx *db.Tx) (subject, detail string, err error) {
		saved, err = d.save(ctx, tx, id, in, publish)
		if err == nil {
			err = sale.Due(ctx, tx, saved)
		}
		return fmt.Sprintf("promotion %d", saved), fmt.Sprintf("%s %s, %s to %s, published %t", in.Kind, in.Name,
			in.StartsAt.Format(time.RFC3339), in.EndsAt.Format(time.RFC3339), publish), err
	})
	return saved, err
}

func (d *Desk) save(ctx context.Context, tx *db.Tx, id int64, in Input, publish bool) (int64, error) {
	var was Editing
	if id > 0 {
		err := catalogdesk.BumpVersion(ctx, tx, "promotions", id, in.Version)
		if err == nil {
			was, err = editing(ctx, tx, id)
		}
		if err != nil {
			return id, err
		}
		if in.Kind != was.Kind {
			return id, fault.Field("kind", "活动类型不能再改")
		}
		in = in.asShown(was.Input)
	}
	now := d.now()
	c := checks{fault.Form()}
	c.input(in)
	switch was.State(now) {
	case StateEnded:
		return id, over()
	case StateRunning:
		return id, d.saveRunning(ctx, tx, c, was, in, now)
	}
	if err := d.checkGoods(ctx, tx, c, was.Input, in); err != nil {
		return id, err
	}
	publish = publish || was.Published
	if publish && !in.EndsAt.After(now) {
		c.passed()
	}
	if err := c.OrNil(); err != nil {
		return id, err
	}
	if publish && !was.Published {
		if err := checkRoom(ctx, tx, now); err != nil {
			return id, err
		}
	}
	return d.write(ctx, tx, id, in, publish, now)
}

func over() error { return fault.New(fault.Conflict, 0, "活动已经结束，不能再改") }

// checkRoom refuses one more promotion than may be live. Of two that are published at once one waits for the other at the row that both change:
// else both could count the promotions there are before either has added its own.
func checkRoom(ctx context.Context, tx *db.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, "UPDATE promotion_version SET version = version + 1 WHERE id = 1"); err != nil {
		return err
	}
	var live int
	err := tx.Get(ctx, &live, "SELECT COUNT(*) FROM (SELECT id FROM promotions WHERE is_published = 1 AND ends_at > ? LIMIT ?) live", now, promo.MostLive)
	if err == nil && live >= promo.MostLive {
		err = fault.New(fault.Conflict, 0, "最多同时有 %d 个没有结束的活动，请先结束一些", promo.MostLive)
	}
	return err
}

// write writes all of a promotion that has not begun.
func (d *Desk) write(ctx context.Context, tx *db.Tx, id int64, in Input, published bool, now time.Time) (_ int64, err error) {
	if id == 0 {
		id, err = tx.Insert(ctx, `INSERT INTO promotions (kind, name, name_en, scope, percent, per_person, priority, starts_at, ends_at, is_published,
			created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, in.Kind, in.Name, in.NameEN, in.Scope.Kind, in.Percent, in.PerPerson, in.Priority,
			in.StartsAt, in.EndsAt, published, now)
	} else {
		_, err = tx.Exec(ctx, `UPDATE promotions SET name = ?, name_en = ?, scope = ?, percent = ?, per_person = ?, priority = ?, starts_at = ?,
			ends_at = ?, is_published = ? WHERE id = ?`, in.Name, in.NameEN, in.Scope.Kind, in.Percent, in.PerPerson, in.Priority, in.StartsAt,
			in.EndsAt, published, id)
		if err == nil {
			err = clearParts(ctx, tx, id)
		}
	}
	if err != nil {
		return id, err
	}
	var targets, steps, skus [][]any
	for _, t := range in.Scope.IDs {
		targets = append(targets, []any{id, t})
	}
	for _, s := range in.Steps {
		steps = append(steps, []any{id, s.From, s.Off})
	}
	for _, k := range in.SKUs {
		skus = append(skus, []any{id, k.SKUID, k.Price, k.Quantity})
	}
	for _, part := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"promotion_targets", []string{"promotion_id", "target_id"}, targets},
		{"promotion_steps", []string{"promotion_id", "from_fen", "off_fen"}, steps},
		{"promotion_skus", []string{"promotion_id", "sku_id", "price_fen", "quantity"}, skus},
	} {
		if len(part.rows) > 0 {
			if err := tx.InsertMany(ctx, part.table, part.columns, part.rows); err != nil {
				return id, err
			}
		}
	}
	return id, nil
}

// clearParts takes away what other tables say of a promotion. It refuses where shoppers have pieces of it, as when a node whose clock is ahead
// has begun it: their orders give those back to the rows that this would take away.
func clearParts(ctx context.Context, tx *db.Tx, id int64) error {
	for _, part := range []string{"promotion_targets WHERE", "promotion_steps WHERE", "promotion_skus WHERE sold = 0 AND"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+part+" promotion_id = ?", id); err != nil {
			return err
		}
	}
	return refuseIfAny(ctx, tx, "SELECT COUNT(*) FROM promotion_skus WHERE promotion_id = ?", id, "已经有人买到，不能再改")
}

// refuseIfAny is a Conflict that says why, where a query about a promotion counts anything.
func refuseIfAny(ctx context.Context, tx *db.Tx, query string, id int64, why string) error {
	var n int
	err := tx.Get(ctx, &n, query, id)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, 0, why)
	}
	return err
}

// saveRunning keeps what may change of a promotion that shoppers go by already.
func (d *Desk) saveRunning(ctx context.Context, tx *db.Tx, c checks, was Editing, in Input, now time.Time) error {
	c.fixed(in, was.Input)
	if !in.EndsAt.After(now) {
		c.passed()
	}
	if in.Kind == promo.KindFlash && c.OrNil() == nil {
		if err := d.checkStock(ctx, tx, c, was.Input, in); err != nil {
			return err
		}
	}
	if err := c.OrNil(); err != nil {
		return err
	}
	skus, err := d.catalog.SKUPrices(ctx, tx, in.Scope.IDs)
	if err != nil {
		return err
	}
	for i, k := range in.SKUs {
		if more := k.Quantity - was.SKUs[i].Quantity; more > 0 { // orders take pieces meanwhile
			if _, err := tx.Exec(ctx, "UPDATE promotion_skus SET quantity = quantity + ? WHERE promotion_id = ? AND sku_id = ?", more, was.ID,
				k.SKUID); err != nil {
				return err
			}
			tx.Changed(catalog.SKUsOf(skus[k.SKUID].SPUID)) // pages say how many are left
		}
	}
	_, err = tx.Exec(ctx, "UPDATE promotions SET name = ?, name_en = ?, ends_at = ? WHERE id = ?", in.Name, in.NameEN, in.EndsAt, was.ID)
	return err
}

// Withdraw takes a promotion back. One that has not begun is a draft again; one that runs ends at this moment.
func (d *Desk) Withdraw(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "promotion_withdrawn", func(tx *db.Tx) (subject, detail string, err error) {
		was, err := lock(ctx, tx, id, version)
		if err != nil {
			return "", "", err
		}
		now := d.now()
		switch was.State(now) {
		case StateEnded:
			err = over()
		case StateDraft:
			err = fault.New(fault.Conflict, 0, "活动还没有发布")
		case StateUpcoming:
			_, err = tx.Exec(ctx, "UPDATE promotions SET is_published = 0 WHERE id = ?", id)
		case StateRunning:
			_, err = tx.Exec(ctx, "UPDATE promotions SET ends_at = ? WHERE id = ?", now, id)
		}
		if err == nil {
			err = sale.Due(ctx, tx, id)
		}
		return fmt.Sprintf("promotion %d", id), was.Name, err
	})
}

// Delete takes a draft away. One whose prices goods still have stays until the sweep has taken them back: later nothing would.
func (d *Desk) Delete(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "promotion_deleted", func(tx *db.Tx) (subject, detail string, err error) {
		was, err := lock(ctx, tx, id, version)
		if err != nil {
			return "", "", err
		}
		if was.Published {
			return "", "", fault.New(fault.Conflict, 0, "只有草稿能删除")
		}
		if err := refuseIfAny(ctx, tx, "SELECT COUNT(*) FROM (SELECT 1 FROM skus WHERE sale_id = ? LIMIT 1) open", id, "活动的价格正在收回，请稍后再删除"); err != nil {
			return "", "", err
		}
		if err := clearParts(ctx, tx, id); err != nil {
			return "", "", err
		}
		_, err = tx.Exec(ctx, "DELETE FROM promotions WHERE id = ?", id)
		return fmt.Sprintf("promotion %d", id), was.Name, err
	})
}

// lock counts a promotion's version up and reads it.
func lock(ctx context.Context, tx *db.Tx, id, version int64) (Editing, error) {
	if err := catalogdesk.BumpVersion(ctx, tx, "promotions", id, version); err != nil {
		return Editing{}, err
	}
	return editing(ctx, tx, id)
}
