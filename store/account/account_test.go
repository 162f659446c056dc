package account_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

func each(t *testing.T, test func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		storetest.Exec(t, d, `INSERT INTO areas (id, parent_id, name) VALUES
			(110000, 0, '北京市'), (110100, 110000, '北京市'), (110101, 110100, '东城区'), (110108, 110100, '海淀区'),
			(510000, 0, '四川省'), (510100, 510000, '成都市'), (510107, 510100, '武侯区')`)
		test(t, account.New(d, clock.Now, account.Options{}), d, clock)
	})
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestLogin(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		u := must[account.User](t)(s.CreateUser(ctx, account.NewUser{Username: "XiaoMing", Mobile: "138 0013 5621",
			Password: "correct horse"}))
		if u.Username != "xiaoming" || u.Nickname != "xiaoming" || u.Role != account.Shopper {
			t.Errorf("made %+v", u)
		}
		var hash string
		if err := d.Get(ctx, &hash, "SELECT password_hash FROM users WHERE id = ?", u.ID); err != nil ||
			!strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("password kept as %q, %v", hash, err)
		}
		for _, name := range []string{"xiaoming", " XIAOMING ", "13800135621", "138-0013-5621"} {
			if got, err := s.Login(ctx, account.LoginTry{Name: name, Password: "correct horse"}); err != nil || got.ID != u.ID {
				t.Errorf("login as %q: %v, %v", name, got.ID, err)
			}
		}
		tries := 0
		wrong := func(name, password string) string {
			tries++ // each from elsewhere, so that no captcha is asked for
			_, err := s.Login(ctx, account.LoginTry{Name: name, Password: password,
				Client: account.Client{Address: fmt.Sprintf("203.0.113.%d", tries)}})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("login as %q with %q: %v", name, password, err)
			}
			return fault.Of(err).Text.Msg
		}
		answers := map[string]bool{}
		for _, try := range [][2]string{
			{"xiaoming", "wrong horse"}, {"nobody", "correct horse"}, {"", ""}, {"13800135621", ""}, {"' OR 1=1 --", "x"},
			{"xiaoming", strings.Repeat("x", 129)}, {"\xff\xfe", "\xff"}, {strings.Repeat("x", 10000), "x"},
		} {
			answers[wrong(try[0], try[1])] = true
		}
		if len(answers) != 1 {
			t.Errorf("wrong logins are answered differently: %v", answers)
		}
		if err := s.Disable(ctx, u.ID, true); err != nil {
			t.Fatal(err)
		}
		if got := wrong("xiaoming", "correct horse"); answers[got] {
			t.Errorf("a disabled user hears %q", got)
		}
	})
}

// A user without a hash that can be read, as the demo's reviewers are, must not fit an empty password.
func TestUserWithoutPassword(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		storetest.User(t, d, "reviewer")
		if _, err := s.Login(ctx, account.LoginTry{Name: "reviewer", Password: ""}); !fault.Is(err, fault.Invalid) {
			t.Errorf("login without a password: %v", err)
		}
	})
}

// Unknown names cost as much as known ones: a password is hashed for them too, with the same parameters.
func TestUnknownUserTakesAsLong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := account.New(d, clock.Now, account.Options{})
		if _, err := s.CreateUser(ctx, account.NewUser{Username: "xiaoming", Password: "correct horse"}); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"xiaoming", "nobody"} {
			err := hashes(t, s, "login of "+name, func() error {
				v := account.Client{Address: fmt.Sprintf("203.0.113.%d", i)}
				_, err := s.Login(ctx, account.LoginTry{Name: name, Password: "wrong horse", Client: v})
				return err
			})
			if fault.Of(err).Text.Msg != "用户名或密码不对" {
				t.Errorf("the password of %s was not looked at: %v", name, err)
			}
		}
	})
	if p, _, _, err := argon2id.DecodeHash(account.DummyHash); err != nil || *p != *account.HashParams {
		t.Errorf("the hash that stands in for nobody's is made by %+v, not %+v: %v", p, account.HashParams, err)
	}
}

// hashes does something that has to hash a password: while all places for that are taken, it must not end.
func hashes(t *testing.T, s *account.Service, what string, do func() error) error {
	t.Helper()
	free := s.BusyHasher()
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	select {
	case err := <-ended:
		free()
		t.Errorf("%s hashed nothing", what)
		return err
	case <-time.After(300 * time.Millisecond):
	}
	free()
	return <-ended
}

func TestCreateUserFaults(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, _ *db.DB, _ *storetest.Clock) {
		if _, err := s.CreateUser(ctx, account.NewUser{Username: "xiaoming", Mobile: "13800135621",
			Password: "correct horse"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			in    account.NewUser
			field string
		}{
			{account.NewUser{Username: "abc", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "has space", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "13900139000", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "XIAOMING", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "daming", Password: "short"}, "password"},
			{account.NewUser{Username: "da-ming", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "123456", Password: "correct horse"}, "username"},
			{account.NewUser{Username: "daming", Password: strings.Repeat("好", 65)}, "password"},
			{account.NewUser{Username: "daming", Password: "Password123"}, "password"},
			{account.NewUser{Username: "daming_daming", Password: "DAMING_daming"}, "password"},
			{account.NewUser{Username: "daming", Mobile: "139 0013 9000", Password: "13900139000"}, "password"},
			{account.NewUser{Username: "daming", Mobile: "12345", Password: "correct horse"}, "mobile"},
			{account.NewUser{Username: "daming", Mobile: "13800135621", Password: "correct horse"}, "mobile"},
		} {
			_, err := s.CreateUser(ctx, c.in)
			if _, ok := fault.Of(err).Fields[c.field]; !fault.Is(err, fault.Invalid) || !ok {
				t.Errorf("%+v: want a fault about %s, got %v", c.in, c.field, err)
			}
		}
	})
}

func TestDemoAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		for range 2 {
			if err := s.EnsureDemoAccounts(ctx); err != nil {
				t.Fatal(err)
			}
		}
		u, err := s.Login(ctx, account.LoginTry{Name: "xiaoming", Password: "dashop-demo"})
		if err != nil || u.Nickname != "小明" || u.Role != account.Shopper {
			t.Fatalf("login: %+v, %v", u, err)
		}
		list := must[[]account.Address](t)(s.Addresses(ctx, u.ID))
		if len(list) != 2 || !list[0].Default || list[0].Area != "北京市 北京市 东城区" || list[1].Default {
			t.Errorf("addresses: %+v", list)
		}
		open := must[[]string](t)(s.DemoAccounts(ctx))
		if strings.Join(open, " ") != "xiaoming owner staff teacher" {
			t.Errorf("demo accounts: %v", open)
		}
		if err := s.Disable(ctx, u.ID, true); err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, d, "UPDATE users SET password_hash = '' WHERE username = 'owner'")
		if open := must[[]string](t)(s.DemoAccounts(ctx)); strings.Join(open, " ") != "staff teacher" {
			t.Errorf("demo accounts still open: %v", open)
		}
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		u := storetest.User(t, d, "xiaoming")
		start := func(id, replaces string, user int64) {
			t.Helper()
			if err := s.StartSession(ctx, account.SessionStart{ID: id, Replaces: replaces, UserID: user, Data: []byte("{}"),
				UserAgent: "a\xffgent"}); err != nil {
				t.Fatal(err)
			}
		}
		alive := func(id string) bool {
			t.Helper()
			_, err := s.Session(ctx, id)
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		start("visitor", "", 0)
		start("one", "visitor", u)
		start("two", "", u)
		start("three", "", u)
		if alive("visitor") {
			t.Error("the session from before the login lives on")
		}
		got := must[account.Session](t)(s.Session(ctx, "one"))
		if got.User == nil || got.User.ID != u || got.User.Username != "xiaoming" || string(got.Data) != "{}" {
			t.Errorf("session: %+v", got)
		}
		if err := s.SaveSession(ctx, "one", []byte(`{"a":1}`)); err != nil {
			t.Fatal(err)
		}
		if got := must[account.Session](t)(s.Session(ctx, "one")); string(got.Data) != `{"a":1}` {
			t.Errorf("data: %s", got.Data)
		}
		if err := s.EndSession(ctx, "two"); err != nil || alive("two") {
			t.Errorf("ended session: alive %v, %v", alive("two"), err)
		}
		if err := s.SaveSession(ctx, "two", []byte("{}")); !fault.Is(err, fault.NotFound) || alive("two") {
			t.Errorf("saving an ended session: %v", err)
		}
		if err := s.EndSessions(ctx, u, "one"); err != nil || alive("three") || !alive("one") {
			t.Errorf("end all but one: %v", err)
		}
		if err := s.Disable(ctx, u, true); err != nil || alive("one") {
			t.Errorf("a disabled user's session is alive (%v)", err)
		}
		if err := s.Disable(ctx, u, false); err != nil || !alive("one") {
			t.Errorf("an enabled user's session is dead (%v)", err)
		}
		if alive("two' OR '1'='1") {
			t.Error("found a session that is not there")
		}
		var kept int
		if err := d.Get(ctx, &kept, "SELECT COUNT(*) FROM sessions WHERE id_hash = 'one'"); err != nil || kept != 0 {
			t.Errorf("the id itself is in the database (%v)", err)
		}
	})
}

// Who looks around for an hour costs one write; where a session ends soon, its last use is known more precisely.
func TestSessionTouchedNowAndThen(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		shopper, owner := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "zhangsan")
		storetest.Exec(t, d, "UPDATE users SET role = ? WHERE id = ?", account.Owner, owner)
		for _, c := range []struct {
			id    string
			user  int64
			every time.Duration
		}{{"visitor", 0, time.Hour}, {"shopper", shopper, time.Hour}, {"owner", owner, 150 * time.Second}} {
			if err := s.StartSession(ctx, account.SessionStart{ID: c.id, UserID: c.user, Data: []byte("{}")}); err != nil {
				t.Fatal(err)
			}
			born := clock.Now()
			seen := func() time.Time {
				t.Helper()
				return must[account.Session](t)(s.Session(ctx, c.id)).LastSeenAt
			}
			clock.Advance(c.every - time.Second)
			_ = seen()
			if got := seen(); !got.Equal(born) {
				t.Errorf("%s: written a second too early: %v", c.id, got)
			}
			clock.Advance(time.Second)
			_ = seen()
			if got := seen(); !got.Equal(clock.Now()) {
				t.Errorf("%s: not written after %v: %v", c.id, c.every, got)
			}
		}
	})
}
