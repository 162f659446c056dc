package session

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/securecookie"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/recent"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// looker is a store of sessions on a database, and somebody who looks around on it.
type looker struct {
	*testing.T
	*Store
	accounts *account.Service
}

func newLooker(t *testing.T, d *db.DB, clock db.Clock) looker {
	t.Helper()
	accounts := account.New(d, clock, account.Options{})
	s, err := New(accounts, []string{strings.Repeat("k", MinKey)}, false, DirectIP)
	if err != nil {
		t.Fatal(err)
	}
	return looker{t, s, accounts}
}

// begin begins a session of a user and gives its id and its cookie.
func (l looker) begin(user int64) (id string, cookie []byte) {
	l.Helper()
	id = randomID(32)
	if err := l.accounts.StartSession(context.Background(), account.SessionStart{ID: id, UserID: user, Data: []byte("{}")}); err != nil {
		l.Fatal(err)
	}
	text, err := securecookie.EncodeMulti(l.name, id, l.codecs...)
	if err != nil {
		l.Fatal(err)
	}
	if u := l.who([]byte(text)); u == nil || u.ID != user {
		l.Fatalf("%+v begins a session", u)
	}
	return id, []byte(text)
}

// who is who looks around with a cookie, or nil.
func (l looker) who(cookie []byte) *account.User {
	l.Helper()
	f, err := l.glance(context.Background(), cookie)
	if err != nil {
		l.Fatal(err)
	}
	return f.kept.User
}

// Who only looks around is forgotten at once by the node on which the session ended, and within two seconds by the others;
// everybody else reads the session itself, and so at once.
func TestRecentSession(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d := storetest.Open(t, c)
			s := newLooker(t, d, clock.Now)
			here, there := s.accounts, newLooker(t, storetest.Open(t, c), clock.Now)
			user := storetest.User(t, d, "somebody")
			_, cookie := s.begin(user)
			if err := here.SetNickname(t.Context(), user, "别的名字"); err != nil {
				t.Fatal(err)
			}
			if u := s.who(cookie); u == nil || u.Nickname != "别的名字" {
				t.Errorf("after a change of name on this node: %+v", u)
			}
			for what, end := range map[string]func(id string) error{
				"all of a user's sessions end": func(string) error { return here.EndSessions(t.Context(), user, "") },
				"the session ends":             func(id string) error { return here.EndSession(t.Context(), id) },
				"the device ends":              func(id string) error { return here.EndDevice(t.Context(), user, account.DeviceID(id)) },
				"the role changes":             func(id string) error { return here.SetRole(t.Context(), user, account.Staff) },
				"another takes its place": func(id string) error {
					return here.StartSession(t.Context(), account.SessionStart{ID: randomID(32), Replaces: id, UserID: user,
						Data: []byte("{}")})
				},
			} {
				id, cookie := s.begin(user)
				if err := end(id); err != nil {
					t.Fatal(err)
				}
				if u := s.who(cookie); u != nil {
					t.Errorf("%s on this node, and it lives on: %+v", what, u)
				}
			}
			_, cookie = s.begin(user)
			if there.who(cookie) == nil {
				t.Fatal("the other node does not know the session")
			}
			if err := there.accounts.EndSessions(t.Context(), user, ""); err != nil {
				t.Fatal(err)
			}
			if f, err := s.lookUp(t.Context(), cookie); f.id != "" || err != nil {
				t.Errorf("the session itself lives on: %v", err)
			}
			if u := there.who(cookie); u != nil {
				t.Errorf("on the node that ended it, it lives on: %+v", u)
			}
			time.Sleep(recent.Life)
			if u := s.who(cookie); u != nil {
				t.Errorf("ended on another node, it lives longer than a second: %+v", u)
			}
			_, cookie = s.begin(user)
			if err := here.Disable(t.Context(), user, true); err != nil {
				t.Fatal(err)
			}
			if u := s.who(cookie); u != nil {
				t.Errorf("a disabled user looks around: %+v", u)
			}
		})
	}
}

