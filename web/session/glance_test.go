package session

import (
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// Who only looks around is forgotten at once by the node on which the session ended, and within two seconds by the others;
// everybody else reads the session itself, and so at once.
func TestRecentSession(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d := storetest.Open(t, c)
			here, there := account.New(d, clock.Now, account.Options{}), account.New(storetest.Open(t, c), clock.Now, account.Options{})
			s, err := New(here, []string{strings.Repeat("k", MinKey)}, false, nil)
			if err != nil {
				t.Fatal(err)
			}
			user := storetest.User(t, d, "somebody")
			begin := func() (id string) {
				t.Helper()
				id = randomID(32)
				if err := here.StartSession(t.Context(), account.SessionStart{ID: id, UserID: user, Data: []byte("{}")}); err != nil {
					t.Fatal(err)
				}
				if kept, err := s.recentSession(t.Context(), id); err != nil || kept.User.ID != user {
					t.Fatal(kept, err)
				}
				return id
			}
			id := begin()
			if err := here.SetNickname(t.Context(), user, "别的名字"); err != nil {
				t.Fatal(err)
			}
			if kept, err := s.recentSession(t.Context(), id); err != nil || kept.User.Nickname != "别的名字" {
				t.Errorf("after a change of name on this node: %+v, %v", kept.User, err)
			}
			for what, end := range map[string]func(id string) error{
				"all of a user's sessions end": func(string) error { return here.EndSessions(t.Context(), user, "") },
				"the session ends":             func(id string) error { return here.EndSession(t.Context(), id) },
				"the device ends":              func(id string) error { return here.EndDevice(t.Context(), user, account.DeviceID(id)) },
				"another takes its place": func(id string) error {
					return here.StartSession(t.Context(), account.SessionStart{ID: randomID(32), Replaces: id, UserID: user,
						Data: []byte("{}")})
				},
			} {
				id := begin()
				if err := end(id); err != nil {
					t.Fatal(err)
				}
				if _, err := s.recentSession(t.Context(), id); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s on this node, and it lives on: %v", what, err)
				}
			}
			id = begin()
			if err := there.EndSessions(t.Context(), user, ""); err != nil {
				t.Fatal(err)
			}
			if _, err := here.Session(t.Context(), id); !fault.Is(err, fault.NotFound) {
				t.Errorf("the session itself lives on: %v", err)
			}
			time.Sleep(2 * time.Second)
			if _, err := s.recentSession(t.Context(), id); !fault.Is(err, fault.NotFound) {
				t.Errorf("ended on another node, it lives longer than two seconds: %v", err)
			}
			id = begin()
			if err := here.Disable(t.Context(), user, true); err != nil {
				t.Fatal(err)
			}
			if _, err := s.recentSession(t.Context(), id); !fault.Is(err, fault.NotFound) {
				t.Errorf("a disabled user looks around: %v", err)
			}
		})
	}
}
