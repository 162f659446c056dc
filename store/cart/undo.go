package cart

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
)

// undoFor is how long a change of the cart can be undone.
const undoFor = time.Hour

// Of each cart the last merge and the last other change can be undone, so that what is kept for it does not grow.
const (
	undoMerge = "merge"
	undoEdit  = "edit"
)

// state is how a line stands in a cart.
type state struct {
	Count    int64     `json:"n" db:"count"`
	Selected bool      `json:"s,omitempty" db:"selected"`
	At       time.Time `json:"t" db:"created_at"`
	Added    money.Fen `json:"p,omitempty" db:"added_fen"`
}

// change is what was done to one line; nil is that there is no such line.
type change struct {
	SKU     int64  `json:"k"`
	From    *state `json:"f,omitempty"`
	To      *state `json:"o,omitempty"`
	Visitor *state `json:"v,omitempty"` // of a merge: the line that the visitor had
	spu     int64  // its product, where it moves to the favourites
}

// changes are what was done to a cart at once.
type changes struct {
	Lines      []change `json:"lines"`
	Visitor    Owner    `json:"visitor,omitempty"`    // of a merge: whose lines came in
	Favourites []int64  `json:"favourites,omitempty"` // products that were not among the user's favourites before
}

// Undone tells what came of an undo.
type Undone struct {
	Lines   int   // that are as they were before
	Kept    int   // that were changed or bought since, and so stay as they are
	NoRoom  int   // that do not come back, since the cart holds MaxMerged others by now
	Visitor Owner // whose lines have come back to be a cart of their own, if it was a merge
}

// Past is the fault of what can no longer be undone: it was undone already, or too long ago.
func Past() error {
	return fault.New(fault.Conflict, 0, "已经撤销过了，或者过了可以撤销的时间")
}

// Undo brings back what a change has changed, by the token that the change gave. A line that was changed again since, or bought, stays as it
// is: the later choice counts. After a merge the visitor's lines are a cart of their own again, but for those whose pieces the user has
// bought or changed. No cart grows past MaxMerged lines by it. A second undo is Past and changes nothing.
func (s *Service) Undo(ctx context.Context, owner Owner, token string) (u Undone, err error) {
	if len(token) < 20 {
		return Undone{}, Past()
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		u = Undone{}
		var kept struct {
			Kind    string `db:"kind"`
			Changes string `db:"changes"`
		}
		err := tx.Get(ctx, &kept, "SELECT kind, changes FROM cart_undos WHERE owner = ? AND token = ? AND expires_at > ?", owner, token, now)
		if fault.Is(err, fault.NotFound) {
			return Past()
		} else if err != nil {
			return err
		}
		// Of two at once one takes the row away.
		n, err := tx.Exec(ctx, "DELETE FROM cart_undos WHERE owner = ? AND kind = ? AND token = ?", owner, kept.Kind, token)
		if err != nil {
			return err
		}
		if n == 0 {
			return Past()
		}
		var done changes
		if err := json.Unmarshal([]byte(kept.Changes), &done); err != nil {
			return fmt.Errorf("read what to undo of %s: %w", owner, err)
		}
		u, err = s.undo(ctx, tx, owner, done)
		return err
	})
	return u, err
}

func (s *Service) undo(ctx context.Context, tx *db.Tx, owner Owner, done changes) (u Undone, err error) {
	room, err := roomIn(ctx, tx, owner)
	if err != nil {
		return u, err
	}
	// Users before lines, as everywhere. Where a line has no room its product stays a favourite, so that it is not lost.
	if id := userID(owner); id != 0 && len(done.Favourites) > 0 && len(done.Lines) <= room {
		if err := s.favourites.LetGo(ctx, tx, id, done.Favourites); err != nil {
			return u, err
		}
	}
	tx.Changed(named(owner))
	u.Visitor = done.Visitor
	if u.Visitor != "" {
		tx.Changed(named(u.Visitor))
	}
	visitorRoom := 0
	if u.Visitor != "" {
		if visitorRoom, err = roomIn(ctx, tx, u.Visitor); err != nil {
			return u, err
		}
	}
	// What goes comes first: it makes room for what comes back.
	slices.SortStableFunc(done.Lines, func(x, y change) int { return cmp.Compare(x.back(), y.back()) })
	for _, c := range done.Lines {
		if c.back() > 0 && room < 1 || c.Visitor != nil && visitorRoom < 1 {
			u.NoRoom++
			continue
		}
		back, err := swap(ctx, tx, owner, c.SKU, c.To, c.From)
		if err != nil {
			return u, err
		}
		if !back {
			u.Kept++
			continue
		}
		u.Lines++
		room -= c.back()
		if c.Visitor != nil {
			visitorRoom--
			if _, err := swap(ctx, tx, u.Visitor, c.SKU, nil, c.Visitor); err != nil {
				return u, err
			}
		}
	}
	return u, nil
}

