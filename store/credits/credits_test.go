package credits_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// ledger is a shop with one shopper, whose credits it changes as orders would. The orders that it names need not exist.
type ledger struct {
	testing.TB
	db    *db.DB
	clock *storetest.Clock
	*credits.Service
	user int64
}

func each(t *testing.T, test func(l ledger)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		l := ledger{t, d, clock, credits.New(d, clock.Now), storetest.User(t, d, "xiaoming")}
		test(l)
		l.checkBooks()
	})
}

// checkBooks checks all books but the one that looks for the orders.
func (l ledger) checkBooks() {
	l.Helper()
	storetest.CheckBooks(l, l.db, "credits were earned by other than a received order, or in another number")
}

func (l ledger) spend(order, n int64) error {
	return l.db.Tx(ctx, func(tx *db.Tx) error { return credits.Spend(ctx, tx, l.user, order, n, l.clock.Now()) })
}

func (l ledger) giveBack(order, n int64, ref string) error {
	return l.db.Tx(ctx, func(tx *db.Tx) error { return credits.GiveBack(ctx, tx, l.user, order, n, ref, l.clock.Now()) })
}

func (l ledger) earn(order, n int64) error {
	return l.db.Tx(ctx, func(tx *db.Tx) error { return credits.Earn(ctx, tx, l.user, order, n, l.clock.Now()) })
}

func (l ledger) takeBack(order, n int64, ref string) (taken int64, err error) {
	err = l.db.Tx(ctx, func(tx *db.Tx) (err error) {
		taken, err = credits.TakeBack(ctx, tx, l.user, order, n, ref, l.clock.Now())
		return err
	})
	return taken, err
}

func (l ledger) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l ledger) want(balance int64) {
	l.Helper()
	if got, err := l.Balance(ctx, l.db, l.user); err != nil || got != balance {
		l.Fatalf("%d credits, %v; want %d", got, err, balance)
	}
}

// failed checks that something was refused and nothing has changed.
func (l ledger) failed(err error, balance int64) {
	l.Helper()
	if err == nil {
		l.Fatal("it was not refused")
	}
	l.want(balance)
}

func TestSpendAndGiveBack(t *testing.T) {
	each(t, func(l ledger) {
		l.want(0)
		if err := l.spend(1, 1); !fault.Is(err, fault.Invalid) || !fault.HasCode(err, fault.CodeShortCredits) {
			t.Fatalf("spent of nothing: %v", err)
		}
		l.must(l.earn(1, 100))
		l.must(l.spend(2, 70))
		l.want(30)
		if err := l.spend(3, 31); !fault.HasCode(err, fault.CodeShortCredits) {
			t.Fatalf("spent more than there is: %v", err)
		}
		if err := l.spend(2, 1); !db.IsDuplicate(err) {
			t.Fatalf("spent twice on an order: %v", err)
		}
		l.want(30)
		// A part, the same part again, more than is left of it, and the rest.
		l.must(l.giveBack(2, 20, "as1"))
		if err := l.giveBack(2, 20, "as1"); !db.IsDuplicate(err) {
			t.Fatalf("given back twice: %v", err)
		}
		l.failed(l.giveBack(2, 51, "as2"), 50)
		l.failed(l.giveBack(3, 1, ""), 50) // it never spent any
		held, err := credits.Held(ctx, l.db, l.user, 2)
		if err != nil || held != 50 {
			t.Fatalf("the order holds %d, %v", held, err)
		}
		l.must(l.giveBack(2, held, ""))
		l.want(100)
		// None is no entry, and less than none is no way to get some.
		l.must(errors.Join(l.spend(4, 0), l.giveBack(4, 0, ""), l.earn(4, 0)))
		l.failed(l.spend(4, -5), 100)
		l.failed(l.earn(4, -5), 100)
		l.failed(l.giveBack(4, -5, ""), 100)
		if h, err := l.History(ctx, l.user, 1); err != nil || len(h.Lines) != 4 {
			t.Fatalf("history %+v, %v", h, err)
		}
	})
}

