package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// try logs in; with says that a captcha is answered rightly.
func try(t *testing.T, s *account.Service, name, password string, v account.Client, with bool) error {
	t.Helper()
	in := account.LoginTry{Name: name, Password: password, Client: v}
	if with {
		in.Captcha = proof(t, s, v)
	}
	_, err := s.Login(ctx, in)
	return err
}

// fails tries a wrong password and fails the test unless it was looked at.
func fails(t *testing.T, s *account.Service, name string, v account.Client, with bool) {
	t.Helper()
	err := try(t, s, name, "wrong horse", v, with)
	if wants(t, "wrong password for "+name, err, fault.Invalid); fault.Of(err).Text.Msg != "用户名或密码不对" {
		t.Errorf("wrong password for %s: %v", name, err)
	}
}

func asks(t *testing.T, s *account.Service, name string, v account.Client) bool {
	t.Helper()
	return must[bool](t)(s.LoginAsksCaptcha(ctx, name, v))
}

// After three failures at an account, wherever they came from and whether it exists or not, a captcha is asked for.
func TestCaptchaAfterThreeFailuresAtAnAccount(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		// The same person by user name and by mobile; nobody by a name and by a number.
		for i, names := range [][]string{{"xiaoming", mobile, "XiaoMing "}, {"nobody", "NOBODY", " nobody"},
			{other, "139-0013-9000", other}} {
			for j, name := range names {
				if asks(t, s, name, from(10*i+j)) {
					t.Errorf("%s: a captcha after %d failures", name, j)
				}
				fails(t, s, name, from(10*i+j), false)
			}
			for _, name := range names {
				v := from(10*i + 9)
				if !asks(t, s, name, v) {
					t.Errorf("%s: no captcha after three failures", name)
				}
				wants(t, name+" without one", try(t, s, name, password, v, false), fault.Invalid, "captcha")
				wrong := account.LoginTry{Name: name, Password: password, Client: v, Captcha: proof(t, s, v)}
				wrong.Captcha.Answer = "54321"
				wants(t, name+" with a wrong one", second(s.Login(ctx, wrong)), fault.Invalid, "captcha")
			}
		}
		if asks(t, s, "somebody-else", from(99)) {
			t.Error("a captcha for somebody at whom nobody failed")
		}
		if err := try(t, s, "xiaoming", password, from(50), true); err != nil {
			t.Errorf("with captcha and password: %v", err)
		}
		clock.Advance(15 * time.Minute)
		if asks(t, s, "xiaoming", from(51)) {
			t.Error("a captcha still asked for after a quarter of an hour")
		}
	})
}

func TestCaptchaAfterThreeFailuresFromAnAddress(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		v6 := func(n int) account.Client {
			return account.Client{Browser: "b", Address: fmt.Sprintf("2001:db8::%d", n)}
		}
		for i, v := range []account.Client{v6(1), v6(2), v6(3)} {
			if asks(t, s, "xiaoming", v) {
				t.Errorf("a captcha after %d failures", i)
			}
			fails(t, s, fmt.Sprintf("nobody%d", i), v, false)
		}
		wants(t, "without", try(t, s, "xiaoming", password, v6(4), false), fault.Invalid, "captcha")
		if !asks(t, s, "xiaoming", v6(4)) || asks(t, s, "xiaoming", home) {
			t.Error("asked in the wrong place")
		}
		if err := try(t, s, "xiaoming", password, v6(4), true); err != nil {
			t.Errorf("with: %v", err)
		}
		if !asks(t, s, "xiaoming", v6(4)) {
			t.Error("one who knows a password sets an address free to guess")
		}
	})
}

// A captcha that was not answered hides whether the password was right.
func TestPasswordIsNotLookedAtWithoutCaptcha(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		for n := range 3 {
			fails(t, s, "xiaoming", from(n), false)
		}
		right, wrong := try(t, s, "xiaoming", password, home, false), try(t, s, "xiaoming", "wrong horse", home, false)
		if faultText(right) != faultText(wrong) {
			t.Errorf("right: %v, wrong: %v", right, wrong)
		}
		for range 10 { // they are no failures either
			_ = try(t, s, "xiaoming", "wrong horse", home, false)
		}
		if err := try(t, s, "xiaoming", password, home, true); err != nil {
			t.Errorf("with a captcha: %v", err)
		}
	})
}

