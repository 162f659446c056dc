package account_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/sms"
	"dashop/store/storetest"
)

func TestCodeIsSent(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		sent, err := s.SendCode(ctx, account.CodeRequest{Purpose: account.ForRegister, Mobile: "138 0013 5621",
			Captcha: proof(t, s, home), Client: home})
		if err != nil || sent.Mobile != mobile || sent.Wait != time.Minute {
			t.Fatalf("sent %+v, %v", sent, err)
		}
		code := one[string](t, d, "SELECT code FROM sms_codes WHERE mobile = ?", mobile)
		if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(code) {
			t.Errorf("code %q", code)
		}
		payload := one[string](t, d, "SELECT payload FROM jobs WHERE kind = 'send_sms'")
		if strings.Contains(payload, code) || strings.Contains(payload, mobile) {
			t.Errorf("the job bears the secret: %q", payload)
		}
		if err := s.SendCodeJob(ctx, payload); err != nil || len(p.sent) != 1 {
			t.Fatalf("job: %v, sent %v", err, p.sent)
		}
		if m := p.sent[0]; m.Mobile != mobile || m.Code != code || m.Kind != sms.Code || m.ID == "" {
			t.Errorf("message %+v", m)
		}
		for wait, after := range map[time.Duration]time.Duration{time.Minute: 0, 20 * time.Second: 40 * time.Second} {
			clock.Advance(after)
			if got, err := s.CodeWait(ctx, mobile); got != wait || err != nil {
				t.Errorf("wait %v, %v, want %v", got, err, wait)
			}
			clock.Advance(-after)
		}
		if got, err := s.CodeWait(ctx, other); got != 0 || err != nil {
			t.Errorf("wait for another: %v, %v", got, err)
		}
	})
}

// A code that does not count any more is not sent, however late the queue comes to it.
func TestCodeJobSkipsWhatIsOver(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		job := func(m string, purpose account.Purpose) string {
			newCode(t, d, clock, purpose, m)
			return one[string](t, d, "SELECT CAST(id AS CHAR) FROM sms_codes ORDER BY id DESC LIMIT 1")
		}
		quiet := func(what, payload string) {
			t.Helper()
			if err := s.SendCodeJob(ctx, payload); err != nil || len(p.sent) != 0 {
				t.Errorf("%s: %v, sent %v", what, err, p.sent)
			}
		}
		quiet("no such row", "4711")
		used := job("13800000001", account.ForRegister)
		storetest.Exec(t, d, "UPDATE sms_codes SET used_at = created_at")
		quiet("used", used)
		older := job("13800000002", account.ForRegister)
		newer := job("13800000002", account.ForRegister)
		quiet("an older one", older)
		quiet("a new password for nobody", job(mobile, account.ForReset))
		if err := s.SendCodeJob(ctx, newer); err != nil || len(p.sent) != 1 {
			t.Errorf("the newest: %v, sent %v", err, p.sent)
		}
		person(t, d, "xiaoming", mobile)
		if err := s.SendCodeJob(ctx, job(mobile, account.ForReset)); err != nil || len(p.sent) != 2 {
			t.Errorf("a new password for somebody: %v, sent %v", err, p.sent)
		}
		p.sent = nil
		old := job("13800000003", account.ForRegister)
		clock.Advance(5 * time.Minute)
		quiet("expired", old)
		if err := s.SendCodeJob(ctx, "not a number"); err == nil {
			t.Error("an unreadable payload passes")
		}
	})
}

func TestSenderFails(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		code := newCode(t, d, clock, account.ForRegister, mobile)
		id := one[string](t, d, "SELECT CAST(id AS CHAR) FROM sms_codes")
		p.fail = fmt.Errorf("GET https://sms.example/?to=%s&text=%s: time-out", mobile, code)
		err := s.SendCodeJob(ctx, id)
		if err == nil || strings.Contains(err.Error(), mobile) || strings.Contains(err.Error(), code) ||
			!strings.Contains(err.Error(), "time-out") {
			t.Errorf("the queue hears %v", err)
		}
		p.fail = fmt.Errorf("no such number: %w", sms.ErrRefused)
		if err := s.SendCodeJob(ctx, id); err != nil {
			t.Errorf("refused for good, and yet to be tried again: %v", err)
		}
		if err := account.New(d, clock.Now, account.Options{}).SendCodeJob(ctx, id); err == nil {
			t.Error("sent without a sender")
		}
	})
}

