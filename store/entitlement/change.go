package entitlement

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
)

// Order is a paid order, as far as it entitles to something.
type Order struct {
	ID      int64   `db:"id"`
	UserID  int64   `db:"user_id"`
	No      string  `db:"order_no"`
	TradeNo *string `db:"trade_no"`
	Lines   []Line
}

// Line is a line of such an order.
type Line struct {
	Line  int   `db:"line"`
	SPUID int64 `db:"spu_id"`
	SKUID int64 `db:"sku_id"`
	Days  int   `db:"validity_days"` // 0: for ever
	Free  bool  `db:"is_free"`
}

// Grant gives the buyer of an order what its lines entitle to, within the transaction that books its money. It is safe to repeat: a line
// gives one entitlement.
func Grant(ctx context.Context, tx *db.Tx, o Order, now time.Time) error {
	lines := slices.SortedFunc(slices.Values(o.Lines), func(a, b Line) int { return cmp.Or(cmp.Compare(a.SPUID, b.SPUID), cmp.Compare(a.Line, b.Line)) })
	for _, l := range lines {
		e := Entitlement{UserID: o.UserID, SPUID: l.SPUID, SKUID: l.SKUID, OrderID: &o.ID, Line: &l.Line, OrderNo: o.No, TradeNo: o.TradeNo,
			How: Bought, Days: l.Days, BoughtAt: now}
		if l.Free {
			e.How = Free
		}
		if err := add(ctx, tx, e); err != nil {
			return fmt.Errorf("grant line %d of order %s: %w", l.Line, o.No, err)
		}
	}
	return nil
}

// add gives one entitlement; one that is there for the same line of an order stays as it is.
func add(ctx context.Context, tx *db.Tx, e Entitlement) error {
	return change(ctx, tx, e.UserID, e.SPUID, e.BoughtAt, func(list []Entitlement) ([]Entitlement, error) {
		known := func(have Entitlement) bool {
			return e.OrderID != nil && have.OrderID != nil && *have.OrderID == *e.OrderID && *have.Line == *e.Line
		}
		if slices.ContainsFunc(list, known) {
			return list, nil
		}
		if n := len(list); n > 0 && list[n-1].BoughtAt.After(e.BoughtAt) { // by the clock of another node
			e.BoughtAt = list[n-1].BoughtAt
		}
		return append(list, e), nil
	})
}

// End takes back what a line of an order gave, within the transaction that books the refund, and says whether it did: it does so once,
// and only where the line gave something. Those bought later move up into the time that is left over.
func End(ctx context.Context, tx *db.Tx, orderID int64, line int, now time.Time) (ended bool, err error) {
	var of Entitlement
	err = tx.Get(ctx, &of, "SELECT "+columns+" FROM entitlements WHERE order_id = ? AND line = ?", orderID, line)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = change(ctx, tx, of.UserID, of.SPUID, now, func(list []Entitlement) ([]Entitlement, error) {
		at := slices.IndexFunc(list, func(e Entitlement) bool { return e.ID == of.ID })
		if at >= 0 && list[at].EndedAt == nil {
			list[at].EndedAt, ended = &now, true
		}
		return list, nil
	})
	if err != nil {
		return false, fmt.Errorf("end what line %d of order %d gave: %w", line, orderID, err)
	}
	return ended, nil
}

// change is the one function that writes entitlements: do is given those that a person has to a product, and returns what they are to be,
// with a new one at the end. Their times, what they come to, and the number of learners follow.
func change(ctx context.Context, tx *db.Tx, userID, spuID int64, now time.Time, do func([]Entitlement) ([]Entitlement, error)) error {
	before, err := holdLearner(ctx, tx, userID, spuID, now)
	if err != nil {
		return err
	}
	have, err := current(ctx, tx, userID, spuID)
	if err != nil {
		return err
	}
	list, err := do(slices.Clone(have))
	if err != nil {
		return err
	}
	bought := before.BoughtAt
	if len(list) > len(have) {
		bought = now
	}
	chain(list)
	for i, e := range list {
		switch {
		case i == len(have):
			err = insert(ctx, tx, e)
		case !e.StartsAt.Equal(have[i].StartsAt) || !same(e.ExpiresAt, have[i].ExpiresAt) || !same(e.EndedAt, have[i].EndedAt):
			_, err = tx.Exec(ctx, "UPDATE entitlements SET starts_at = ?, expires_at = ?, ended_at = ? WHERE id = ?", e.StartsAt, e.ExpiresAt,
				e.EndedAt, e.ID)
		}
		if err != nil {
			return err
		}
	}
	valid, until := sum(list)
	if _, err := tx.Exec(ctx, "UPDATE learners SET valid = ?, expires_at = ?, bought_at = ? WHERE user_id = ? AND spu_id = ?", valid, until,
		bought, userID, spuID); err != nil {
		return err
	}
	return count(ctx, tx, spuID, min(valid, 1)-min(before.Valid, 1))
}

// holdLearner makes others who change what a person has of a product wait until tx ends, and says what it was. It makes the row if need be.
func holdLearner(ctx context.Context, tx *db.Tx, userID, spuID int64, now time.Time) (h Holding, err error) {
	hold := func() (int64, error) {
		return tx.Exec(ctx, "UPDATE learners SET held = held + 1 WHERE user_id = ? AND spu_id = ?", userID, spuID)
	}
	n, err := hold()
	if err != nil {
		return h, err
	}
	if n == 0 {
		_, err := tx.Exec(ctx, "INSERT INTO learners (user_id, spu_id, valid, joined_at, bought_at) VALUES (?, ?, 0, ?, ?)", userID, spuID, now,
			now)
		if db.IsDuplicate(err) { // somebody else was faster
			_, err = hold()
		}
		if err != nil {
			return h, err
		}
	}
	err = tx.Get(ctx, &h, "SELECT "+holdingColumns+" FROM learners l WHERE l.user_id = ? AND l.spu_id = ?", userID, spuID)
	return h, err
}

// current are a person's entitlements to a product as they are now, in the order in which they came. They are written first: a transaction
// that began to read before another ended would else see them as they were then.
func current(ctx context.Context, tx *db.Tx, userID, spuID int64) (list []Entitlement, err error) {
	if _, err := tx.Exec(ctx, "UPDATE entitlements SET held = held + 1 WHERE user_id = ? AND spu_id = ?", userID, spuID); err != nil {
		return nil, err
	}
	err = tx.Select(ctx, &list, "SELECT "+columns+" FROM entitlements WHERE user_id = ? AND spu_id = ? ORDER BY bought_at, id", userID, spuID)
	return list, err
}

func insert(ctx context.Context, tx *db.Tx, e Entitlement) error {
	_, err := tx.Exec(ctx, `INSERT INTO entitlements (user_id, spu_id, sku_id, order_id, line, order_no, trade_no, how, reason, days, bought_at,
		starts_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.UserID, e.SPUID, e.SKUID, e.OrderID, e.Line, e.OrderNo, e.TradeNo,
		e.How, e.Reason, e.Days, e.BoughtAt, e.StartsAt, e.ExpiresAt)
	return err
}

// count adds to the number of a product's learners.
func count(ctx context.Context, tx *db.Tx, spuID int64, n int) error {
	if n == 0 {
		return nil
	}
	tx.Changed(catalog.StudentsOf(spuID))
	if n > 0 {
		return tx.AddMany(ctx, "course_counts", "spu_id", "students", [][]any{{spuID, n}})
	}
	_, err := tx.Exec(ctx, "UPDATE course_counts SET students = students + ? WHERE spu_id = ?", n, spuID)
	return err
}

func same(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }
