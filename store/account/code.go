package account

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/limit"
	"dashop/store/typed"
)

// Purpose is what a verification code is for; a code for one is not accepted for another.
type Purpose string

// The purposes of codes.
const (
	ForRegister  Purpose = "register"
	ForReset     Purpose = "reset"
	ForBind      Purpose = "bind"       // to an account, at the first login with a provider
	ForMobile    Purpose = "mobile"     // to the new number of a user
	ForOldMobile Purpose = "mobile_old" // to the number that the user has
)

// Figures of codes.
const (
	codeDigits = 6
	codeLife   = 5 * time.Minute
	codeTries  = 5
)

var codeForm = regexp.MustCompile(`^[0-9]{6}$`)

// CodeRequest asks for a verification code. UserID is who is logged in, or 0.
type CodeRequest struct {
	Purpose Purpose
	Mobile  string
	UserID  int64
	Captcha Proof
	Client  Client
}

// SentCode says where a code was sent, and how long until another may be requested.
type SentCode struct {
	Mobile string
	Wait   time.Duration
}

// SendCode queues a code of six digits, valid for five minutes. Wrong fields are named mobile, captcha, purpose; too many codes are
// fault.TooMany. For ForOldMobile the number is the user's own and Mobile is not read. The captcha is used up by right and wrong answers
// alike.
func (s *Service) SendCode(ctx context.Context, r CodeRequest) (SentCode, error) {
	if s.opt.SMS == nil {
		return SentCode{}, fault.New(fault.Unavailable, 0, "本店还没有开通短信，请联系客服")
	}
	mobile, err := s.codeMobile(ctx, r)
	if err != nil {
		return SentCode{}, err
	}
	if ok, err := s.proved(ctx, r.Client, r.Captcha); err != nil {
		return SentCode{}, err
	} else if !ok {
		return SentCode{}, wrongCaptcha()
	}
	// Only these two reveal whether a number has an account; the other purposes answer the same for all numbers.
	if r.Purpose == ForRegister || r.Purpose == ForMobile {
		if err := s.mobileFree(ctx, mobile); err != nil {
			return SentCode{}, err
		}
	}
	now, code := s.clock(), randomDigits(codeDigits)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := takeCode(ctx, tx, mobile, r.Client, now); err != nil {
			return err
		}
		id, err := tx.Insert(ctx, "INSERT INTO sms_codes (mobile, purpose, code, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
			mobile, r.Purpose, code, now, now.Add(codeLife))
		if err != nil {
			return err
		}
		key := strconv.FormatInt(id, 10) // the queue holds neither code nor number
		return job.Enqueue(ctx, tx, SendCodeKind, key, key, now, now)
	})
	return SentCode{Mobile: mobile, Wait: codePauseRule.Window}, err
}

// codeMobile is the number that a request is about, checked without looking at other users' accounts.
func (s *Service) codeMobile(ctx context.Context, r CodeRequest) (string, error) {
	own := ""
	switch r.Purpose {
	case ForRegister, ForReset, ForBind:
	case ForMobile, ForOldMobile:
		if r.UserID == 0 {
			return "", fault.New(fault.Unauthorized, 0, "请先登录")
		}
		u, err := s.User(ctx, r.UserID)
		if err != nil {
			return "", err
		}
		if u.Mobile != nil {
			own = *u.Mobile
		}
	default:
		return "", fault.Field("purpose", "请从页面上的按钮获取验证码")
	}
	mobile := digits(r.Mobile)
	switch {
	case r.Purpose == ForOldMobile && own == "":
		return "", fault.Field("mobile", "您还没有绑定手机号")
	case r.Purpose == ForOldMobile:
		return own, nil
	case !mobileForm.MatchString(mobile):
		return "", fault.Field("mobile", "请填写 11 位手机号")
	case mobile == own:
		return "", fault.Field("mobile", "这就是您现在的手机号")
	}
	return mobile, nil
}

