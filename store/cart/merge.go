package cart

import (
	"context"

	"dashop/store/db"
)

// Merged tells what came of a merge.
type Merged struct {
	Moved  int      // lines that the visitor had
	Capped []string // names of products of which fewer were kept than both carts had together
}

// Merge moves a visitor's lines into a user's cart at login: counts add up, capped by stock and by what an order may
// hold. The visitor's cart is empty afterwards, so doing it again changes nothing. A sold-out line is kept, for the
// page to tell; login never fails because of a cart. Where there is no room for all, the oldest of the visitor's lines are
// left out.
func (s *Service) Merge(ctx context.Context, visitor, user Owner) (Merged, error) {
	var m Merged
	now := s.clock()
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		m = Merged{}
		from, err := s.lines(ctx, tx, visitor)
		if err != nil || len(from) == 0 {
			return err
		}
		have, err := s.stored(ctx, tx, user)
		if err != nil {
			return err
		}
		counts := map[int64]int64{}
		for _, l := range have {
			counts[l.SKUID] = l.Count
		}
		over := len(have) - MaxMerged // lines of SKUs new to the user's cart for which it has no room
		for _, l := range from {
			if counts[l.SKU.ID] == 0 {
				over++
			}
		}
		for i := len(from) - 1; i >= 0; i-- { // oldest first, so that the newest stays on top
			l := from[i]
			old := counts[l.SKU.ID]
			if old == 0 && over > 0 {
				over--
				m.Capped = append(m.Capped, l.SKU.Name)
				continue
			}
			sum := min(old+l.Count, max(most(l.SKU), old, 1))
			if sum < old+l.Count {
				m.Capped = append(m.Capped, l.SKU.Name)
			}
			if sum > old {
				if err := put(ctx, tx, user, l.SKU.ID, sum-old, now); err != nil {
					return err
				}
			}
			m.Moved++
		}
		return s.Forget(ctx, tx, visitor)
	})
	return m, err
}

// Forget empties a cart within tx, such as the transaction that deletes its owner's account.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, owner Owner) error {
	tx.Changed(named(owner))
	_, err := tx.Exec(ctx, "DELETE FROM cart_lines WHERE owner = ?", owner)
	return err
}
