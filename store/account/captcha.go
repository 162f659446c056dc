package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"dashop/store/account/captcha"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Figures of captchas.
const (
	captchaID     = 22 // characters
	captchaDigits = 5
	captchaLife   = 5 * time.Minute
	// The size in dots, which is twice the size on the page.
	captchaWidth, captchaHeight = 2 * 132, 2 * 44
)

// captchaForm matches an id.
var captchaForm = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// Proof is an answered captcha.
type Proof struct{ ID, Answer string }

// NewCaptcha creates a captcha for a browser and returns its id. Too many from one address are fault.TooMany.
func (s *Service) NewCaptcha(ctx context.Context, v Client) (id string, err error) {
	if v.Browser == "" {
		return "", fmt.Errorf("a captcha belongs to a browser, and none was named")
	}
	if err := s.allow(ctx, captchaLimit(v), captchaRule); err != nil {
		return "", err
	}
	id = rand.Text()[:captchaID]
	answer := s.opt.CaptchaAnswer
	if answer == nil {
		answer = func() string { return randomDigits(captchaDigits) }
	}
	now := s.clock()
	_, err = s.db.Exec(ctx, "INSERT INTO captchas (id, browser, answer, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		id, hashID(v.Browser), answer(), now, now.Add(captchaLife))
	return id, err
}

// CaptchaPicture draws a captcha of this browser as a PNG of 132 by 44 (at twice the size); anything else is NotFound.
func (s *Service) CaptchaPicture(ctx context.Context, v Client, id string) ([]byte, error) {
	answer, err := s.captcha(ctx, v, id)
	if err != nil {
		return nil, err
	}
	return captcha.Picture(answer, captchaWidth, captchaHeight)
}

// CaptchaSound is the captcha read aloud as a WAV, in Chinese or English ("zh", "en").
func (s *Service) CaptchaSound(ctx context.Context, v Client, id, lang string) ([]byte, error) {
	answer, err := s.captcha(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if lang != "en" {
		lang = "zh"
	}
	return captcha.Sound(answer, lang)
}

// captcha is the answer to an unexpired captcha of this browser.
func (s *Service) captcha(ctx context.Context, v Client, id string) (answer string, err error) {
	if !captchaForm.MatchString(id) {
		return "", fault.Missing() // not one of ours, and perhaps no text at all
	}
	err = s.db.Get(ctx, &answer, "SELECT answer FROM captchas WHERE id = ? AND browser = ? AND expires_at > ?", id, hashID(v.Browser),
		s.clock())
	return answer, err
}

// proved says whether a captcha was answered correctly, and uses it up: only the request that deletes the row counts, so concurrent
// answers are worth no more than one.
func (s *Service) proved(ctx context.Context, v Client, p Proof) (bool, error) {
	answer, err := s.captcha(ctx, v, p.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := s.db.Exec(ctx, "DELETE FROM captchas WHERE id = ?", p.ID)
	if err != nil || n == 0 {
		return false, err
	}
	return same(answer, typed.Digits(p.Answer)), nil
}

func wrongCaptcha() error {
	return fault.Field("captcha", "图形验证码不对或已过期，请看新的一张")
}

// same compares secrets in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// randomDigits are n unpredictable digits.
func randomDigits(n int) string {
	b := make([]byte, n)
	for i := range b {
		digit, _ := rand.Int(rand.Reader, big.NewInt(10)) // never fails
		b[i] = '0' + byte(digit.Int64())
	}
	return string(b)
}
