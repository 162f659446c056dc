package promo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/recent"
	"dashop/store/storetest"
)

var ctx = context.Background()

func TestMain(m *testing.M) { storetest.Main(m) }

// node is one of the shop's programs.
func node(d *db.DB, clock *storetest.Clock) *promo.Service {
	return promo.New(d, catalog.New(d, clock.Now), promo.NoHoldings{}, clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
}

// publish writes a promotion, as the merchant does, and gives its id.
func publish(t testing.TB, d *db.DB, p promo.Promotion) (id int64) {
	t.Helper()
	err := d.Tx(ctx, func(tx *db.Tx) (err error) {
		promo.Changed(ctx, tx)
		id, err = tx.Insert(ctx, `INSERT INTO promotions (kind, name, scope, percent, priority, starts_at, ends_at, is_published, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.Kind, p.Name, p.Scope.Kind, p.Percent, p.Priority, p.StartsAt, p.EndsAt, p.Published, p.StartsAt)
		if err != nil {
			return err
		}
		for _, target := range p.Scope.IDs {
			if _, err := tx.Exec(ctx, "INSERT INTO promotion_targets (promotion_id, target_id) VALUES (?, ?)", id, target); err != nil {
				return err
			}
		}
		for _, s := range p.Steps {
			_, err := tx.Exec(ctx, "INSERT INTO promotion_steps (promotion_id, from_fen, off_fen) VALUES (?, ?, ?)", id, s.From, s.Off)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// reduction is 满 from 减 off of everything, for two hours from now on.
func reduction(now time.Time, from, off money.Fen) promo.Promotion {
	return promo.Promotion{
		Kind: promo.KindReduction, Name: fmt.Sprintf("满 %s 减 %s", from, off), Scope: promo.NewScope(promo.ScopeAll), Percent: 100,
		Steps: []promo.Step{{From: from, Off: off}}, StartsAt: now, EndsAt: now.Add(2 * time.Hour), Published: true,
	}
}

// What the merchant publishes is read whole, with targets and steps; drafts, sales, and what is over are not.
func TestLivePromotions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		now := clock.Now()
		whole := promo.Promotion{
			Kind: promo.KindReduction, Name: "满减", Scope: promo.NewScope(promo.ScopeBrand, 9, 7), Percent: 100, Priority: 3,
			Steps:    []promo.Step{{From: 10000, Off: 1000}, {From: 20000, Off: 3000}},
			StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour), Published: true,
		}
		later := promo.Promotion{
			Kind: promo.KindPercent, Name: "85 折", Scope: promo.NewScope(promo.ScopeAll), Percent: 85,
			StartsAt: now.Add(time.Hour), EndsAt: now.Add(3 * time.Hour), Published: true,
		}
		draft, over, sale := whole, whole, whole
		draft.Published = false
		over.EndsAt = now
		sale.Kind = promo.KindPrice
		for _, p := range []promo.Promotion{draft, over, sale} {
			publish(t, d, p)
		}
		whole.ID, later.ID = publish(t, d, whole), publish(t, d, later)
		facts, err := node(d, clock).Facts(ctx, d, promo.Ask{})
		if got, want := fmt.Sprint(facts.Promotions), fmt.Sprint([]promo.Promotion{whole, later}); err != nil || got != want {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	})
}

// A change counts at once on the node that made it, on another within a second; but an order is never placed by a promotion that is no
// more, on whichever node: looking again within a transaction sees it at once, and reads one row to know.
func TestPromotionChangesReachAllNodes(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d, other := storetest.Open(t, c), storetest.Open(t, c)
			var heard []string
			there := storetest.Open(t, c)
			there.OnStatement(func(statement string, _ []any) { heard = append(heard, statement) })
			here, far := node(d, clock), node(there, clock)
			ask := promo.Ask{Items: []promo.Item{{SKUID: storetest.SKU(t, d, 10000, 5), Count: 3}}}
			discount := func(s *promo.Service, d *db.DB) money.Fen {
				t.Helper()
				q, err := s.Quote(ctx, d, ask)
				if err != nil {
					t.Fatal(err)
				}
				return q.Discount
			}
			confirm := func(quoted promo.Quote) (err error) {
				t.Helper()
				heard = nil
				undo := errors.New("undo")
				if e := there.Tx(ctx, func(tx *db.Tx) error {
					err = far.Confirm(ctx, tx, quoted)
					return undo
				}); !errors.Is(e, undo) {
					t.Fatal(e)
				}
				return err
			}
			if discount(here, d) != 0 || discount(far, there) != 0 {
				t.Fatal("there is no promotion yet")
			}
			before, err := far.Quote(ctx, there, ask)
			if err != nil {
				t.Fatal(err)
			}
			if err := confirm(before); err != nil || len(heard) != 2 {
				t.Errorf("%v by %q; want one read of prices and one of the version", err, heard)
			}
			id := publish(t, d, reduction(clock.Now(), 30000, 2500))
			if got := discount(here, d); got != 2500 {
				t.Errorf("the node of the change takes %d off", got)
			}
			if err := confirm(before); !fault.HasCode(err, fault.CodePriceChanged) {
				t.Errorf("the other node places by what was: %v", err)
			}
			time.Sleep(recent.Life + 10*time.Millisecond)
			if got := discount(far, there); got != 2500 {
				t.Errorf("the other node takes %d off after a second", got)
			}
			quoted, err := far.Quote(ctx, there, ask)
			if err != nil {
				t.Fatal(err)
			}
			if err := confirm(quoted); err != nil || len(heard) != 2 {
				t.Errorf("%v by %q", err, heard)
			}
			storetest.Exec(t, other, "UPDATE promotion_steps SET off_fen = 1500 WHERE promotion_id = ?", id)
			if err := other.Tx(ctx, func(tx *db.Tx) error { promo.Changed(ctx, tx); return nil }); err != nil {
				t.Fatal(err)
			}
			if err := confirm(quoted); !fault.HasCode(err, fault.CodePriceChanged) {
				t.Errorf("the other node places by the old step: %v", err)
			}
		})
	}
}

// What a transaction sees of promotions and undoes is not kept, even if another change then gets the same version.
func TestUndonePromotionIsNotKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s, undo := node(d, clock), errors.New("undo")
		ask := promo.Ask{Items: []promo.Item{{SKUID: storetest.SKU(t, d, 10000, 5), Count: 1}}}
		quote := func(q db.Queryer) money.Fen {
			t.Helper()
			quoted, err := s.Quote(ctx, q, ask)
			if err != nil {
				t.Fatal(err)
			}
			return quoted.Discount
		}
		quote(d)
		err := d.Tx(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE promotion_version SET version = version + 1"); err != nil {
				return err
			}
			id, err := tx.Insert(ctx, `INSERT INTO promotions (kind, name, scope, starts_at, ends_at, is_published, created_at)
				VALUES ('reduction', 'x', 'all', ?, ?, 1, ?)`, clock.Now(), clock.Now().Add(time.Hour), clock.Now())
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO promotion_steps (promotion_id, from_fen, off_fen) VALUES (?, 1, 700)", id); err != nil {
				return err
			}
			if got := quote(tx); got != 700 {
				t.Errorf("within the transaction %d off", got)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		publish(t, d, reduction(clock.Now(), 10000, 900))
		if got := quote(d); got != 900 {
			t.Errorf("%d off after the change that was committed", got)
		}
		err = d.Tx(ctx, func(tx *db.Tx) error {
			if got := quote(tx); got != 900 {
				t.Errorf("%d off in a transaction after it", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Windows go by the clock at the moment of pricing: what starts later is kept already, and what ends is over at once.
func TestWindowsOpenAndCloseByTheClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s, ask := node(d, clock), promo.Ask{Items: []promo.Item{{SKUID: storetest.SKU(t, d, 10000, 5), Count: 1}}}
		publish(t, d, reduction(clock.Now().Add(time.Minute), 10000, 900))
		var got []money.Fen
		for _, wait := range []time.Duration{0, time.Minute - time.Millisecond, time.Millisecond, 2*time.Hour - time.Millisecond, time.Millisecond} {
			clock.Advance(wait)
			q, err := s.Quote(ctx, d, ask)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, q.Discount)
		}
		if want := []money.Fen{0, 0, 900, 900, 0}; !slices.Equal(got, want) {
			t.Errorf("%v off, want %v", got, want)
		}
	})
}
