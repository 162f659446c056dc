package interest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/interest"
	"dashop/store/recent"
	"dashop/store/storetest"
)

// window is a node of the shop, as far as histories go.
type window struct {
	*interest.Service
	t     testing.TB
	db    *db.DB
	clock *storetest.Clock
	ctx   context.Context // to ask with
}

func newWindow(t testing.TB, d *db.DB, clock *storetest.Clock) window {
	return window{interest.New(d, catalog.New(d, clock.Now), clock.Now), t, d, clock, t.Context()}
}

// eachWindow runs a test with two nodes on each database.
func eachWindow(t *testing.T, test func(t *testing.T, here, there window)) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			there := newWindow(t, storetest.Open(t, c), clock)
			there.ctx = recent.Anew(there.ctx) // not what it keeps for a second, which would be right as well
			test(t, newWindow(t, storetest.Open(t, c), clock), there)
		})
	}
}

// products adds some products.
func (w window) products(n int) []int64 {
	w.t.Helper()
	spus := make([]int64, n)
	for i := range spus {
		if err := w.db.Get(w.t.Context(), &spus[i], "SELECT spu_id FROM skus WHERE id = ?", storetest.SKU(w.t, w.db, 1000, 5)); err != nil {
			w.t.Fatal(err)
		}
	}
	return spus
}

// look has a user look at products, one a second.
func (w window) look(user int64, spus ...int64) {
	for _, spu := range spus {
		w.clock.Advance(time.Second)
		w.RecordView(user, spu)
	}
}

func (w window) write() {
	w.t.Helper()
	if err := w.WriteViews(w.t.Context()); err != nil {
		w.t.Error(err)
	}
}

// shows checks what this node shows of a user's history, both on its own page and for recommendations.
func (w window) shows(what string, user int64, want ...int64) {
	w.t.Helper()
	list, err := w.History(w.t.Context(), user)
	if err != nil {
		w.t.Fatal(err)
	}
	ids := make([]int64, len(list))
	for i, one := range list {
		ids[i] = one.SPUID
	}
	last, err := w.RecentlyViewed(w.ctx, user)
	if err != nil {
		w.t.Fatal(err)
	}
	if !slices.Equal(ids, want) || !slices.Equal(last, want[:min(len(want), 20)]) {
		w.t.Errorf("%s: the history is %v, of late %v, want %v", what, ids, last, want)
	}
}

// rows is how many rows a user's history has.
func (w window) rows(user int64) (n int) {
	w.t.Helper()
	if err := w.db.Get(context.Background(), &n, "SELECT COUNT(*) FROM browse_history WHERE user_id = ?", user); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// What one looks at is seen at once on this node, and by others when it was written; a node that is gone without writing has lost
// only what it had not written.
func TestViewsAreCollected(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		user, p := storetest.User(t, here.db, "xiaoming"), here.products(5)
		here.look(user, p[0], p[1], p[0])
		here.shows("here", user, p[0], p[1])
		there.shows("there, not written", user)
		if here.rows(user) != 0 {
			t.Error("written at once")
		}
		here.write()
		here.shows("here, written", user, p[0], p[1])
		there.look(user, p[2])
		there.shows("there, with a view of its own", user, p[2], p[0], p[1])
		here.look(user, p[1])
		here.shows("here, seen again", user, p[1], p[0])
		there.write()
		here.write()
		for _, w := range []window{here, there} {
			w.shows("all written", user, p[1], p[2], p[0])
		}
		gone := newWindow(t, here.db, here.clock)
		gone.look(user, p[3])
		gone.write()
		gone.look(user, p[4])
		newWindow(t, here.db, here.clock).shows("after a crash", user, p[3], p[1], p[2], p[0])
	})
}

// However many people look around, what they saw is written in one transaction with few statements.
func TestViewsAreWrittenTogether(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, _ window) {
		p := here.products(4)
		var users []int64
		for i := range 30 {
			users = append(users, storetest.User(t, here.db, fmt.Sprint("user", i)))
		}
		var commits, statements int
		here.db.OnCommit(func([]string, []string) { commits++ })
		ctx := db.InjectFaults(t.Context(), func(string) error { statements++; return nil })
		for round := range 3 {
			for _, u := range users {
				here.look(u, p[round], p[round+1])
			}
			commits, statements = 0, 0
			if err := here.WriteViews(ctx); err != nil {
				t.Fatal(err)
			}
			if commits != 1 || statements > 6 { // COMMIT and COMMITTED are among them
				t.Errorf("%d commits, %d statements", commits, statements)
			}
		}
		here.shows("one of them", users[7], p[3], p[2], p[1], p[0])
		commits, statements = 0, 0
		if err := here.WriteViews(ctx); err != nil || commits+statements != 0 {
			t.Errorf("nothing was viewed: %v, %d commits, %d statements", err, commits, statements)
		}
	})
}

// A history never has more rows than a little over what it shows, the latest ones.
func TestHistoriesAreTrimmed(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		user, other := storetest.User(t, here.db, "xiaoming"), storetest.User(t, here.db, "xiaohong")
		p := here.products(interest.MaxHistory + 60)
		most := 0
		there.look(other, p[:50]...)
		there.write()
		for i, spu := range p {
			w := []window{here, there}[i%2]
			if w.look(user, spu); i%3 == 0 {
				w.write()
				most = max(most, w.rows(user))
			}
		}
		here.write()
		there.write()
		if most = max(most, here.rows(user)); most > interest.MaxHistory+20 {
			t.Errorf("it had %d rows", most)
		}
		slices.Reverse(p)
		for _, w := range []window{here, there} {
			w.shows("after many", user, p[:interest.MaxHistory]...)
		}
		if n := here.rows(other); n != 50 {
			t.Errorf("another's history has %d rows", n)
		}
	})
}

// What is forgotten does not come back by what was collected, nor by what is being written at that moment.
func TestForgottenViewsStayForgotten(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		user, other := storetest.User(t, here.db, "xiaoming"), storetest.User(t, here.db, "xiaohong")
		p := here.products(3)
		begin := func() {
			here.look(user, p[0], p[1])
			here.write()
			here.look(user, p[1], p[2])
			here.look(other, p[0])
		}
		begin()
		if err := here.RemoveViewed(t.Context(), user, p[2]); err != nil {
			t.Fatal(err)
		}
		here.shows("one removed", user, p[1], p[0])
		here.write()
		here.shows("one removed, written", user, p[1], p[0])
		forget := map[string]func() error{
			"cleared": func() error { return here.ClearHistory(context.Background(), user) },
			"removed one by one": func() error {
				return errors.Join(here.RemoveViewed(context.Background(), user, p[0]), here.RemoveViewed(context.Background(), user, p[1]),
					here.RemoveViewed(context.Background(), user, p[2]))
			},
		}
		for what, do := range forget {
			begin()
			if err := do(); err != nil {
				t.Fatal(err)
			}
			here.shows(what, user)
			here.write()
			here.shows(what+", written", user)
			for _, at := range []string{"SELECT id, history_cleared_at FROM users", "INSERT INTO browse_history", "SELECT user_id FROM browse_history", "COMMIT"} {
				begin()
				err, wrong := storetest.Meanwhile(at, here.WriteViews, do)
				if err != nil || wrong != nil {
					t.Errorf("%s while they are written, at %s: %v, %v", what, at, err, wrong)
				}
				here.write()
				here.shows(what+" while they are written, at "+at, user)
				there.shows(what+" while they are written, at "+at+", there", user)
			}
		}
		here.shows("another's", other, p[0])
	})
}