// What fails behind the pages goes to the logger that was handed in, where the tests of the whole shop see it.
func TestFailuresAreLogged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		var log strings.Builder
		p := &phone{fail: fmt.Errorf("no such number: %w", sms.ErrRefused)}
		s := account.New(d, clock.Now, account.Options{SMS: p, Log: slog.New(slog.NewTextHandler(&log, nil))})
		newCode(t, d, clock, account.ForRegister, mobile)
		if err := s.SendCodeJob(ctx, one[string](t, d, "SELECT CAST(id AS CHAR) FROM sms_codes")); err != nil {
			t.Fatal(err)
		}
		if words := log.String(); !strings.Contains(words, "short message refused") || strings.Contains(words, mobile) {
			t.Errorf("logged %q", words)
		}
	})
}

func TestSendCodeFaults(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		ming := person(t, d, "xiaoming", mobile)
		hong := person(t, d, "xiaohong", "")
		for _, c := range []struct {
			what    string
			purpose account.Purpose
			mobile  string
			user    int64
			kind    fault.Kind
			fields  []string
		}{
			{"no purpose", "", other, 0, fault.Invalid, []string{"purpose"}},
			{"made-up purpose", "free_money", other, 0, fault.Invalid, []string{"purpose"}},
			{"short number", account.ForRegister, "1380013562", 0, fault.Invalid, []string{"mobile"}},
			{"not a mobile", account.ForReset, "12800135621", 0, fault.Invalid, []string{"mobile"}},
			{"a taken number", account.ForRegister, mobile, 0, fault.Invalid, []string{"mobile"}},
			{"a new number of nobody", account.ForMobile, other, 0, fault.Unauthorized, nil},
			{"an old number of nobody", account.ForOldMobile, mobile, 0, fault.Unauthorized, nil},
			{"another's number", account.ForMobile, mobile, hong, fault.Invalid, []string{"mobile"}},
			{"the number one has", account.ForMobile, mobile, ming, fault.Invalid, []string{"mobile"}},
			{"no old number", account.ForOldMobile, "", hong, fault.Invalid, []string{"mobile"}},
		} {
			wants(t, c.what, ask(t, s, c.purpose, c.mobile, c.user, home), c.kind, c.fields...)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM sms_codes") + one[int](t, d, "SELECT COUNT(*) FROM jobs"); n != 0 {
			t.Errorf("%d codes and jobs all the same", n)
		}
		captcha := proof(t, s, home)
		_, err := s.SendCode(ctx, account.CodeRequest{Purpose: account.ForRegister, Mobile: "1", Captcha: captcha, Client: home})
		wants(t, "a wrong number", err, fault.Invalid, "mobile")
		if _, err = s.SendCode(ctx, account.CodeRequest{Purpose: account.ForRegister, Mobile: other, Captcha: captcha,
			Client: home}); err != nil {
			t.Errorf("a wrong number has used up the captcha: %v", err)
		}
		sent, err := s.SendCode(ctx, account.CodeRequest{Purpose: account.ForOldMobile, Mobile: "13700137000", UserID: ming,
			Captcha: proof(t, s, home), Client: home})
		if err != nil || sent.Mobile != mobile {
			t.Errorf("to one's own number: %+v, %v", sent, err)
		}
	})
}

// Where it need not be told, a number with an account and one without are answered alike.
func TestCodeTellsNothingOfOthers(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		person(t, d, "xiaoming", mobile)
		for _, purpose := range []account.Purpose{account.ForReset, account.ForBind} {
			clock.Advance(time.Minute)
			for range 2 {
				known, unknown := ask(t, s, purpose, mobile, 0, home), ask(t, s, purpose, other, 0, home)
				if faultTextOrNone(known) != faultTextOrNone(unknown) {
					t.Errorf("%s: known number %v, unknown %v", purpose, known, unknown)
				}
			}
		}
	})
}

func faultTextOrNone(err error) string {
	if err == nil {
		return ""
	}
	return faultText(err)
}

