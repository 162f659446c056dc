package cart_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/interest"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/storetest"
)

const visitor = cart.Owner("v:token")

// rows are all lines of a cart as they stand in the database.
func rows(t testing.TB, d *db.DB, o cart.Owner) string {
	t.Helper()
	var list []struct {
		SKU      int64     `db:"sku_id"`
		Count    int64     `db:"count"`
		Selected bool      `db:"selected"`
		At       time.Time `db:"created_at"`
		Added    money.Fen `db:"added_fen"`
	}
	must(t, d.Select(ctx, &list, "SELECT sku_id, count, selected, created_at, added_fen FROM cart_lines WHERE owner = ? ORDER BY sku_id", o))
	return fmt.Sprint(list)
}

func undo(t testing.TB, c *cart.Service, o cart.Owner, token string) cart.Undone {
	t.Helper()
	u, err := c.Undo(ctx, o, token)
	must(t, err)
	return u
}

// After the undo both carts are what they were, to the tick, the order and the price at which a line was added; a second one is refused
// and does nothing.
func TestMergeAndUndo(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b, both := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9), storetest.SKU(t, d, 300, 4)
		must(t, c.Add(ctx, owner, a, 2))
		must(t, c.Add(ctx, owner, both, 1))
		must(t, c.Add(ctx, visitor, b, 5))
		must(t, c.Add(ctx, visitor, both, 4))
		off := false
		must(t, c.Change(ctx, visitor, b, nil, &off))
		storetest.Exec(t, d, "UPDATE skus SET price_fen = price_fen + 7")
		users, visitors := rows(t, d, owner), rows(t, d, visitor)
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		if m.Moved != 2 || len(m.Capped) != 1 || m.Capped[0].SKU.ID != both || m.Capped[0].Want != 5 || m.Capped[0].Count != 4 || m.Undo == "" {
			t.Fatalf("merged %+v", m)
		}
		if l, _ := read(t, c, owner).Line(b); l.Selected || l.Count != 5 || l.Moved() != 7 {
			t.Errorf("a line came in as %+v", l)
		}
		if _, err := c.Undo(ctx, "u:2", m.Undo); !fault.Is(err, fault.Conflict) {
			t.Errorf("another undoes it: %v", err)
		}
		if u := undo(t, c, owner, m.Undo); u.Kept != 0 || u.Visitor != visitor {
			t.Errorf("undone %+v", u)
		}
		if got := rows(t, d, owner); got != users {
			t.Errorf("the user's cart is %s, was %s", got, users)
		}
		if got := rows(t, d, visitor); got != visitors {
			t.Errorf("the visitor's cart is %s, was %s", got, visitors)
		}
		if _, err := c.Undo(ctx, owner, m.Undo); !fault.Is(err, fault.Conflict) {
			t.Errorf("undone twice: %v", err)
		}
		if got := rows(t, d, owner) + rows(t, d, visitor); got != users+visitors {
			t.Errorf("the second undo has changed something: %s", got)
		}
		n, err := c.Count(ctx, owner)
		if must(t, err); n != 3 {
			t.Errorf("the badge says %d", n)
		}
	})
}

// What the user bought or changed after the merge stays so, and its pieces do not come back to the visitor.
func TestUndoOfAMergeRespectsWhatCameAfter(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		bought, changed, same := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9), storetest.SKU(t, d, 300, 9)
		for _, sku := range []int64{bought, changed, same} {
			must(t, c.Add(ctx, visitor, sku, 2))
		}
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		must(t, d.Tx(ctx, func(tx *db.Tx) error {
			return cart.TakeOut(ctx, tx, owner, []promo.Item{{SKUID: bought, Count: 2}})
		}))
		five := int64(5)
		must(t, c.Change(ctx, owner, changed, &five, nil))
		if u := undo(t, c, owner, m.Undo); u.Kept != 2 || u.Lines != 1 {
			t.Errorf("undone %+v", u)
		}
		mine, theirs := read(t, c, owner), read(t, c, visitor)
		if len(mine.Lines) != 1 || mine.Lines[0].SKU.ID != changed || mine.Lines[0].Count != 5 {
			t.Errorf("the user's cart: %+v", mine.Lines)
		}
		if len(theirs.Lines) != 1 || theirs.Lines[0].SKU.ID != same || theirs.Lines[0].Count != 2 {
			t.Errorf("the visitor's cart: %+v", theirs.Lines)
		}
	})
}

func TestUndoHasItsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := newCart(d, clock)
		sku := storetest.SKU(t, d, 100, 9)
		must(t, c.Add(ctx, owner, sku, 2))
		e := did(t)(c.Remove(ctx, owner, sku))
		clock.Advance(time.Hour)
		if _, err := c.Undo(ctx, owner, e.Undo); !fault.Is(err, fault.Conflict) || len(read(t, c, owner).Lines) != 0 {
			t.Errorf("an hour later: %v", err)
		}
		_, err := d.DeleteExpired(ctx, clock.Now(), cart.ExpiredUndos)
		must(t, err)
		var left int
		must(t, d.Get(ctx, &left, "SELECT COUNT(*) FROM cart_undos"))
		if left != 0 {
			t.Errorf("%d of them are kept for ever", left)
		}
		for _, token := range []string{"", "x", strings.Repeat("x", 26)} {
			if _, err := c.Undo(ctx, owner, token); !fault.Is(err, fault.Conflict) {
				t.Errorf("token %q: %v", token, err)
			}
		}
	})
}

// Each change of several lines can be undone.
func TestEditsAreUndone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := newCart(d, clock)
		liked := interest.New(d, catalog.New(d, clock.Now), clock.Now)
		c.MoveTo(liked)
		user := storetest.User(t, d, "xiaoming")
		mine := cart.UserOwner(user)
		a, b, off, gone := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9), storetest.SKU(t, d, 300, 9), storetest.SKU(t, d, 400, 9)
		for _, sku := range []int64{a, b, off, gone} {
			must(t, c.Add(ctx, mine, sku, 2))
		}
		no := false
		must(t, c.Change(ctx, mine, off, nil, &no))
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0 WHERE id = ?", gone)
		product := func(sku int64) (spu int64) {
			must(t, d.Get(ctx, &spu, "SELECT spu_id FROM skus WHERE id = ?", sku))
			return spu
		}
		must(t, liked.AddFavourite(ctx, user, product(a)))
		before := rows(t, d, mine)
		for name, x := range map[string]struct {
			do    func(context.Context, cart.Owner) (cart.Edited, error)
			lines int
			left  []int64
		}{
			"remove": {func(ctx context.Context, o cart.Owner) (cart.Edited, error) { return c.Remove(ctx, o, b) }, 1, []int64{a, off, gone}},
			"ticked": {c.RemoveTicked, 2, []int64{off, gone}},
			"gone":   {c.RemoveGone, 1, []int64{a, b, off}},
			"favour": {func(ctx context.Context, _ cart.Owner) (cart.Edited, error) { return c.FavourTicked(ctx, user) }, 2, []int64{off, gone}},
			"tick": {func(ctx context.Context, o cart.Owner) (cart.Edited, error) { return c.SelectAll(ctx, o, true) }, 1,
				[]int64{a, b, off, gone}},
			"untick": {func(ctx context.Context, o cart.Owner) (cart.Edited, error) { return c.SelectAll(ctx, o, false) }, 3,
				[]int64{a, b, off, gone}},
		} {
			e := did(t)(x.do(ctx, mine))
			k := read(t, c, mine)
			if e.Lines != x.lines || len(k.Lines)+len(k.Gone) != len(x.left) {
				t.Errorf("%s: %+v, left %+v and %+v", name, e, k.Lines, k.Gone)
			}
			for _, sku := range x.left {
				if _, ok := k.Line(sku); !ok {
					t.Errorf("%s has lost SKU %d", name, sku)
				}
			}
			if name == "favour" {
				for _, sku := range []int64{a, b} {
					if kept, err := liked.IsFavourite(ctx, user, product(sku)); err != nil || !kept {
						t.Errorf("SKU %d is no favourite: %v", sku, err)
					}
				}
			}
			undo(t, c, mine, e.Undo)
			if got := rows(t, d, mine); got != before {
				t.Errorf("%s: after the undo %s, before %s", name, got, before)
			}
			if kept, err := liked.IsFavourite(ctx, user, product(a)); err != nil || !kept {
				t.Errorf("%s: an old favourite is gone: %v", name, err)
			}
			if kept, err := liked.IsFavourite(ctx, user, product(b)); err != nil || kept {
				t.Errorf("%s: the undo leaves a favourite: %v", name, err)
			}
		}
		storetest.CheckBooks(t, d)
	})
}

