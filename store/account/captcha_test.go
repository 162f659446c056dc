package account_test

import (
	"bytes"
	"fmt"
	"image/png"
	"regexp"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestCaptchaIsSeenAndHeard(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := proof(t, s, home).ID
		picture := must[[]byte](t)(s.CaptchaPicture(ctx, home, id))
		img, err := png.Decode(bytes.NewReader(picture))
		if err != nil || img.Bounds().Dx() != 264 || img.Bounds().Dy() != 88 {
			t.Errorf("picture: %v, %v", img.Bounds(), err)
		}
		if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0xffff {
			t.Error("the picture can be seen through")
		}
		for _, lang := range []string{"zh", "en", "xx"} {
			sound := must[[]byte](t)(s.CaptchaSound(ctx, home, id, lang))
			if len(sound) < 20000 || string(sound[:4]) != "RIFF" || string(sound[8:12]) != "WAVE" {
				t.Errorf("sound in %s: %d bytes, %q", lang, len(sound), sound[:12])
			}
		}
		elsewhere := home
		elsewhere.Browser = "another"
		for what, err := range map[string]error{
			"another browser's picture": second(s.CaptchaPicture(ctx, elsewhere, id)),
			"another browser's sound":   second(s.CaptchaSound(ctx, elsewhere, id, "zh")),
			"an unknown one":            second(s.CaptchaPicture(ctx, home, "nothing")),
		} {
			wants(t, what, err, fault.NotFound)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM captchas WHERE browser = ?", home.Browser); n != 0 {
			t.Error("the browser's token is in the database")
		}
		clock.Advance(5 * time.Minute)
		wants(t, "after five minutes", second(s.CaptchaPicture(ctx, home, id)), fault.NotFound)
		if _, err := s.NewCaptcha(ctx, account.Client{Address: home.Address}); err == nil {
			t.Error("a captcha for no browser")
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestCaptchaDigitsAreRandom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := account.New(d, clock.Now, account.Options{})
		for range 20 {
			if _, err := s.NewCaptcha(ctx, home); err != nil {
				t.Fatal(err)
			}
		}
		var answers []string
		if err := d.Select(ctx, &answers, "SELECT answer FROM captchas"); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, a := range answers {
			seen[a] = true
			if !regexp.MustCompile(`^[0-9]{5}$`).MatchString(a) {
				t.Errorf("answer %q", a)
			}
		}
		if len(seen) < 18 {
			t.Errorf("only %d of 20 differ", len(seen))
		}
	})
}

// A captcha is worth one answer, right or wrong, of the browser that saw it.
func TestCaptchaIsUsedUp(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		n := 0
		send := func(p account.Proof, v account.Client) error {
			n++ // each to another mobile, so that no limit is met
			_, err := s.SendCode(ctx, account.CodeRequest{Purpose: account.ForRegister, Mobile: fmt.Sprintf("138%08d", n), Captcha: p,
				Client: v})
			return err
		}
		p := proof(t, s, home)
		if err := send(p, home); err != nil {
			t.Errorf("right: %v", err)
		}
		wants(t, "the same again", send(p, home), fault.Invalid, "captcha")

		p = proof(t, s, home)
		wants(t, "wrong", send(account.Proof{ID: p.ID, Answer: "54321"}, home), fault.Invalid, "captcha")
		wants(t, "right after wrong", send(p, home), fault.Invalid, "captcha")

		p = proof(t, s, home)
		wants(t, "another browser", send(p, from(1)), fault.Invalid, "captcha")
		if err := send(p, home); err != nil {
			t.Errorf("another browser has used it up: %v", err)
		}
		p = proof(t, s, home)
		wants(t, "none", send(account.Proof{ID: p.ID}, home), fault.Invalid, "captcha")
		for _, typed := range []string{" 12 345 ", "１２３４５", "1 2 3　4 5"} {
			p = proof(t, s, home)
			if err := send(account.Proof{ID: p.ID, Answer: typed}, home); err != nil {
				t.Errorf("typed %q: %v", typed, err)
			}
		}
		p = proof(t, s, home)
		clock.Advance(5 * time.Minute)
		wants(t, "five minutes old", send(p, home), fault.Invalid, "captcha")
	})
}

func TestCaptchaAnsweredByManyAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		p := proof(t, s, home)
		errs := atOnce(20, func(i int) error {
			_, err := s.SendCode(ctx, account.CodeRequest{Purpose: account.ForRegister, Mobile: fmt.Sprintf("138%08d", i), Captcha: p,
				Client: home})
			return err
		})
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d of 20 passed with one captcha", n)
		}
	})
}

func TestCaptchasAreLimitedByAddress(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		v6 := func(n int) account.Client { // one person may have all of these
			return account.Client{Browser: fmt.Sprint(n), Address: fmt.Sprintf("2001:db8:1:2::%x", n)}
		}
		for n := range 120 {
			if _, err := s.NewCaptcha(ctx, v6(n)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.NewCaptcha(ctx, v6(999))
		wants(t, "the 121st", err, fault.TooMany)
		if got := fault.Of(err).RetryAfter; got != 15*time.Minute {
			t.Errorf("retry after %v", got)
		}
		for _, address := range []string{"2001:db8:1:3::1", "203.0.113.9"} {
			if _, err := s.NewCaptcha(ctx, account.Client{Browser: "b", Address: address}); err != nil {
				t.Errorf("%s: %v", address, err)
			}
		}
		// The same IPv4 address written as IPv6 is the same address.
		storetest.Exec(t, d, "DELETE FROM limits")
		for n := range 120 {
			if _, err := s.NewCaptcha(ctx, account.Client{Browser: fmt.Sprint(n), Address: "203.0.113.9"}); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.NewCaptcha(ctx, account.Client{Browser: "b", Address: "::ffff:203.0.113.9"})
		wants(t, "written otherwise", err, fault.TooMany)
	})
}