// A session that runs out is over to the millisecond, however lately it was looked up.
func TestRecentSessionRunsOut(t *testing.T) {
	clock := storetest.NewClock()
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	s := newLooker(t, d, clock.Now)
	_, cookie := s.begin(storetest.User(t, d, "somebody"))
	clock.Advance(12*time.Hour - time.Millisecond)
	if s.who(cookie) == nil {
		t.Error("it ends too early")
	}
	clock.Advance(time.Millisecond)
	if u := s.who(cookie); u != nil {
		t.Errorf("it lives longer than its time: %+v", u)
	}
}

// Cookies of somebody's making mean nothing, whatever they resemble, and take no memory; neither do more real ones than the bound.
func TestForgedCookiesAreNotKept(t *testing.T) {
	clock := storetest.NewClock()
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	s := newLooker(t, d, clock.Now)
	_, cookie := s.begin(storetest.User(t, d, "somebody"))
	for i := range cookie[:len(cookie)-4] { // the last characters have bits that mean nothing
		forged := []byte(string(cookie))
		forged[i] ^= 1
		if f, err := s.glance(t.Context(), forged); f.id != "" || err != nil {
			t.Fatalf("with another byte at %d: %+v, %v", i, f, err)
		}
	}
	for _, forged := range [][]byte{append([]byte(string(cookie)), 'A'), cookie[:len(cookie)-4], cookie[1:]} {
		if f, err := s.glance(t.Context(), forged); f.id != "" || err != nil {
			t.Errorf("%q: %+v, %v", forged, f, err)
		}
	}
	before := s.seen.Len()
	for i := range 100_000 {
		if f, err := s.glance(t.Context(), fmt.Appendf(nil, "%s%d", cookie, i)); f.id != "" || err != nil {
			t.Fatal(f, err)
		}
	}
	if n := s.seen.Len(); n > before {
		t.Errorf("%d cookies are kept after forged ones, %d before", n, before)
	}
}

// The form that a browser has sent to one node is heeded at once by all others, and costs the node itself nothing.
func TestMovesAreHeededElsewhere(t *testing.T) {
	clock := storetest.NewClock()
	c := storetest.Config(t, db.SQLite)
	d := storetest.Open(t, c)
	user := storetest.User(t, d, "somebody")
	here, there := newLooker(t, d, clock.Now), newLooker(t, storetest.Open(t, c), clock.Now)
	_, cookie := here.begin(user)
	ask := func(l looker, method, moved string) (name, mark string) {
		t.Helper()
		app := fiber.New()
		app.All("/", func(c *fiber.Ctx) error {
			if err := l.BeginBrowsing(c); err != nil {
				return err
			}
			if u := Of(c).User(); u != nil {
				name = u.Nickname
			}
			return l.Finish(c)
		})
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("Cookie", "sid="+string(cookie)+"; moved="+moved)
		res, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for _, k := range res.Cookies() {
			if k.Name == "moved" {
				mark = k.Value
				if k.MaxAge < int(recent.Life.Seconds())+1 || !k.HttpOnly {
					t.Errorf("%+v", k)
				}
			}
		}
		return name, mark
	}
	was, mark := ask(there, "GET", "")
	if mark != "" {
		t.Errorf("who looks around is given %q", mark)
	}
	if err := here.accounts.SetNickname(t.Context(), user, "别的名字"); err != nil {
		t.Fatal(err)
	}
	_, mark = ask(here, "POST", "")
	if mark != here.node || here.node == there.node {
		t.Errorf("a form sent to %q gives %q", here.node, mark)
	}
	asked := time.Now()
	if name, _ := ask(there, "GET", there.node); name != was && time.Since(asked) < recent.Life/2 {
		t.Error("nothing was kept there, and this test shows nothing")
	}
	if name, _ := ask(there, "GET", mark); name != "别的名字" {
		t.Errorf("there: %q after the own move", name)
	}
	if _, both := ask(there, "POST", mark); both == here.node || both == there.node || both == "" {
		t.Errorf("after forms sent to both: %q", both)
	}
}