// From the sixth failure of one address at one account each further one costs a pause that grows.
func TestPausesGrow(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		for _, name := range []string{"xiaoming", "nobody"} {
			v := from(len(name))
			for n := range 6 {
				fails(t, s, name, v, n >= 3)
			}
			for _, pause := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
				pause *= time.Second
				clock.Advance(pause - 1000*1000)
				captcha := proof(t, s, v)
				_, err := s.Login(ctx, account.LoginTry{Name: name, Password: password, Captcha: captcha, Client: v})
				wants(t, "the right password within the pause", err, fault.TooMany)
				if got := fault.Of(err).RetryAfter; got != time.Millisecond {
					t.Errorf("pause of %v: retry after %v", pause, got)
				}
				clock.Advance(1000 * 1000)
				// The captcha was not wasted on the try that had to wait.
				_, err = s.Login(ctx, account.LoginTry{Name: name, Password: "wrong horse", Captcha: captcha, Client: v})
				wants(t, "a wrong password after the pause", err, fault.Invalid)
			}
			if err := try(t, s, "xiaoming", password, home, true); err != nil {
				t.Errorf("its owner elsewhere, meanwhile: %v", err)
			}
		}
		clock.Advance(time.Minute)
		if err := try(t, s, "xiaoming", password, from(len("xiaoming")), true); err != nil {
			t.Errorf("the right password after the pause: %v", err)
		}
		for range 5 { // success has set the pair free
			fails(t, s, "xiaoming", from(len("xiaoming")), true)
		}
	})
}

// From fifty failures on a whole address is slowed down, at whatever accounts.
func TestAddressIsSlowedDown(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		for n := range 3 {
			fails(t, s, fmt.Sprintf("nobody%d", n), home, false)
		}
		setCount(t, d, "login:address:"+home.Address, 48)
		fails(t, s, "nobody49", home, true)
		fails(t, s, "nobody50", home, true)
		err := try(t, s, "xiaoming", password, home, true)
		wants(t, "after the fiftieth", err, fault.TooMany)
		if got := fault.Of(err).RetryAfter; got != time.Second {
			t.Errorf("retry after %v", got)
		}
		clock.Advance(time.Second)
		fails(t, s, "nobody51", home, true)
		clock.Advance(time.Second)
		wants(t, "after the fifty-first", try(t, s, "xiaoming", password, home, true), fault.TooMany)
		clock.Advance(time.Second)
		if err := try(t, s, "xiaoming", password, home, true); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

// A thousand failures of an enemy with a hundred addresses hold the owner up nowhere: on a known device there is not even a captcha.
func TestEnemyCannotLockOut(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", mobile)
		const addresses = 100
		rounds := 10
		if d.Driver() == db.MySQL {
			rounds = 2 // the rule is the same, and each round takes a second
		}
		for range rounds {
			clock.Advance(61 * time.Second) // so long may a pause be
			for n := range addresses {
				fails(t, s, "xiaoming", from(n), asks(t, s, "xiaoming", from(n)))
			}
		}
		known := home
		known.Device = account.DeviceMark(id)
		if asks(t, s, "xiaoming", known) || !asks(t, s, "xiaoming", home) {
			t.Error("a captcha on the known device, or none elsewhere")
		}
		if err := try(t, s, "xiaoming", password, known, false); err != nil {
			t.Errorf("on the known device: %v", err)
		}
		if err := try(t, s, "xiaoming", password, home, true); err != nil {
			t.Errorf("elsewhere, with a captcha: %v", err)
		}
		// Even where the enemy sits.
		known.Address = from(0).Address
		if err := try(t, s, mobile, password, known, false); err != nil {
			t.Errorf("on the known device at the enemy's address: %v", err)
		}
	})
}

