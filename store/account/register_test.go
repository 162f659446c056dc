package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trustelem/zxcvbn/frequency"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func form(username, mobile, code string) account.Registration {
	return account.Registration{Username: username, Mobile: mobile, SMSCode: code, Password: password, Password2: password, Allow: true}
}

func TestRegister(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		code := newCode(t, d, clock, account.ForRegister, mobile)
		in := form(" Xiao_Ming1", "138 0013 5621", " "+code[:3]+" "+code[3:])
		u, err := s.Register(ctx, in)
		if err != nil || u.ID == 0 || u.Username != "xiao_ming1" || u.Nickname != "xiao_ming1" || u.Role != account.Shopper ||
			*u.Mobile != mobile {
			t.Fatalf("made %+v, %v", u, err)
		}
		if kept := must[account.User](t)(s.User(ctx, u.ID)); kept.Username != u.Username || *kept.Mobile != mobile ||
			kept.Role != account.Shopper {
			t.Errorf("kept %+v", kept)
		}
		for _, name := range []string{"xiao_ming1", mobile} {
			if err := try(t, s, name, password, home, false); err != nil {
				t.Errorf("login as %s: %v", name, err)
			}
		}
	})
}

func TestRegisterFaults(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		for _, c := range []struct {
			what   string
			change func(r *account.Registration)
			fields []string
		}{
			{"short name", func(r *account.Registration) { r.Username = "ming" }, []string{"username"}},
			{"long name", func(r *account.Registration) { r.Username = strings.Repeat("m", 21) }, []string{"username"}},
			{"dash", func(r *account.Registration) { r.Username = "da-ming" }, []string{"username"}},
			{"Chinese", func(r *account.Registration) { r.Username = "我是大明啊" }, []string{"username"}},
			{"blank inside", func(r *account.Registration) { r.Username = "da ming" }, []string{"username"}},
			{"digits", func(r *account.Registration) { r.Username = "1234567" }, []string{"username"}},
			{"no mobile", func(r *account.Registration) { r.Mobile = "" }, []string{"mobile"}},
			{"landline", func(r *account.Registration) { r.Mobile = "12012345678" }, []string{"mobile"}},
			{"short password", func(r *account.Registration) { r.Password, r.Password2 = "1x2y3z4", "1x2y3z4" }, []string{"password"}},
			{"long password", func(r *account.Registration) {
				r.Password, r.Password2 = strings.Repeat("x", 65), strings.Repeat("x", 65)
			}, []string{"password"}},
			{"common password", func(r *account.Registration) { r.Password, r.Password2 = "Sunshine1", "Sunshine1" }, []string{"password"}},
			{"the name", func(r *account.Registration) {
				r.Username, r.Password, r.Password2 = "daming_daming", "Daming_Daming", "Daming_Daming"
			}, []string{"password"}},
			{"the mobile", func(r *account.Registration) { r.Password, r.Password2 = other, other }, []string{"password"}},
			{"typed otherwise", func(r *account.Registration) { r.Password2 = "correct house" }, []string{"password2"}},
			{"no code", func(r *account.Registration) { r.SMSCode = "" }, []string{"sms_code"}},
			{"terms", func(r *account.Registration) { r.Allow = false }, []string{"allow"}},
			{"all of it", func(r *account.Registration) { *r = account.Registration{} },
				[]string{"username", "mobile", "password", "sms_code", "allow"}},
		} {
			in := form("daming", other, newCode(t, d, clock, account.ForRegister, other))
			c.change(&in)
			wants(t, c.what, second(s.Register(ctx, in)), fault.Invalid, c.fields...)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM users") + one[int](t, d, "SELECT COALESCE(SUM(tries), 0) FROM sms_codes"); n != 1 {
			t.Errorf("users and tries of codes: %d", n)
		}
		// A right code stays good while another field is wrong.
		code := newCode(t, d, clock, account.ForRegister, other)
		wants(t, "a taken name", second(s.Register(ctx, form("XiaoMing", other, code))), fault.Invalid, "username")
		if _, err := s.Register(ctx, form("daming", other, code)); err != nil {
			t.Errorf("the code was burnt: %v", err)
		}
		// A stranger without a code is not told who is there.
		wants(t, "a taken name without a code", second(s.Register(ctx, form("xiaoming", "13700137000", "000000"))), fault.Invalid,
			"sms_code")
		code = newCode(t, d, clock, account.ForRegister, mobile) // as if sent just before somebody else registered it
		wants(t, "a taken mobile", second(s.Register(ctx, form("daming2", mobile, code))), fault.Invalid, "mobile")
	})
}