func TestTakeBackWhatIsThere(t *testing.T) {
	each(t, func(l ledger) {
		l.must(l.earn(1, 100))
		l.must(l.spend(2, 70))
		if taken, err := l.takeBack(1, 20, "as1"); err != nil || taken != 20 {
			t.Fatalf("took %d, %v", taken, err)
		}
		if taken, err := l.takeBack(1, 40, "as2"); err != nil || taken != 10 {
			t.Fatalf("took %d of the 10 that are left, %v", taken, err)
		}
		l.want(0)
		// What could not be taken is not taken later, when there is something again.
		l.must(l.earn(3, 50))
		if _, err := l.takeBack(1, 40, "as2"); !db.IsDuplicate(err) {
			t.Fatalf("taken back twice: %v", err)
		}
		_, err := l.takeBack(1, 71, "as3")
		l.failed(err, 50) // it has earned 70 more only
		_, err = l.takeBack(2, 1, "")
		l.failed(err, 50) // it has earned none
		_, err = l.takeBack(1, -1, "as4")
		l.failed(err, 50)
		// Of an empty purse nothing is taken, which is written too.
		l.must(l.spend(4, 50))
		if taken, err := l.takeBack(3, 50, ""); err != nil || taken != 0 {
			t.Fatalf("took %d of nothing, %v", taken, err)
		}
		l.must(l.earn(5, 50))
		if _, err := l.takeBack(3, 50, ""); !db.IsDuplicate(err) {
			t.Fatalf("taken back after all: %v", err)
		}
	})
}

func TestEarnedOncePerOrder(t *testing.T) {
	each(t, func(l ledger) {
		l.must(l.earn(1, 12))
		if err := l.earn(1, 12); !db.IsDuplicate(err) {
			t.Fatalf("earned twice: %v", err)
		}
		l.want(12)
	})
	for paid, want := range map[money.Fen]int64{-1: 0, 0: 0, 99: 0, 100: 1, 199: 1, 12400: 124} {
		if got := credits.EarnedBy(paid); got != want {
			t.Errorf("%d fen earn %d", paid, got)
		}
	}
}

// One balance is spent by 20 orders at once: as many get some as it has room for, and the rest is refused.
func TestManyOrdersOneBalance(t *testing.T) {
	each(t, func(l ledger) {
		l.must(l.earn(100, 100))
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() { errs[i] = l.spend(int64(i+1), 30) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.HasCode(err, fault.CodeShortCredits) {
				t.Error(err)
			}
		}
		if won != 3 {
			t.Errorf("%d orders got 30 of 100", won)
		}
		l.want(10)
	})
}

// The first credits of a user, from many orders at once, all count; and what two give back or earn for one order counts once.
func TestManyAtOnce(t *testing.T) {
	each(t, func(l ledger) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { l.mustWin(l.earn(int64(i%10+1), 10)) })
		}
		wg.Wait()
		l.want(100)
		l.must(l.spend(11, 60))
		for range 10 {
			wg.Go(func() { l.mustWin(l.giveBack(11, 60, "")) })
			wg.Go(func() {
				_, err := l.takeBack(1, 10, "")
				l.mustWin(err)
			})
		}
		wg.Wait()
		l.want(90)
	})
}

// mustWin lets somebody else have been faster.
func (l ledger) mustWin(err error) {
	l.Helper()
	if err != nil && !db.IsDuplicate(err) {
		l.Error(err)
	}
}

// Each statement of each change may fail: then nothing is changed, and the same again is done once.
func TestEachStatementMayFail(t *testing.T) {
	boom := errors.New("boom")
	each(t, func(l ledger) {
		l.must(l.earn(1, 1000))
		order := int64(10)
		for name, change := range map[string]func(ctx context.Context, tx *db.Tx, order int64) error{
			"spend": func(ctx context.Context, tx *db.Tx, order int64) error {
				return credits.Spend(ctx, tx, l.user, order, 3, l.clock.Now())
			},
			"spend and give back": func(ctx context.Context, tx *db.Tx, order int64) error {
				if err := credits.Spend(ctx, tx, l.user, order, 3, l.clock.Now()); err != nil {
					return err
				}
				return credits.GiveBack(ctx, tx, l.user, order, 2, "as1", l.clock.Now())
			},
			"earn and take back": func(ctx context.Context, tx *db.Tx, order int64) error {
				if err := credits.Earn(ctx, tx, l.user, order, 3, l.clock.Now()); err != nil {
					return err
				}
				_, err := credits.TakeBack(ctx, tx, l.user, order, 2, "as1", l.clock.Now())
				return err
			},
		} {
			for n := 1; ; n++ {
				order++
				before, _ := l.Balance(ctx, l.db, l.user)
				seen, hit := 0, ""
				broken := db.InjectFaults(ctx, func(statement string) error {
					if seen++; seen == n {
						hit = statement
						return boom
					}
					return nil
				})
				err := l.db.Tx(broken, func(tx *db.Tx) error { return change(broken, tx, order) })
				l.checkBooks()
				if hit == "" {
					l.must(err)
					if n < 6 {
						t.Fatalf("%s: only %d statements were broken", name, n-1)
					}
					break
				}
				if err == nil {
					t.Fatalf("%s: no error from %s", name, hit)
				}
				if hit != "COMMITTED" {
					l.want(before)
					l.must(l.db.Tx(ctx, func(tx *db.Tx) error { return change(ctx, tx, order) }))
				}
			}
		}
	})
}