// Where the favourites are full nothing moves.
func TestFavourNeedsRoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := newCart(d, clock)
		c.MoveTo(interest.New(d, catalog.New(d, clock.Now), clock.Now))
		user := storetest.User(t, d, "xiaoming")
		must(t, c.Add(ctx, cart.UserOwner(user), storetest.SKU(t, d, 100, 9), 2))
		storetest.Exec(t, d, "UPDATE users SET favourites = ?", interest.MaxFavourites)
		if _, err := c.FavourTicked(ctx, user); !fault.Is(err, fault.Conflict) {
			t.Errorf("one favourite more: %v", err)
		}
		if k := read(t, c, cart.UserOwner(user)); len(k.Lines) != 1 {
			t.Errorf("the cart %+v", k.Lines)
		}
	})
}

// Of two undos at once one brings the lines back, once.
func TestTwoUndosAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9)
		must(t, c.Add(ctx, owner, a, 2))
		must(t, c.Add(ctx, visitor, a, 3))
		must(t, c.Add(ctx, visitor, b, 1))
		users, visitors := rows(t, d, owner), rows(t, d, visitor)
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		var done, past int
		var lock sync.Mutex
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := c.Undo(ctx, owner, m.Undo)
				lock.Lock()
				defer lock.Unlock()
				switch {
				case err == nil:
					done++
				case fault.Is(err, fault.Conflict):
					past++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 || past != 7 || rows(t, d, owner) != users || rows(t, d, visitor) != visitors {
			t.Errorf("%d undone, %d refused; %s and %s", done, past, rows(t, d, owner), rows(t, d, visitor))
		}
	})
}

// A line that is changed while the merge is undone is either undone first, and then changed or missed, or it stays as it was changed. In
// neither case are there pieces that nobody put there.
func TestUndoMeetsAChange(t *testing.T) {
	for at, late := range map[string]bool{"DELETE FROM cart_undos": false, "UPDATE cart_lines": false, "COMMIT": true} {
		t.Run(at, func(t *testing.T) {
			each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
				sku := storetest.SKU(t, d, 100, 9)
				must(t, c.Add(ctx, owner, sku, 2))
				must(t, c.Add(ctx, visitor, sku, 3))
				m, err := c.Merge(ctx, visitor, owner)
				must(t, err)
				seven := int64(7)
				undoErr, changeErr := storetest.Meanwhile(at, func(ctx context.Context) error {
					_, err := c.Undo(ctx, owner, m.Undo)
					return err
				}, func() error { return c.Change(ctx, owner, sku, &seven, nil) })
				if undoErr != nil || changeErr != nil {
					t.Fatal(undoErr, changeErr)
				}
				l, _ := read(t, c, owner).Line(sku)
				theirs := read(t, c, visitor).Lines
				if l.Count != 7 || len(theirs) > 1 || len(theirs) == 1 && theirs[0].Count != 3 {
					t.Errorf("the line holds %d pieces, the visitor has %+v", l.Count, theirs)
				}
				if late && len(theirs) != 1 { // the change waits for the undo
					t.Error("the visitor's line is lost")
				}
			})
		})
	}
}

