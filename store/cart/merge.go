package cart

import (
	"context"

	"dashop/store/catalog"
	"dashop/store/db"
)

// Merged tells what came of a merge.
type Merged struct {
	Moved  int         // lines of the visitor's that are in the user's cart now
	Capped []MergedSKU // of which fewer were kept than both carts had together
	Left   []MergedSKU // for which there was no room
	Undo   string      // the token for Undo; "" where there was nothing to merge
}

// MergedSKU is a line whose pieces did not all go into the merged cart.
type MergedSKU struct {
	SKU   catalog.SKU
	Want  int64 // pieces in both carts together
	Count int64 // pieces in the merged one
}

// Merge moves a visitor's lines into a user's cart at login: counts add up, capped by stock and by what an order may
// hold. The visitor's cart is empty afterwards, so doing it again changes nothing. A sold-out line is kept, for the
// page to tell; login never fails because of a cart. Where there is no room for all, the oldest of the visitor's lines are
// left out. Undo takes it back.
func (s *Service) Merge(ctx context.Context, visitor, user Owner) (m Merged, err error) {
	m.Undo, err = s.edit(ctx, user, undoMerge, func() (changes, error) {
		m = Merged{}
		from, err := s.lines(ctx, s.db, visitor)
		if err != nil || len(from) == 0 {
			return changes{}, err
		}
		have, err := s.stored(ctx, s.db, user)
		if err != nil {
			return changes{}, err
		}
		return changes{Lines: m.merge(from, have), Visitor: visitor}, nil
	}, writeLines(ctx, user)) // the same login, sent twice, moves each line once
	return m, err
}

// merge decides what becomes of a visitor's lines in a cart that holds others.
func (m *Merged) merge(from []Line, have []stored) (list []change) {
	users := make(map[int64]state, len(have))
	for _, l := range have {
		users[l.SKUID] = l.state
	}
	over := len(have) - MaxMerged // lines of SKUs new to the user's cart for which it has no room
	for _, l := range from {
		if _, known := users[l.SKU.ID]; !known {
			over++
		}
	}
	for i := len(from) - 1; i >= 0; i-- { // the oldest are left out
		l := from[i]
		c := change{SKU: l.SKU.ID, Visitor: l.state()}
		old, known := users[l.SKU.ID]
		if known {
			was := old
			c.From, c.To = &was, &was
		} else if over > 0 {
			over--
			m.Left = append(m.Left, MergedSKU{l.SKU, l.Count, 0})
			list = append(list, c)
			continue
		}
		want := old.Count + l.Count
		sum := min(want, max(l.SKU.Most(), old.Count, 1))
		if sum < want {
			m.Capped = append(m.Capped, MergedSKU{l.SKU, want, sum})
		}
		if sum > old.Count {
			at := l.at
			if old.At.After(at) {
				at = old.At
			}
			c.To = &state{Count: sum, Selected: old.Selected || l.Selected, At: at, Added: l.Added}
		}
		m.Moved++
		list = append(list, c)
	}
	return list
}

// Forget empties a cart within tx, such as the transaction that deletes its owner's account.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, owner Owner) error {
	tx.Changed(named(owner))
	if _, err := tx.Exec(ctx, "DELETE FROM cart_undos WHERE owner = ?", owner); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM cart_lines WHERE owner = ?", owner)
	return err
}