// Whatever happens in whatever order, the ledger says what a simple model says.
func TestLedgerFollowsTheModel(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	clock := storetest.NewClock()
	users, next := 0, int64(0)
	rapid.Check(t, func(r *rapid.T) {
		users++
		l := ledger{t, d, clock, credits.New(d, clock.Now), storetest.User(t, d, fmt.Sprint("user", users))}
		type order struct{ spent, earned int64 } // and not given, or taken, back
		balance, orders, seen := int64(0), map[int64]*order{}, map[string]bool{}
		base := next
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			id := base + rapid.Int64Range(1, 4).Draw(r, "order")
			next = max(next, id)
			o := orders[id]
			if o == nil {
				o = &order{}
				orders[id] = o
			}
			n, ref := rapid.Int64Range(-1, 30).Draw(r, "credits"), rapid.SampledFrom([]string{"", "as1", "as2"}).Draw(r, "ref")
			kind := rapid.SampledFrom([]credits.Kind{credits.Spent, credits.GivenBack, credits.Earned, credits.TakenBack}).Draw(r, "kind")
			if kind == credits.Spent || kind == credits.Earned {
				ref = ""
			}
			once := fmt.Sprint(kind, id, ref)
			allowed := n >= 0 && (n == 0 || !seen[once])
			change := n
			var err error
			switch kind {
			case credits.Spent:
				allowed, change = allowed && n <= balance, -n
				err = l.spend(id, n)
			case credits.GivenBack:
				allowed = allowed && n <= o.spent
				err = l.giveBack(id, n, ref)
			case credits.Earned:
				err = l.earn(id, n)
			case credits.TakenBack:
				allowed, change = allowed && n <= o.earned, -min(n, balance)
				var taken int64
				if taken, err = l.takeBack(id, n, ref); err == nil && taken != -change {
					r.Fatalf("took back %d of %d with %d there", taken, n, balance)
				}
			}
			if allowed != (err == nil) {
				r.Fatalf("%s %d of %d in order %d (%+v), ref %q: %v", kind, n, balance, id, *o, ref, err)
			}
			if allowed && n > 0 {
				seen[once] = true
				balance += change
				switch kind {
				case credits.Spent, credits.GivenBack:
					o.spent -= change
				case credits.Earned, credits.TakenBack:
					o.earned += change
				}
			}
			if got, err := l.Balance(ctx, d, l.user); err != nil || got != balance {
				r.Fatalf("%d credits, %v; the model has %d", got, err, balance)
			}
		}
		next += 10
	})
	ledger{TB: t, db: d}.checkBooks()
}

func TestHistoryHasPages(t *testing.T) {
	each(t, func(l ledger) {
		if h, err := l.History(ctx, l.user, 3); err != nil || h.Balance != 0 || len(h.Lines) != 0 || h.Page != 1 || h.Pages != 1 {
			t.Fatalf("before the first: %+v, %v", h, err)
		}
		for i := range int64(41) {
			l.must(l.earn(i+1, i+1))
		}
		other := storetest.User(t, l.db, "other")
		l.must(l.db.Tx(ctx, func(tx *db.Tx) error { return credits.Earn(ctx, tx, other, 99, 5, l.clock.Now()) }))
		var amounts []string
		for page := 1; page <= 3; page++ {
			h, err := l.History(ctx, l.user, page)
			if err != nil || h.Pages != 3 || h.Page != page || h.Balance != 41*42/2 {
				t.Fatalf("page %d: %+v, %v", page, h, err)
			}
			for _, e := range h.Lines {
				amounts = append(amounts, fmt.Sprint(e.Amount))
			}
		}
		var want []string
		for i := 41; i > 0; i-- {
			want = append(want, fmt.Sprint(i))
		}
		if strings.Join(amounts, " ") != strings.Join(want, " ") {
			t.Errorf("amounts %v", amounts)
		}
		if h, err := l.History(ctx, l.user, 4); err != nil || h.Page != 3 || len(h.Lines) != 1 || h.Lines[0].Balance != 1 {
			t.Errorf("past the end: %+v, %v", h, err)
		}
	})
}