// takeCode counts one code under all limits, or under none of them.
func takeCode(ctx context.Context, tx *db.Tx, mobile string, v Client, now time.Time) error {
	for _, l := range []struct {
		name  limit.Name
		rule  limit.Rule
		fault func(wait time.Duration) *fault.Error
	}{
		{codePauseLimit(mobile), codePauseRule, func(wait time.Duration) *fault.Error {
			return fault.New(fault.TooMany, 0, "验证码刚刚发过，请 %d 秒后再试", limit.UpTo(wait, time.Second))
		}},
		{codeMobileLimit(mobile), codeMobileRule, func(wait time.Duration) *fault.Error {
			return fault.New(fault.TooMany, 0, "这个手机号的验证码发得太多了，请 %d 小时后再试", limit.UpTo(wait, time.Hour))
		}},
		{codeHourLimit(v), codeHourRule, limit.TooMany},
		{codeDayLimit(v), codeDayRule, limit.TooMany},
		{codeShopLimit(), codeShopRule, func(wait time.Duration) *fault.Error {
			return fault.New(fault.TooMany, 0, "今天发出的验证码太多了，请 %d 小时后再试", limit.UpTo(wait, time.Hour))
		}},
	} {
		wait, err := limit.Take(ctx, tx, l.name, l.rule, now)
		if err != nil {
			return err
		}
		if wait > 0 {
			e := l.fault(wait)
			e.RetryAfter = wait
			return e
		}
	}
	return nil
}

// CodeWait is how long until another code may be sent to a mobile; 0 means now.
func (s *Service) CodeWait(ctx context.Context, mobile string) (time.Duration, error) {
	return s.limits.Wait(ctx, codePauseLimit(digits(mobile)), codePauseRule)
}

// code is a row of sms_codes.
type code struct {
	ID        int64      `db:"id"`
	Mobile    string     `db:"mobile"`
	Purpose   Purpose    `db:"purpose"`
	Code      string     `db:"code"`
	Tries     int        `db:"tries"`
	ExpiresAt time.Time  `db:"expires_at"`
	UsedAt    *time.Time `db:"used_at"`
}

const codeColumns = "id, mobile, purpose, code, tries, expires_at, used_at"

// newestCode is the only valid code for a number and a purpose.
func newestCode(ctx context.Context, q db.Queryer, mobile string, p Purpose) (c code, err error) {
	err = q.Get(ctx, &c, "SELECT "+codeColumns+
		" FROM sms_codes WHERE mobile = ? AND purpose = ? ORDER BY created_at DESC, id DESC LIMIT 1", mobile, p)
	return c, err
}

// tryCode checks a typed code and returns its id, for useCode. Each try is counted, even when the work it is for fails; a right code
// stays valid until it is used, so that a form with another fault can be sent again. field is where the fault is shown.
func (s *Service) tryCode(ctx context.Context, field, mobile string, p Purpose, answer string) (id int64, err error) {
	answer = typed.Digits(answer)
	if !codeForm.MatchString(answer) {
		return 0, fault.Field(field, "请填写短信里的 6 位验证码")
	}
	c, err := newestCode(ctx, s.db, mobile, p)
	if fault.Is(err, fault.NotFound) {
		return 0, wrongCode(field)
	}
	if err != nil {
		return 0, err
	}
	// Counting comes before comparing, so that concurrent guesses cannot exceed codeTries.
	n, err := s.db.Exec(ctx, "UPDATE sms_codes SET tries = tries + 1 WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?",
		c.ID, codeTries, s.clock())
	switch {
	case err != nil:
		return 0, err
	case n == 0 && c.Tries >= codeTries && c.UsedAt == nil:
		return 0, fault.Field(field, "试的次数太多了，请重新获取验证码")
	case n == 0 || !same(c.Code, answer):
		return 0, wrongCode(field)
	}
	return c.ID, nil
}

// useCode uses up a code that tryCode accepted. Of concurrent requests with the same code one succeeds.
func useCode(ctx context.Context, tx *db.Tx, field string, id int64, now time.Time) error {
	n, err := tx.Exec(ctx, "UPDATE sms_codes SET used_at = ? WHERE id = ? AND used_at IS NULL", now, id)
	if err == nil && n == 0 {
		return wrongCode(field)
	}
	return err
}

func wrongCode(field string) error { return fault.Field(field, "短信验证码不对或已过期") }