// The same login, sent twice at once, brings each piece once.
func TestTwoMergesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b := storetest.SKU(t, d, 100, 50), storetest.SKU(t, d, 200, 50)
		must(t, c.Add(ctx, owner, a, 2))
		must(t, c.Add(ctx, visitor, a, 3))
		must(t, c.Add(ctx, visitor, b, 4))
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := c.Merge(ctx, visitor, owner); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n, err := c.Count(ctx, owner); err != nil || n != 9 || rows(t, d, visitor) != "[]" {
			t.Errorf("the cart holds %d pieces, the visitor %s (%v)", n, rows(t, d, visitor), err)
		}
	})
}

// A merge or an undo that fails at any statement has done nothing.
func TestMergeAndUndoAtEachFault(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b := storetest.SKU(t, d, 100, 50), storetest.SKU(t, d, 200, 50)
		must(t, c.Add(ctx, owner, a, 2))
		must(t, c.Add(ctx, visitor, a, 3))
		must(t, c.Add(ctx, visitor, b, 4))
		lost := errors.New("lost")
		fails := func(do func(ctx context.Context) error) {
			t.Helper()
			state := func() string { return rows(t, d, owner) + rows(t, d, visitor) }
			for at := 1; ; at++ {
				before, ran := state(), 0
				err := do(db.InjectFaults(ctx, func(statement string) error {
					if ran++; ran == at && statement != "COMMITTED" {
						return lost
					}
					return nil
				}))
				if !errors.Is(err, lost) {
					must(t, err)
					if at < 5 {
						t.Errorf("only %d statements", at)
					}
					return
				}
				if got := state(); got != before {
					t.Fatalf("half done at statement %d: %s, was %s", at, got, before)
				}
			}
		}
		var m cart.Merged
		fails(func(ctx context.Context) (err error) {
			m, err = c.Merge(ctx, visitor, owner)
			return err
		})
		fails(func(ctx context.Context) error {
			_, err := c.Undo(ctx, owner, m.Undo)
			return err
		})
	})
}

// The merchant's limit of a SKU holds for adding, changing, merging and changing the spec.
func TestLimitOfASKU(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		few, many := storetest.SKU(t, d, 100, 500), storetest.SKU(t, d, 200, 500)
		storetest.Exec(t, d, "UPDATE skus SET max_per_order = 2, spu_id = (SELECT spu_id FROM (SELECT spu_id FROM skus WHERE id = ?) s) WHERE id = ?", many, few)
		storetest.Exec(t, d, "UPDATE skus SET max_per_order = 150 WHERE id = ?", many)
		three, over := int64(3), int64(151)
		if err := c.Add(ctx, owner, few, 3); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "每单限购 2 件") {
			t.Errorf("add 3: %v", err)
		}
		must(t, c.Add(ctx, owner, few, 1))
		if err := c.Add(ctx, owner, few, 2); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "每单限购 2 件，购物车里已有 1 件") {
			t.Errorf("add 2 more: %v", err)
		}
		if err := c.Change(ctx, owner, few, &three, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("change to 3: %v", err)
		}
		must(t, c.Add(ctx, owner, many, 149))
		must(t, c.Add(ctx, owner, many, 1))
		if err := c.Change(ctx, owner, many, &over, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("change to 151: %v", err)
		}
		r, err := c.Respecify(ctx, owner, many, few)
		if must(t, err); r.Want != 151 || r.Count != 2 {
			t.Errorf("another spec: %+v", r)
		}
		undo(t, c, owner, r.Undo)
		must(t, c.Add(ctx, visitor, few, 2))
		m, err := c.Merge(ctx, visitor, owner)
		if must(t, err); len(m.Capped) != 1 || m.Capped[0].Count != 2 {
			t.Errorf("merged %+v", m)
		}
		storetest.Exec(t, d, "UPDATE skus SET max_per_order = 1 WHERE id = ?", few)
		l, _ := read(t, c, owner).Line(few)
		if !l.Short() || !fault.Is(l.Refusal(), fault.Invalid) {
			t.Errorf("a line above a limit that came later: %+v, %v", l, l.Refusal())
		}
	})
}

