package cart

import (
	"context"
	"slices"
	"strings"

	"dashop/store/db"
	"dashop/store/fault"
)

// Edited tells what came of a change of several lines.
type Edited struct {
	Lines int    // that were changed
	Undo  string // the token for Undo; "" where nothing was changed
}

// Remove takes a line out. One that is not there is no fault: a second click changes nothing. Undo brings it back.
func (s *Service) Remove(ctx context.Context, owner Owner, sku int64) (Edited, error) {
	return s.remove(ctx, owner, func(l Line) bool { return l.SKU.ID == sku })
}

// RemoveTicked takes out all lines that are ticked and can be bought. Undo brings them back.
func (s *Service) RemoveTicked(ctx context.Context, owner Owner) (Edited, error) {
	return s.remove(ctx, owner, Line.ticked)
}

// RemoveGone takes out all lines that cannot be bought any more. Undo brings them back.
func (s *Service) RemoveGone(ctx context.Context, owner Owner) (Edited, error) {
	return s.remove(ctx, owner, Line.Gone)
}

// FavourTicked takes out all lines that are ticked and can be bought, and keeps their products as the user's favourites. Undo brings them
// back, and lets those products go that were no favourites before.
func (s *Service) FavourTicked(ctx context.Context, userID int64) (Edited, error) {
	keep := func(tx *db.Tx, done *changes) (err error) {
		products := make([]int64, len(done.Lines))
		for i, c := range done.Lines {
			products[i] = c.spu
		}
		done.Favourites, err = s.favourites.Keep(ctx, tx, userID, products)
		if db.IsDuplicate(err) { // by a click on a heart
			err = errMoved
		}
		return err
	}
	return s.remove(ctx, UserOwner(userID), Line.ticked, keep)
}

// remove takes out the lines that are meant, and first does what else belongs to it.
func (s *Service) remove(
	ctx context.Context, owner Owner, meant func(Line) bool, first ...func(tx *db.Tx, done *changes) error,
) (e Edited, err error) {
	e.Undo, err = s.edit(ctx, owner, undoEdit, func() (done changes, err error) {
		lines, err := s.lines(ctx, s.db, owner)
		for _, l := range lines {
			if meant(l) {
				done.Lines = append(done.Lines, change{SKU: l.SKU.ID, From: l.state(), spu: l.SKU.SPUID})
			}
		}
		e.Lines = len(done.Lines)
		return done, err
	}, func(tx *db.Tx, done *changes) error {
		for _, do := range first {
			if err := do(tx, done); err != nil {
				return err
			}
		}
		n, err := takeOut(ctx, tx, owner, done.Lines)
		if err == nil && n != int64(len(done.Lines)) {
			err = errMoved
		}
		return err
	})
	return e, err
}

// takenAtOnce bounds the lines that one statement names, since SQLite refuses expressions that are nested 1000 deep.
const takenAtOnce = 200

// takeOut removes lines as far as they are as they were, and says how many.
func takeOut(ctx context.Context, tx *db.Tx, owner Owner, lines []change) (taken int64, err error) {
	tx.Changed(named(owner))
	for some := range slices.Chunk(lines, takenAtOnce) {
		one := make([]string, len(some))
		args := []any{owner}
		for i, c := range some {
			one[i] = "sku_id = ? AND count = ?"
			args = append(args, c.SKU, c.From.Count)
		}
		n, err := tx.Exec(ctx, "DELETE FROM cart_lines WHERE owner = ? AND ("+strings.Join(one, " OR ")+")", args...)
		if err != nil {
			return taken, err
		}
		taken += n
	}
	return taken, nil
}

// SelectAll ticks or unticks all lines, and says how many it has changed. Undo brings the ticks back.
func (s *Service) SelectAll(ctx context.Context, owner Owner, selected bool) (e Edited, err error) {
	e.Undo, err = s.edit(ctx, owner, undoEdit, func() (done changes, err error) {
		lines, err := s.stored(ctx, s.db, owner)
		for _, l := range lines {
			if l.Selected != selected {
				from, to := l.state, l.state
				to.Selected = selected
				done.Lines = append(done.Lines, change{SKU: l.SKUID, From: &from, To: &to})
			}
		}
		e.Lines = len(done.Lines)
		return done, err
	}, func(tx *db.Tx, _ *changes) error {
		_, err := tx.Exec(ctx, "UPDATE cart_lines SET selected = ? WHERE owner = ?", selected, owner)
		return err
	})
	return e, err
}

// Respecified tells what came of a change of the spec.
type Respecified struct {
	Want, Count int64  // pieces that there should be, and that there are
	Undo        string // the token for Undo; "" where it is the spec that the line has
}

// Respecify has a line be about another SKU of the same product. Where that has a line of its own the two become one, of as many
// pieces as an order can get. Undo brings back what was.
func (s *Service) Respecify(ctx context.Context, owner Owner, from, to int64) (r Respecified, err error) {
	skus, err := s.catalog.SKUs(ctx, s.db, []int64{from, to})
	if err != nil {
		return r, err
	}
	product, known := skus[to]
	if !known || !product.Launched || product.SPUID != skus[from].SPUID {
		return r, fault.Missing()
	}
	if product.Stock <= 0 {
		return r, atMost(product, 0)
	}
	if err := s.mayBuy(ctx, owner, product); err != nil {
		return r, err
	}
	r.Undo, err = s.edit(ctx, owner, undoEdit, func() (changes, error) {
		lines, err := s.stored(ctx, s.db, owner)
		if err != nil {
			return changes{}, err
		}
		old, target := find(lines, from), find(lines, to)
		switch {
		case old == nil:
			return changes{}, fault.Missing()
		case from == to:
			return changes{}, nil
		}
		r.Want = old.Count
		if target != nil {
			r.Want += target.Count
		}
		r.Count = min(r.Want, product.Most())
		line := state{Count: r.Count, Selected: true, At: old.At, Added: product.Now()} // in the place of the old one
		return changes{Lines: []change{{SKU: from, From: old}, {SKU: to, From: target, To: &line}}}, nil
	}, writeLines(ctx, owner))
	return r, err
}

func find(lines []stored, sku int64) *state {
	for i := range lines {
		if lines[i].SKUID == sku {
			return &lines[i].state
		}
	}
	return nil
}
