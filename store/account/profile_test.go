package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/sms"
	"dashop/store/storetest"
)

func TestSetNickname(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", "")
		for typed, kept := range map[string]string{
			" 小明 ":                               "小明",
			"小\x00明\n同学":                         "小 明 同学",
			"a   b":                              "a b",
			"x\u202egnp.exe":                     "xgnp.exe", // would turn all text after it
			"\u200b小明\ufeff":                     "小明",
			"👨\u200d👩\u200d👧 家":                  "👨\u200d👩\u200d👧 家",
			"<b>&amp;</b>":                       "<b>&amp;</b>", // templates escape it
			strings.Repeat("明", 20):              strings.Repeat("明", 20),
			"  " + strings.Repeat("明", 20) + " ": strings.Repeat("明", 20),
		} {
			if err := s.SetNickname(ctx, id, typed); err != nil {
				t.Errorf("%q: %v", typed, err)
			}
			if u := must[account.User](t)(s.User(ctx, id)); u.Nickname != kept {
				t.Errorf("%q kept as %q", typed, u.Nickname)
			}
		}
		for _, typed := range []string{"", " \t", "\u200b\u200d", "\u202e", strings.Repeat("明", 21)} {
			wants(t, "nickname "+typed, s.SetNickname(ctx, id, typed), fault.Invalid, "nickname")
		}
		wants(t, "nobody", s.SetNickname(ctx, 4711, "小明"), fault.NotFound)
	})
}

func TestSavePicture(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", "")
		for _, step := range [][2]string{{"avatars/a.png", ""}, {"avatars/b.png", "avatars/a.png"}, {"", ""}} {
			if old, err := s.SaveProfile(ctx, id, "小明", step[0]); err != nil || old != step[1] {
				t.Errorf("set %q: old %q, %v", step[0], old, err)
			}
			if u := must[account.User](t)(s.User(ctx, id)); step[0] != "" && u.Avatar != step[0] {
				t.Errorf("kept %q", u.Avatar)
			}
		}
		wants(t, "nobody", second(s.SaveProfile(ctx, 4711, "小明", "a.png")), fault.NotFound)
	})
}

func TestChangeMobile(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		id := person(t, d, "xiaoming", mobile)
		person(t, d, "xiaohong", "13700137000")
		oldCode, code := newCode(t, d, clock, account.ForOldMobile, mobile), newCode(t, d, clock, account.ForMobile, other)
		good := account.MobileChange{OldCode: oldCode, Mobile: other, Code: code}
		for _, c := range []struct {
			what   string
			change func(c *account.MobileChange)
			fields []string
		}{
			{"no number", func(c *account.MobileChange) { c.Mobile = "" }, []string{"mobile"}},
			{"the number one has", func(c *account.MobileChange) { c.Mobile = mobile }, []string{"mobile"}},
			{"no code from the old", func(c *account.MobileChange) { c.OldCode = "" }, []string{"old_sms_code"}},
			{"the password instead", func(c *account.MobileChange) { c.OldCode, c.Password = "", password }, []string{"old_sms_code"}},
			{"a wrong code from the old", func(c *account.MobileChange) { c.OldCode = "000000" }, []string{"old_sms_code"}},
			{"no code from the new", func(c *account.MobileChange) { c.Code = "" }, []string{"sms_code"}},
			{"a wrong code from the new", func(c *account.MobileChange) { c.Code = "000000" }, []string{"sms_code"}},
			{"a code for another number", func(c *account.MobileChange) { c.Mobile = "13600136000" }, []string{"sms_code"}},
		} {
			in := good
			c.change(&in)
			wants(t, c.what, s.ChangeMobile(ctx, id, in), fault.Invalid, c.fields...)
		}
		// Taken meanwhile: nothing changes, nothing is burnt, nobody is told.
		taken := good
		taken.Mobile, taken.Code = "13700137000", newCode(t, d, clock, account.ForMobile, "13700137000")
		wants(t, "another's number", s.ChangeMobile(ctx, id, taken), fault.Invalid, "mobile")
		if n := one[int](t, d, "SELECT COUNT(*) FROM jobs"); n != 0 {
			t.Error("the old number is told of a change that was not made")
		}
		if err := s.ChangeMobile(ctx, id, good); err != nil {
			t.Fatal(err)
		}
		if u := must[account.User](t)(s.User(ctx, id)); *u.Mobile != other {
			t.Errorf("mobile %s", *u.Mobile)
		}
		wants(t, "both codes again", s.ChangeMobile(ctx, id, account.MobileChange{OldCode: oldCode, Mobile: mobile, Code: code}),
			fault.Invalid, "old_sms_code")

		// The old number is told.
		payload := one[string](t, d, "SELECT payload FROM jobs WHERE kind = 'mobile_changed'")
		if err := s.MobileChangedJob(ctx, payload); err != nil || len(p.sent) != 1 {
			t.Fatalf("notice: %v, %v", err, p.sent)
		}
		if m := p.sent[0]; m.Kind != sms.MobileChanged || m.Mobile != mobile || m.Code != "" || m.ID == "" {
			t.Errorf("notice %+v", m)
		}
	})
}

// Who has no number yet gives the password instead of a code.
func TestFirstMobile(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		id := person(t, d, "xiaoming", "")
		in := account.MobileChange{Mobile: other, Code: newCode(t, d, clock, account.ForMobile, other)}
		wants(t, "no password", s.ChangeMobile(ctx, id, in), fault.Invalid, "password")
		in.Password = "wrong horse"
		wants(t, "a wrong password", s.ChangeMobile(ctx, id, in), fault.Invalid, "password")
		in.Password = password
		if err := s.ChangeMobile(ctx, id, in); err != nil {
			t.Fatal(err)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM jobs"); n != 0 {
			t.Error("a notice to no number")
		}
	})
}

func TestTwoTakeOneMobileAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		ids := []int64{person(t, d, "xiaoming", ""), person(t, d, "xiaohong", "")}
		code := newCode(t, d, clock, account.ForMobile, other)
		errs := atOnce(2, func(i int) error {
			return s.ChangeMobile(ctx, ids[i], account.MobileChange{Password: password, Mobile: other, Code: code})
		})
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d have the number: %v", n, errs)
		}
	})
}

// A notice that cannot be delivered is tried for a quarter of an hour, then the number it bears goes.
func TestNoticeIsGivenUp(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		id := person(t, d, "xiaoming", mobile)
		err := s.ChangeMobile(ctx, id, account.MobileChange{
			OldCode: newCode(t, d, clock, account.ForOldMobile, mobile), Mobile: other,
			Code: newCode(t, d, clock, account.ForMobile, other),
		})
		if err != nil {
			t.Fatal(err)
		}
		payload := one[string](t, d, "SELECT payload FROM jobs WHERE kind = 'mobile_changed'")
		p.fail = errors.New("cannot reach " + mobile)
		clock.Advance(14 * time.Minute)
		if err := s.MobileChangedJob(ctx, payload); err == nil || strings.Contains(err.Error(), mobile) {
			t.Errorf("not tried again, or tells the number: %v", err)
		}
		clock.Advance(time.Minute)
		if err := s.MobileChangedJob(ctx, payload); err != nil {
			t.Errorf("tried for ever: %v", err)
		}
		if err := s.MobileChangedJob(ctx, mobile); err == nil || strings.Contains(err.Error(), mobile) {
			t.Errorf("an unreadable payload: %v", err)
		}
	})
}