func TestRespecify(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b, other, none := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 6), storetest.SKU(t, d, 300, 9), storetest.SKU(t, d, 400, 0)
		for _, sku := range []int64{b, none} {
			storetest.Exec(t, d, "UPDATE skus SET spu_id = (SELECT spu_id FROM (SELECT spu_id FROM skus WHERE id = ?) s) WHERE id = ?", a, sku)
		}
		must(t, c.Add(ctx, owner, a, 4))
		before := rows(t, d, owner)
		for sku, kind := range map[int64]fault.Kind{other: fault.NotFound, 999999: fault.NotFound, none: fault.Conflict} {
			if _, err := c.Respecify(ctx, owner, a, sku); !fault.Is(err, kind) {
				t.Errorf("to SKU %d: %v", sku, err)
			}
		}
		if _, err := c.Respecify(ctx, owner, b, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("a line that is not there: %v", err)
		}
		if r, err := c.Respecify(ctx, owner, a, a); err != nil || r.Undo != "" {
			t.Errorf("to itself: %+v, %v", r, err)
		}
		if got := rows(t, d, owner); got != before {
			t.Errorf("refused, and yet the cart is %s", got)
		}
		r, err := c.Respecify(ctx, owner, a, b)
		must(t, err)
		if k := read(t, c, owner); len(k.Lines) != 1 || k.Lines[0].SKU.ID != b || k.Lines[0].Count != 4 || k.Lines[0].Moved() != 0 {
			t.Errorf("%+v", k.Lines)
		}
		undo(t, c, owner, r.Undo)
		must(t, c.Add(ctx, owner, b, 3))
		before = rows(t, d, owner)
		r, err = c.Respecify(ctx, owner, a, b)
		must(t, err)
		if k := read(t, c, owner); r.Want != 7 || r.Count != 6 || len(k.Lines) != 1 || k.Lines[0].Count != 6 {
			t.Errorf("%+v, %+v", r, k.Lines)
		}
		undo(t, c, owner, r.Undo)
		if got := rows(t, d, owner); got != before {
			t.Errorf("after the undo %s, before %s", got, before)
		}
	})
}

func TestMovedPrice(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		sku := storetest.SKU(t, d, 10000, 9)
		must(t, c.Add(ctx, owner, sku, 1))
		moved := func() money.Fen {
			l, _ := read(t, c, owner).Line(sku)
			return l.Moved()
		}
		for price, by := range map[int]money.Fen{10000: 0, 8000: -2000, 10500: 500} {
			storetest.Exec(t, d, "UPDATE skus SET price_fen = ? WHERE id = ?", price, sku)
			if got := moved(); got != by {
				t.Errorf("at %d it has moved by %d", price, got)
			}
		}
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 9000 WHERE id = ?", sku)
		must(t, c.Add(ctx, owner, sku, 1)) // at the price that one sees now
		if got := moved(); got != 0 {
			t.Errorf("added anew it has moved by %d", got)
		}
		storetest.Exec(t, d, "UPDATE cart_lines SET added_fen = 0")
		if got := moved(); got != 0 {
			t.Errorf("a line of unknown price has moved by %d", got)
		}
	})
}

// A favourite whose line has no room in the cart again stays one.
func TestFavouriteStaysWhereTheCartIsFull(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		c := newCart(d, clock)
		c.MoveTo(interest.New(d, catalog.New(d, clock.Now), clock.Now))
		user := storetest.User(t, d, "xiaoming")
		o := cart.UserOwner(user)
		must(t, c.Add(ctx, o, storetest.SKU(t, d, 100, 9), 2))
		e, err := c.FavourTicked(ctx, user)
		must(t, err)
		fill(t, d, o, 900_000, cart.MaxMerged)
		u := undo(t, c, o, e.Undo)
		var kept int
		must(t, d.Get(ctx, &kept, "SELECT COUNT(*) FROM favourites WHERE user_id = ?", user))
		if u.NoRoom != 1 || kept != 1 {
			t.Errorf("%d favourites after %+v", kept, u)
		}
	})
}

