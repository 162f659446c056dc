package account_test

import (
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func startSessions(t *testing.T, s *account.Service, userID int64, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.StartSession(ctx, account.SessionStart{ID: id, UserID: userID, Data: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
}

func alive(t *testing.T, s *account.Service, id string) bool {
	t.Helper()
	_, err := s.Session(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestChangePassword(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming_8", mobile)
		hong := person(t, d, "xiaohong", "")
		startSessions(t, s, id, "this", "that")
		startSessions(t, s, hong, "hers")
		const fresh = "battery staple"
		for _, c := range []struct {
			what   string
			in     account.PasswordChange
			fields []string
		}{
			{"wrong old one", account.PasswordChange{Old: "wrong horse", New: fresh, New2: fresh}, []string{"old_password"}},
			{"no old one", account.PasswordChange{New: fresh, New2: fresh}, []string{"old_password"}},
			{"endless old one", account.PasswordChange{Old: strings.Repeat("x", 10000), New: fresh, New2: fresh}, []string{"old_password"}},
			{"short", account.PasswordChange{Old: password, New: "short", New2: "short"}, []string{"password"}},
			{"common", account.PasswordChange{Old: password, New: "password1", New2: "password1"}, []string{"password"}},
			{"the name", account.PasswordChange{Old: password, New: "XiaoMing_8", New2: "XiaoMing_8"}, []string{"password"}},
			{"the mobile", account.PasswordChange{Old: password, New: mobile, New2: mobile}, []string{"password"}},
			{"the same", account.PasswordChange{Old: password, New: password, New2: password}, []string{"password"}},
			{"typed otherwise", account.PasswordChange{Old: password, New: fresh, New2: "battery stable"}, []string{"password2"}},
		} {
			wants(t, c.what, s.ChangePassword(ctx, id, c.in, "this"), fault.Invalid, c.fields...)
		}
		if !alive(t, s, "that") {
			t.Error("a refused change has ended a session")
		}
		if err := s.ChangePassword(ctx, id, account.PasswordChange{Old: password, New: fresh, New2: fresh}, "this"); err != nil {
			t.Fatal(err)
		}
		if !alive(t, s, "this") || alive(t, s, "that") || !alive(t, s, "hers") {
			t.Errorf("alive: this %v, that %v, hers %v", alive(t, s, "this"), alive(t, s, "that"), alive(t, s, "hers"))
		}
		if err := try(t, s, mobile, fresh, home, false); err != nil {
			t.Errorf("the new one: %v", err)
		}
		fails(t, s, "xiaoming_8", home, false)
		wants(t, "nobody", s.ChangePassword(ctx, 4711, account.PasswordChange{Old: password, New: fresh, New2: fresh}, ""), fault.NotFound)
	})
}

// A session left open is no place to guess the password at: pauses grow here too, and no login is held up by them.
func TestOwnPasswordIsNoOracle(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", "")
		const fresh = "battery staple"
		guess := func(i int) error {
			switch i % 3 {
			case 0:
				return s.ChangePassword(ctx, id, account.PasswordChange{Old: "wrong horse", New: fresh, New2: fresh}, "")
			case 1:
				return s.DeleteUser(ctx, id, "wrong horse")
			}
			return s.ChangeMobile(ctx, id, account.MobileChange{Password: "wrong horse", Mobile: other, Code: "000000"})
		}
		for i := range 6 {
			wants(t, "a guess", guess(i), fault.Invalid, []string{"old_password", "password", "password"}[i%3])
		}
		for i := range 3 {
			err := guess(i)
			wants(t, "the seventh", err, fault.TooMany)
			if got := fault.Of(err).RetryAfter; got != time.Second {
				t.Errorf("retry after %v", got)
			}
		}
		wants(t, "the right one", s.DeleteUser(ctx, id, password), fault.TooMany)
		if err := try(t, s, "xiaoming", password, home, false); err != nil {
			t.Errorf("login meanwhile: %v", err)
		}
		clock.Advance(time.Second)
		if err := s.ChangePassword(ctx, id, account.PasswordChange{Old: password, New: fresh, New2: fresh}, ""); err != nil {
			t.Errorf("the right one after the pause: %v", err)
		}
	})
}

func TestTwoChangesAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", "")
		errs := atOnce(3, func(i int) error {
			p := password + strings.Repeat("!", i+1)
			return s.ChangePassword(ctx, id, account.PasswordChange{Old: password, New: p, New2: p}, "")
		})
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d changes of one old password: %v", n, errs)
		}
	})
}

func TestResetPassword(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming_8", mobile)
		startSessions(t, s, id, "this", "that")
		const fresh = "battery staple"
		reset := func(mobile, code, p, p2 string) error {
			return s.ResetPassword(ctx, account.PasswordReset{Mobile: mobile, SMSCode: code, New: p, New2: p2})
		}
		code := newCode(t, d, clock, account.ForReset, mobile)
		wants(t, "no number", reset("", code, fresh, fresh), fault.Invalid, "mobile")
		wants(t, "no code", reset(mobile, "", fresh, fresh), fault.Invalid, "sms_code")
		wants(t, "short", reset(mobile, code, "short", "short"), fault.Invalid, "password")
		wants(t, "common", reset(mobile, code, "password1", "password1"), fault.Invalid, "password")
		wants(t, "the number", reset(mobile, code, mobile, mobile), fault.Invalid, "password")
		wants(t, "typed otherwise", reset(mobile, code, fresh, "battery stable"), fault.Invalid, "password2")
		wants(t, "the name", reset(mobile, code, "XiaoMing_8", "XiaoMing_8"), fault.Invalid, "password")
		wants(t, "a wrong code", reset(mobile, "000000", fresh, fresh), fault.Invalid, "sms_code")
		if !alive(t, s, "this") {
			t.Error("a refused reset has ended a session")
		}
		if err := reset("138-0013-5621", code, fresh, fresh); err != nil {
			t.Fatalf("after faults in other fields: %v", err)
		}
		if alive(t, s, "this") || alive(t, s, "that") {
			t.Error("a session lives on")
		}
		if err := try(t, s, "xiaoming_8", fresh, home, false); err != nil {
			t.Errorf("the new one: %v", err)
		}
		fails(t, s, "xiaoming_8", home, false)
		wants(t, "the code again", reset(mobile, code, fresh, fresh), fault.Invalid, "sms_code")
	})
}

// A number without an account is answered in the same words and takes as long, even with the code that was made for it.
func TestResetTellsNothing(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		reset := func(mobile, code string) error {
			return hashes(t, s, "reset of "+mobile, func() error {
				return s.ResetPassword(ctx, account.PasswordReset{Mobile: mobile, SMSCode: code, New: password, New2: password})
			})
		}
		if err := reset(mobile, newCode(t, d, clock, account.ForReset, mobile)); err != nil {
			t.Errorf("somebody's number: %v", err)
		}
		newCode(t, d, clock, account.ForReset, mobile)
		wrong := s.ResetPassword(ctx, account.PasswordReset{Mobile: mobile, SMSCode: "000000", New: password, New2: password})
		err := reset(other, newCode(t, d, clock, account.ForReset, other))
		if wants(t, "nobody's number", err, fault.Invalid, "sms_code"); faultText(err) != faultText(wrong) {
			t.Errorf("nobody's number: %v, wrong code: %v", err, wrong)
		}
	})
}