func TestKnownDeviceIsCountedByItself(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		ming, hong := person(t, d, "xiaoming", mobile), person(t, d, "xiaohong", other)
		for n := range 3 {
			fails(t, s, "xiaoming", from(n), false)
		}
		known := home
		known.Device = account.DeviceMark(ming)
		for _, mark := range []string{account.DeviceMark(hong), "0.abc", "", fmt.Sprint(ming), fmt.Sprintf("%d.", ming), "x.y"} {
			v := home
			v.Device = mark
			wants(t, "the mark "+mark, try(t, s, "xiaoming", password, v, false), fault.Invalid, "captcha")
		}
		for range 4 {
			fails(t, s, "xiaoming", known, false)
		}
		if err := try(t, s, "xiaoming", password, known, false); err != nil {
			t.Errorf("the fifth, right: %v", err)
		}
		for range 5 { // success has set the device free
			fails(t, s, "xiaoming", known, false)
		}
		wants(t, "the sixth", try(t, s, "xiaoming", password, known, false), fault.Invalid, "captcha")
		if !asks(t, s, "xiaoming", known) {
			t.Error("a device that failed five times is still known")
		}
		if err := try(t, s, "xiaoming", password, known, true); err != nil {
			t.Errorf("as a stranger, with a captcha: %v", err)
		}
		if asks(t, s, "xiaohong", home) {
			t.Error("failures of the device were charged to the address")
		}
		clock.Advance(15 * time.Minute)
		if asks(t, s, "xiaoming", known) {
			t.Error("not known again after a quarter of an hour")
		}
	})
}

// Many wrong passwords at once are no more than three without a captcha, and no more than the pauses allow with one.
func TestManyGuessesAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		looked := func(errs []error) (n int) {
			for _, err := range errs {
				var f *fault.Error
				if !errors.As(err, &f) || f.Kind != fault.Invalid && f.Kind != fault.TooMany {
					t.Errorf("answered %v", err)
				} else if f.Text.Msg == "用户名或密码不对" {
					n++
				}
			}
			return n
		}
		if n := looked(atOnce(20, func(i int) error { return try(t, s, "xiaoming", "wrong horse", from(i), false) })); n != 3 {
			t.Errorf("%d passwords looked at without a captcha", n)
		}
		proofs := make([]account.Proof, 20)
		for i := range proofs {
			proofs[i] = proof(t, s, home)
		}
		n := looked(atOnce(20, func(i int) error {
			_, err := s.Login(ctx, account.LoginTry{Name: "xiaoming", Password: "wrong horse", Captcha: proofs[i], Client: home})
			return err
		}))
		if n != 6 {
			t.Errorf("%d passwords looked at from one address", n)
		}
	})
}

// A try that could not be looked at since the machine is busy is no failure.
func TestBusyIsNoFailure(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", mobile)
		known := home
		known.Device = account.DeviceMark(id)
		free := s.BusyHasher()
		for n := range 6 {
			for _, v := range []account.Client{known, from(1)} {
				short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
				_, err := s.Login(short, account.LoginTry{Name: "xiaoming", Password: "wrong horse", Client: v})
				cancel()
				if !fault.Is(err, fault.Unavailable) {
					t.Errorf("try %d on a busy machine: %v", n+1, err)
				}
			}
		}
		free()
		if asks(t, s, "xiaoming", from(1)) || asks(t, s, "xiaoming", known) {
			t.Error("a captcha is asked for although nobody failed")
		}
	})
}

// A hash by other parameters than today's is renewed, but never over a password that was changed at that moment.
func TestStaleHashIsRenewed(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", mobile)
		if err := try(t, s, "xiaoming", password, home, false); err != nil {
			t.Fatal(err)
		}
		hash := one[string](t, d, "SELECT password_hash FROM users WHERE id = ?", id)
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("kept %q", hash)
		}
		if err := try(t, s, "xiaoming", password, home, false); err != nil {
			t.Errorf("after the renewal: %v", err)
		}
	})
}

func TestRolesAndNames(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", mobile)
		u, err := s.UserByName(ctx, " XiaoMing")
		if err != nil || u.ID != id {
			t.Errorf("by name: %+v, %v", u, err)
		}
		_, err = s.UserByName(ctx, mobile)
		wants(t, "a number is no name", err, fault.NotFound)
		if err := s.StartSession(ctx, account.SessionStart{ID: "one", UserID: id, Data: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		wants(t, "no such role", s.SetRole(ctx, id, "god"), fault.Invalid, "role")
		wants(t, "nobody's role", s.SetRole(ctx, 4711, account.Staff), fault.NotFound)
		if _, err := s.Session(ctx, "one"); err != nil {
			t.Errorf("a refused change has ended the session: %v", err)
		}
		if err := s.SetRole(ctx, id, account.Staff); err != nil {
			t.Fatal(err)
		}
		if u := must[account.User](t)(s.User(ctx, id)); u.Role != account.Staff {
			t.Errorf("role %q", u.Role)
		}
		_, err = s.Session(ctx, "one")
		wants(t, "the session of the old role", err, fault.NotFound)
	})
}