// setCount makes a count stand just before its limit, where counting up would take long.
func setCount(t *testing.T, d *db.DB, name string, n int) {
	t.Helper()
	sum := sha256.Sum256([]byte(name))
	rows, err := d.Exec(ctx, "UPDATE limits SET count = ? WHERE name = ?", n, hex.EncodeToString(sum[:]))
	if err != nil || rows != 1 {
		t.Fatalf("count of %s: %d rows, %v", name, rows, err)
	}
}

func TestCodeLimits(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		person(t, d, "xiaoming", mobile)
		tooMany := func(what string, err error, retry time.Duration) {
			t.Helper()
			wants(t, what, err, fault.TooMany)
			if f := fault.Of(err); f.RetryAfter != retry || len(f.Text.Args) != 1 {
				t.Errorf("%s: retry after %v, words %+v, want %v", what, f.RetryAfter, f.Text, retry)
			}
		}
		send := func(what string, p account.Purpose, mobile string, v account.Client) {
			t.Helper()
			if err := ask(t, s, p, mobile, 0, v); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		// One a minute, whatever it is for and wherever it is asked for.
		send("first", account.ForReset, mobile, from(1))
		clock.Advance(59 * time.Second)
		tooMany("within a minute", ask(t, s, account.ForReset, mobile, 0, from(1)), time.Second)
		tooMany("for something else", ask(t, s, account.ForBind, mobile, 0, from(2)), time.Second)
		clock.Advance(time.Second)
		// Ten a day: the refused ones above do not count.
		for n := 2; n <= 10; n++ {
			send(fmt.Sprintf("number %d of the day", n), account.ForReset, mobile, from(n))
			clock.Advance(time.Minute)
		}
		tooMany("the eleventh", ask(t, s, account.ForReset, mobile, 0, from(11)), 24*time.Hour-10*time.Minute)
		clock.Advance(24*time.Hour - 10*time.Minute)
		send("the next day", account.ForReset, mobile, from(1))

		// 60 an hour from one address, to whomever.
		attack := func(n int) error { return ask(t, s, account.ForReset, fmt.Sprintf("139%08d", n), 0, from(100)) }
		for n := range 60 {
			if err := attack(n); err != nil {
				t.Fatalf("number %d of the hour: %v", n+1, err)
			}
		}
		tooMany("the 61st of the hour", attack(60), time.Hour)
		send("from elsewhere", account.ForReset, "13900000060", from(101))
		clock.Advance(time.Hour)
		setCount(t, d, "code:day:"+from(100).Address, 200)
		tooMany("the 201st of the day", attack(61), 23*time.Hour)
		// A refused one counts nowhere, so the number is not held up by it.
		send("the same number from elsewhere", account.ForReset, "13900000061", from(102))
		setCount(t, d, "code:shop", 5000)
		tooMany("the 5001st of the shop", ask(t, s, account.ForReset, "13900000062", 0, from(103)), 23*time.Hour)
	})
}

func TestCodeAddressesOfOnePersonCountTogether(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		v6 := func(n int) account.Client {
			return account.Client{Browser: "b", Address: fmt.Sprintf("2001:db8::%x:1", n)}
		}
		if err := ask(t, s, account.ForReset, mobile, 0, v6(1)); err != nil {
			t.Fatal(err)
		}
		setCount(t, d, "code:hour:2001:db8::/64", 60)
		wants(t, "another address of the same net", ask(t, s, account.ForReset, other, 0, v6(2)), fault.TooMany)
	})
}

// The row of the code and its job come to be together or not at all.
func TestCodeAndJobTogether(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone) {
		captcha := proof(t, s, home)
		broken := db.InjectFaults(ctx, func(statement string) error {
			if strings.Contains(statement, "INSERT INTO jobs") {
				return errors.New("disk full")
			}
			return nil
		})
		if _, err := s.SendCode(broken, account.CodeRequest{Purpose: account.ForReset, Mobile: mobile, Captcha: captcha,
			Client: home}); err == nil {
			t.Fatal("no error")
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM sms_codes"); n != 0 {
			t.Error("a code that nobody sends")
		}
		if wait, err := s.CodeWait(ctx, mobile); wait != 0 || err != nil {
			t.Errorf("held up by nothing: %v, %v", wait, err)
		}
	})
}