// What another node has not written yet does not come back either; what is looked at afterwards is kept.
func TestClearedOnAnotherNode(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		user, p := storetest.User(t, here.db, "xiaoming"), here.products(3)
		here.look(user, p[0])
		here.write()
		here.look(user, p[1])
		here.clock.Advance(time.Millisecond)
		if err := there.ClearHistory(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		here.look(user, p[2])
		here.write()
		for _, w := range []window{here, there} {
			w.shows("cleared there", user, p[2])
		}
		here.write()
		if n := here.rows(user); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

// Somebody who has gone keeps no history, wherever it was collected and whatever was being written; that of others is written.
func TestViewsOfSomebodyWhoLeaves(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		p := here.products(2)
		leave := func(w window, user int64) error {
			ctx := context.Background()
			return w.db.Tx(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, "UPDATE users SET deleted_at = ? WHERE id = ?", w.clock.Now(), user); err != nil {
					return err
				}
				return w.Forget(ctx, tx, user)
			})
		}
		stays, n := storetest.User(t, here.db, "stays"), 0
		begin := func() (goes int64) {
			n++
			goes = storetest.User(t, here.db, fmt.Sprint("goes", n))
			here.look(goes, p[0])
			here.write()
			here.look(stays, p[n%2])
			here.look(goes, p[1])
			return goes
		}
		check := func(what string, goes int64) {
			t.Helper()
			here.write()
			there.write()
			if rows := here.rows(goes); rows != 0 {
				t.Errorf("%s: %d rows are left", what, rows)
			}
			there.shows(what+", others", stays, slices.Compact([]int64{p[n%2], p[1-n%2]})[:min(n, 2)]...)
		}
		for _, w := range []window{here, there} {
			goes := begin()
			if err := leave(w, goes); err != nil {
				t.Fatal(err)
			}
			check("before it is written", goes)
			for _, at := range []string{"SELECT id, history_cleared_at FROM users", "INSERT INTO browse_history", "SELECT user_id FROM browse_history", "COMMIT"} {
				goes := begin()
				err, wrong := storetest.Meanwhile(at, here.WriteViews, func() error { return leave(w, goes) })
				if err != nil || wrong != nil {
					t.Errorf("at %s: %v, %v", at, err, wrong)
				}
				check("while it is written, at "+at, goes)
			}
		}
	})
}

// What cannot be written waits, and what does not fit any more is given up and told of.
func TestViewsWaitForTheDatabase(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		user, p := storetest.User(t, here.db, "xiaoming"), here.products(3)
		away := errors.New("away")
		for _, at := range []string{"INSERT INTO browse_history", "COMMIT", "COMMITTED"} {
			storetest.Exec(t, here.db, "DELETE FROM browse_history")
			here.look(user, p[0], p[1])
			ctx := db.InjectFaults(t.Context(), func(statement string) error {
				if strings.HasPrefix(statement, at) {
					return away
				}
				return nil
			})
			if err := here.WriteViews(ctx); !errors.Is(err, away) {
				t.Fatalf("at %s: %v", at, err)
			}
			here.look(user, p[2])
			here.shows("not written at "+at, user, p[2], p[1], p[0])
			here.write()
			there.shows("written after it failed at "+at, user, p[2], p[1], p[0])
		}
	})
}

// Many people look around at once, on two nodes, while both write: nobody's history is out of order, too long, or another's.
func TestManyWriters(t *testing.T) {
	eachWindow(t, func(t *testing.T, here, there window) {
		p := here.products(30)
		begun := here.clock.Now()
		last := make([]map[int64]time.Time, 8) // by user, when each product was viewed last
		users := make([]int64, len(last))
		for i := range users {
			users[i], last[i] = storetest.User(t, here.db, fmt.Sprint("user", i)), map[int64]time.Time{}
		}
		var people, writers sync.WaitGroup
		over := make(chan struct{})
		for _, w := range []window{here, there} {
			writers.Go(func() {
				for {
					select {
					case <-over:
						return
					default:
						w.write()
					}
				}
			})
		}
		for i, user := range users {
			people.Go(func() {
				random := rand.New(rand.NewPCG(uint64(i), 1))
				for n := range 200 {
					w := []window{here, there}[random.IntN(2)]
					spu := p[random.IntN(len(p))]
					here.clock.Advance(time.Millisecond)
					before := here.clock.Now()
					w.RecordView(user, spu)
					if last[i][spu] = before; n%50 == 49 {
						if _, err := w.History(t.Context(), user); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		people.Wait()
		close(over)
		writers.Wait()
		here.write()
		there.write()
		for i, user := range users {
			list, err := there.History(t.Context(), user)
			if err != nil || len(list) != len(last[i]) {
				t.Fatalf("%d products, want %d: %v", len(list), len(last[i]), err)
			}
			for n, one := range list {
				if one.At.Before(last[i][one.SPUID]) || one.At.Before(begun) || n > 0 && one.At.After(list[n-1].At) {
					t.Errorf("place %d: product %d at %v, it was viewed at %v", n, one.SPUID, one.At, last[i][one.SPUID])
				}
			}
		}
	})
}