func newCart(d *db.DB, clock *storetest.Clock) *cart.Service {
	goods := catalog.New(d, clock.Now)
	return cart.New(d, goods, promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{}), clock.Now)
}

// fill puts n lines of SKUs that are no more into a cart.
func fill(t testing.TB, d *db.DB, o cart.Owner, from, n int) {
	t.Helper()
	lines := make([][]any, n)
	for i := range lines {
		lines[i] = []any{string(o), from + i, 1, true, storetest.NewClock().Now()}
	}
	must(t, d.Tx(ctx, func(tx *db.Tx) error {
		return tx.InsertMany(ctx, "cart_lines", []string{"owner", "sku_id", "count", "selected", "created_at"}, lines)
	}))
}

func size(t testing.TB, d *db.DB, o cart.Owner) (n int) {
	t.Helper()
	must(t, d.Get(ctx, &n, "SELECT COUNT(*) FROM cart_lines WHERE owner = ?", o))
	return n
}

// A cart does not grow by removing, adding others and undoing: where there is no room, lines do not come back, and the undo says so. What
// makes room for itself, such as another spec, does.
func TestUndoEndsWhereOneOrderDoes(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		skus := []int64{storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9), storetest.SKU(t, d, 300, 9)}
		for _, k := range skus {
			must(t, c.Add(ctx, owner, k, 1))
		}
		e := did(t)(c.RemoveTicked(ctx, owner))
		fill(t, d, owner, 900_000, cart.MaxMerged-1)
		if u := undo(t, c, owner, e.Undo); u.Lines != 1 || u.NoRoom != 2 || u.Kept != 0 || size(t, d, owner) != cart.MaxMerged {
			t.Errorf("%d lines after %+v", size(t, d, owner), u)
		}
		storetest.Exec(t, d, "UPDATE skus SET spu_id = 1")
		r, err := c.Respecify(ctx, owner, skus[0], skus[2])
		must(t, err)
		before := size(t, d, owner)
		if u := undo(t, c, owner, r.Undo); u.NoRoom != 0 || u.Kept != 0 || before != cart.MaxMerged || size(t, d, owner) != cart.MaxMerged {
			t.Errorf("another spec: %d lines, %d after %+v", before, size(t, d, owner), u)
		}
	})
}

// The visitor's cart that comes back from a merge does not grow either.
func TestUndoOfAMergeEndsWhereOneOrderDoes(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		for _, price := range []money.Fen{100, 200, 300} {
			must(t, c.Add(ctx, visitor, storetest.SKU(t, d, price, 9), 1))
		}
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		fill(t, d, visitor, 900_000, cart.MaxMerged-1)
		u := undo(t, c, owner, m.Undo)
		if u.Lines != 1 || u.NoRoom != 2 || size(t, d, owner) != 2 || size(t, d, visitor) != cart.MaxMerged {
			t.Errorf("%d and %d lines after %+v", size(t, d, owner), size(t, d, visitor), u)
		}
	})
}

// More lines than SQLite takes in one condition can be taken out.
func TestTakeOutOfALargeCart(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *cart.Service) {
		const n = 1100
		fill(t, d, owner, 900_000, n)
		items := make([]promo.Item, n)
		for i := range items {
			items[i] = promo.Item{SKUID: int64(900_000 + i), Count: 1}
		}
		must(t, d.Tx(ctx, func(tx *db.Tx) error { return cart.TakeOut(ctx, tx, owner, items) }))
		if size(t, d, owner) != 0 {
			t.Errorf("%d lines are left", size(t, d, owner))
		}
	})
}
