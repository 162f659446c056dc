// Package desk makes the merchant's changes to the catalogue, each with its entry in the audit log.
package desk

import (
	"context"
	"fmt"
	"math"
	"path"
	"time"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/search"
	"dashop/store/typed"
)

// Desk makes the merchant's changes. It is safe for concurrent use.
type Desk struct {
	db      *db.DB
	clock   db.Clock
	reprice Reprice
}

// Reprice brings the prices of some products up to date with the sales that they are in.
type Reprice func(ctx context.Context, tx *db.Tx, clock db.Clock, spuIDs ...int64) error

// New makes the desk of the shop in d.
func New(d *db.DB, clock db.Clock) *Desk {
	return &Desk{db: d, clock: clock, reprice: func(context.Context, *db.Tx, db.Clock, ...int64) error { return nil }}
}

// OnProducts has f called in each transaction that changes prices, categories or brands of products. It is called before the Desk is used.
func (d *Desk) OnProducts(f Reprice) { d.reprice = f }

// Each change by the merchant goes through edit: one transaction with the change itself, all that derives from it, and its
// entry in the audit log.

const (
	// recountPause is how long changes may wait for a recount of facets, so that one serves many.
	recountPause = time.Minute
	// dropPause is how long a picture outlives its last row: pages that show it may still be on their way.
	dropPause = time.Hour
	// detailLength is how much of a change the audit log keeps, in characters.
	detailLength = 500
)

// edit runs do in one transaction with its entry in the audit log. do returns what the entry is about and what has changed.
func (d *Desk) edit(ctx context.Context, staffID int64, action string,
	do func(tx *db.Tx, now time.Time) (subject, detail string, err error)) (err error) {
	defer fault.Wrap(&err, "%s by staff %d", action, staffID)
	now := d.clock()
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		catalog.MarkChanged(ctx, tx)
		subject, detail, err := do(tx, now)
		if err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, action, subject, typed.Clip(detail, detailLength), now)
	})
}

// editProduct is edit for a product: version is the one that the form was filled in from, or anyVersion for a change that
// overwrites no other. It ends with the product's card, index and facets brought up to date.
func (d *Desk) editProduct(ctx context.Context, staffID, spuID, version int64, action string,
	do func(tx *db.Tx, now time.Time) (detail string, err error)) error {
	return d.edit(ctx, staffID, action, func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "spus", spuID, version); err != nil {
			return "", "", err
		}
		if detail, err = do(tx, now); err != nil {
			return "", "", err
		}
		return fmt.Sprintf("spu %d", spuID), detail, d.refreshDerived(ctx, tx, spuID, now)
	})
}

// anyVersion is for changes that stand by themselves, such as one more picture. No form can say it.
const anyVersion = math.MinInt64

// BumpVersion locks a row and counts its version up. A version that is no longer the one that the form shows is a Conflict.
func BumpVersion(ctx context.Context, tx *db.Tx, table string, id, version int64) error {
	where, args := "id = ?", []any{id}
	if version != anyVersion {
		where, args = "id = ? AND version = ?", []any{id, version}
	}
	n, err := tx.Exec(ctx, "UPDATE "+table+" SET version = version + 1 WHERE "+where, args...)
	if err != nil || n > 0 {
		return err
	}
	var known int
	if err := tx.Get(ctx, &known, "SELECT COUNT(*) FROM "+table+" WHERE id = ?", id); err != nil {
		return err
	}
	if known == 0 {
		return fault.Missing()
	}
	return staleForm()
}

// staleForm is the fault of a form that is older than what is stored now.
func staleForm() error {
	return fault.New(fault.Conflict, fault.CodeTooFast, "别人刚刚改过这里。您填的都还在，请对照后再保存")
}

// refreshDerived brings what derives from a product up to date. A product on sale without anything to buy is refused.
func (d *Desk) refreshDerived(ctx context.Context, tx *db.Tx, spuID int64, now time.Time) error {
	if err := checkSellable(ctx, tx, spuID); err != nil {
		return err
	}
	if err := d.reprice(ctx, tx, d.clock, spuID); err != nil {
		return err
	}
	if err := catalog.RefreshCards(ctx, tx, []int64{spuID}); err != nil {
		return err
	}
	if err := search.Index(ctx, tx, spuID); err != nil {
		return err
	}
	return enqueueRecount(ctx, tx, now)
}

// checkSellable refuses a launched product without a SKU on sale that has a price and a picture.
func checkSellable(ctx context.Context, q db.Queryer, spuID int64) error {
	var launched bool
	if err := q.Get(ctx, &launched, "SELECT is_launched FROM spus WHERE id = ?", spuID); err != nil || !launched {
		return err
	}
	var offered int
	if err := q.Get(ctx, &offered, "SELECT COUNT(*) FROM skus WHERE spu_id = ? AND is_launched = 1 AND price_fen > 0 AND image <> ''",
		spuID); err != nil {
		return err
	}
	if offered == 0 {
		return fault.Field("launched", "商品上架时，至少要有一款在售并且有图片；请先把商品下架")
	}
	return nil
}

// enqueueRecount has the facets counted again within about a minute, once for all changes of that time.
func enqueueRecount(ctx context.Context, tx *db.Tx, now time.Time) error {
	due := now.Truncate(recountPause).Add(recountPause)
	return job.Enqueue(ctx, tx, catalog.RecountKind, due.Format(time.RFC3339), "", due, now)
}

// enqueuePictureRemoval has a picture that a row no longer names removed some time later, if nothing else names it.
func enqueuePictureRemoval(ctx context.Context, tx *db.Tx, name string, now time.Time) error {
	if name == "" {
		return nil
	}
	return job.Enqueue(ctx, tx, DropPictureKind, path.Base(name), name, now.Add(dropPause), now)
}

// PictureUsed says whether a brand, a category or an advertisement shows a picture. Those of SKUs are never dropped: orders
// go on naming them.
func (d *Desk) PictureUsed(ctx context.Context, name string) (_ bool, err error) {
	defer fault.Wrap(&err, "look for uses of picture %s", name)
	var used int
	err = d.db.Get(ctx, &used, `SELECT (SELECT COUNT(*) FROM brands WHERE logo = ?) + (SELECT COUNT(*) FROM categories WHERE icon = ?) +
		(SELECT COUNT(*) FROM ads WHERE image = ?)`, name, name, name)
	return used > 0, err
}

// checks gathers what is wrong with a form.
type checks struct{ *fault.Error }

func newChecks() *checks {
	return &checks{fault.Form()}
}

// length wants a text of least to most characters.
func (c *checks) length(field, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < least && n == 0:
		c.With(field, "这里要填写，最多 %d 个字", most)
	case n < least || n > most:
		c.With(field, "要填 %d 到 %d 个字", least, most)
	}
}

// sequence wants a place in an order.
func (c *checks) sequence(field string, n int64) {
	if n < 0 || n > maxSequence {
		c.With(field, "顺序要填 0 到 %d 之间的整数", maxSequence)
	}
}

const maxSequence = 9999