// What a code is good for: one number, one purpose, five minutes, five looks, one use, and only the newest.
func TestCodeIsGoodForOneThing(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		register := func(mobile, code string) error { return second(s.Register(ctx, form("daming", mobile, code))) }
		refused := func(what, mobile, code string) {
			t.Helper()
			wants(t, what, register(mobile, code), fault.Invalid, "sms_code")
		}
		refused("none was sent", "13700000001", "246813")
		code := newCode(t, d, clock, account.ForRegister, "13700000001")
		refused("another mobile", "13700000002", code)
		for _, purpose := range []account.Purpose{account.ForReset, account.ForBind, account.ForMobile, account.ForOldMobile} {
			refused("for "+string(purpose), "13700000003", newCode(t, d, clock, purpose, "13700000003"))
		}
		wants(t, "a code to register, for a new password", s.ResetPassword(ctx, account.PasswordReset{
			Mobile: mobile, SMSCode: newCode(t, d, clock, account.ForRegister, mobile), New: password, New2: password,
		}), fault.Invalid, "sms_code")

		code = newCode(t, d, clock, account.ForRegister, "13700000004")
		clock.Advance(5 * time.Minute)
		refused("five minutes old", "13700000004", code)

		code = newCode(t, d, clock, account.ForRegister, "13700000005")
		newCode(t, d, clock, account.ForRegister, "13700000005")
		storetest.Exec(t, d, "UPDATE sms_codes SET code = '135792' WHERE id = (SELECT id FROM (SELECT MAX(id) AS id FROM sms_codes) AS newest)")
		refused("not the newest", "13700000005", code)

		code = newCode(t, d, clock, account.ForRegister, "13700000006")
		for range 5 {
			refused("a guess", "13700000006", "000000")
		}
		refused("right at the sixth guess", "13700000006", code)

		code = newCode(t, d, clock, account.ForRegister, "13700000007")
		for range 4 {
			refused("a guess", "13700000007", "000000")
		}
		if err := register("13700000007", code); err != nil {
			t.Errorf("right at the fifth guess: %v", err)
		}
		storetest.Exec(t, d, "UPDATE users SET mobile = NULL WHERE mobile = '13700000007'")
		wants(t, "used again", second(s.Register(ctx, form("daming2", "13700000007", code))), fault.Invalid, "sms_code")
	})
}

func TestCodeUsedByManyAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		code := newCode(t, d, clock, account.ForReset, mobile)
		errs := atOnce(20, func(i int) error {
			p := fmt.Sprintf("correct horse %d", i)
			return s.ResetPassword(ctx, account.PasswordReset{Mobile: mobile, SMSCode: code, New: p, New2: p})
		})
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d of 20 passed with one code", n)
		}
		newCode(t, d, clock, account.ForReset, mobile)
		errs = atOnce(20, func(i int) error {
			return s.ResetPassword(ctx, account.PasswordReset{Mobile: mobile, SMSCode: fmt.Sprintf("%06d", i), New: password,
				New2: password})
		})
		if n := passed(t, errs); n != 0 {
			t.Errorf("%d guesses passed", n)
		}
		if n := one[int](t, d, "SELECT tries FROM sms_codes ORDER BY id DESC LIMIT 1"); n != 5 {
			t.Errorf("%d guesses at once were looked at", n)
		}
	})
}

func TestTwoRegisterAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		mobiles := []string{"13700000001", "13700000002", "13700000003", "13700000004"}
		for _, m := range mobiles {
			newCode(t, d, clock, account.ForRegister, m)
		}
		errs := atOnce(4, func(i int) error { return second(s.Register(ctx, form("daming", mobiles[i], "246813"))) })
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d have the same name", n)
		}
		for i, err := range errs {
			if err == nil {
				continue
			}
			wants(t, "the loser", err, fault.Invalid, "username")
			if err := second(s.Register(ctx, form("daming"+mobiles[i][9:], mobiles[i], "246813"))); err != nil {
				t.Errorf("the loser's code was burnt: %v", err)
			}
		}
		// One by this form and one by the command line, with the same number.
		newCode(t, d, clock, account.ForRegister, other)
		errs = atOnce(2, func(i int) error {
			if i == 0 {
				return second(s.Register(ctx, form("xiaoli", other, "246813")))
			}
			return second(s.CreateUser(ctx, account.NewUser{Username: "xiaowang", Mobile: other, Password: password}))
		})
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d have the same mobile", n)
		}
		for _, err := range errs {
			if err != nil {
				wants(t, "the loser", err, fault.Invalid, "mobile")
			}
		}
	})
}

func TestFreeOrTaken(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		person(t, d, "xiaoming", mobile)
		wants(t, "taken", s.CheckUsername(ctx, " XiaoMing", home), fault.Invalid, "username")
		wants(t, "short", s.CheckUsername(ctx, "abc", home), fault.Invalid, "username")
		wants(t, "digits", s.CheckUsername(ctx, "1234567", home), fault.Invalid, "username")
		wants(t, "taken", s.CheckMobile(ctx, "138 0013 5621", home), fault.Invalid, "mobile")
		wants(t, "short", s.CheckMobile(ctx, "138", home), fault.Invalid, "mobile")
		if err := s.CheckUsername(ctx, "daming", home); err != nil {
			t.Errorf("free: %v", err)
		}
		if err := s.CheckMobile(ctx, other, home); err != nil {
			t.Errorf("free: %v", err)
		}
		for n := 4; n < 60; n++ {
			if err := s.CheckUsername(ctx, "daming", home); err != nil {
				t.Fatalf("question %d: %v", n+1, err)
			}
		}
		for _, err := range []error{s.CheckUsername(ctx, "xiaoming", home), s.CheckMobile(ctx, mobile, home)} {
			wants(t, "the 61st question", err, fault.TooMany)
			if got := fault.Of(err).RetryAfter; got != time.Minute {
				t.Errorf("retry after %v", got)
			}
		}
		if err := s.CheckUsername(ctx, "daming", from(1)); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		clock.Advance(time.Minute)
		if err := s.CheckUsername(ctx, "daming", home); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestCommonPasswords(t *testing.T) {
	const refused = 10000 // of the worldwide list
	all := frequency.FrequencyLists["passwords"]
	for _, p := range append([]string{"PassWord1", "woaini1314", "5201314520", "88888888"}, all[:refused]...) {
		if !account.IsCommon(p) {
			t.Errorf("%q is not common", p)
		}
	}
	for _, p := range all[refused : refused+5] {
		if account.IsCommon(p) {
			t.Errorf("%q is common", p)
		}
	}
	for _, p := range []string{password, account.DemoPassword, "", "一二三四五六七八"} {
		if account.IsCommon(p) {
			t.Errorf("%q is common", p)
		}
	}
}