// back is how many lines a cart has more when the change is undone.
func (c change) back() int {
	switch {
	case c.From != nil && c.To == nil:
		return 1
	case c.From == nil && c.To != nil:
		return -1
	}
	return 0
}

// roomIn is how many lines more a cart may hold; below 0, how many it holds too many.
func roomIn(ctx context.Context, tx *db.Tx, owner Owner) (int, error) {
	var n int
	err := tx.Get(ctx, &n, "SELECT COUNT(*) FROM cart_lines WHERE owner = ?", owner)
	return MaxMerged - n, err
}

// remember keeps what was done, under a new token, in place of what was done before.
func remember(ctx context.Context, tx *db.Tx, owner Owner, kind, token string, done changes, until time.Time) error {
	text, err := json.Marshal(done)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO cart_undos (owner, kind, token, changes, expires_at) VALUES (?, ?, ?, ?, ?)", owner, kind, token,
		string(text), until)
	if db.IsDuplicate(err) {
		_, err = tx.Exec(ctx, "UPDATE cart_undos SET token = ?, changes = ?, expires_at = ? WHERE owner = ? AND kind = ?", token, string(text),
			until, owner, kind)
	}
	if err != nil {
		return fmt.Errorf("keep what to undo of %s: %w", owner, err)
	}
	return nil
}

// swap brings a line from one state into another, and says whether it was in the first. What makes a state is the count: a tick that
// was set or taken since is no change that anybody would miss.
func swap(ctx context.Context, tx *db.Tx, owner Owner, sku int64, from, to *state) (bool, error) {
	tx.Changed(named(owner))
	var n int64
	var err error
	switch {
	case from == nil && to == nil:
		return true, nil
	case from == nil:
		_, err = tx.Exec(ctx, "INSERT INTO cart_lines (owner, sku_id, count, selected, created_at, added_fen) VALUES (?, ?, ?, ?, ?, ?)",
			owner, sku, to.Count, to.Selected, to.At, to.Added)
		if db.IsDuplicate(err) {
			return false, nil
		}
		n = 1
	case to == nil:
		n, err = tx.Exec(ctx, "DELETE FROM cart_lines WHERE owner = ? AND sku_id = ? AND count = ?", owner, sku, from.Count)
	default:
		n, err = tx.Exec(ctx, `UPDATE cart_lines SET count = ?, selected = ?, created_at = ?, added_fen = ?
			WHERE owner = ? AND sku_id = ? AND count = ?`, to.Count, to.Selected, to.At, to.Added, owner, sku, from.Count)
	}
	if err != nil {
		return false, fmt.Errorf("change SKU %d in the cart of %s: %w", sku, owner, err)
	}
	return n > 0, nil
}

// errMoved says that a line was changed between being read and being written.
var errMoved = errors.New("the cart has moved on")

// edit plans a change by what it reads, and writes it in a transaction, in which it is remembered under the token that edit returns: "" where
// there is nothing to do. Nothing is written where a line has moved on since the plan, which write tells by errMoved; then all begins again.
func (s *Service) edit(
	ctx context.Context, owner Owner, kind string, plan func() (changes, error), write func(tx *db.Tx, done *changes) error,
) (token string, err error) {
	for range 5 {
		done, err := plan()
		if err != nil || len(done.Lines) == 0 {
			return "", err
		}
		// By SKU, so that two that meet lock lines in one order.
		slices.SortFunc(done.Lines, func(x, y change) int { return cmp.Compare(x.SKU, y.SKU) })
		token, until := rand.Text(), s.clock().Add(undoFor)
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			tx.Changed(named(owner))
			if err := write(tx, &done); err != nil {
				return err
			}
			return remember(ctx, tx, owner, kind, token, done, until)
		})
		if !errors.Is(err, errMoved) {
			return token, err
		}
	}
	return "", Changed()
}

// writeLines is how edit writes lines one by one.
func writeLines(ctx context.Context, owner Owner) func(tx *db.Tx, done *changes) error {
	return func(tx *db.Tx, done *changes) error {
		for _, c := range done.Lines {
			ok, err := swap(ctx, tx, owner, c.SKU, c.From, c.To)
			if ok && c.Visitor != nil {
				ok, err = swap(ctx, tx, done.Visitor, c.SKU, c.Visitor, nil)
			}
			if err != nil {
				return err
			}
			if !ok {
				return errMoved
			}
		}
		return nil
	}
}

// ExpiredUndos are those that nobody can undo any more.
var ExpiredUndos = db.Expired{Table: "cart_undos", Key: []string{"owner", "kind"}, At: "expires_at"}
