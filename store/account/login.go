package account

import (
	"context"
	"crypto/rand"
	"strconv"
	"unicode/utf8"

	"dashop/store/fault"
	"dashop/store/limit"
)

// LoginTry is a filled-in login form.
type LoginTry struct {
	Name, Password string
	Captcha        Proof // read only where one is required
	Client         Client
}

// Login returns the user with this name, or mobile number, and password. Neither the answer nor its time nor the number of tries shows
// whether the name or the password was wrong: tries are also counted for names that no user has. Where a captcha is required and not
// answered correctly, the fault is in the field captcha and the password is not checked; too many tries are fault.TooMany.
func (s *Service) Login(ctx context.Context, t LoginTry) (User, error) {
	wrong := fault.New(fault.Invalid, 0, "用户名或密码不对")
	if utf8.RuneCountInString(t.Password) > maxTyped || len(t.Name) > 200 {
		return User{}, wrong
	}
	u, err := s.credentials(ctx, t.Name)
	if err != nil {
		return User{}, err
	}
	ok, stale, err := s.verify(ctx, loginAttempt(t.Name, u.ID, t.Client), t.Password, u.Hash, func() (bool, error) {
		return s.proved(ctx, t.Client, t.Captcha)
	})
	if err != nil {
		return User{}, err
	}
	if !ok || u.ID == 0 {
		return User{}, wrong
	}
	if u.Disabled {
		return User{}, accountDisabled()
	}
	if stale {
		return u.User, s.renewHash(ctx, u.ID, t.Password, u.Hash)
	}
	return u.User, nil
}

func accountDisabled() error {
	return fault.New(fault.Invalid, 0, "此账号已停用，请联系客服")
}

// LoginAsksCaptcha says whether the next login under this name from this browser needs a captcha.
func (s *Service) LoginAsksCaptcha(ctx context.Context, name string, v Client) (bool, error) {
	u, err := s.credentials(ctx, name)
	if err != nil {
		return false, err
	}
	a := loginAttempt(name, u.ID, v)
	if a.device != (limit.Name{}) {
		if wait, err := s.limits.Wait(ctx, a.device, deviceRule); err != nil || wait == 0 {
			return false, err
		}
	}
	return s.captchaRequired(ctx, a)
}

// credentials are those of a user, or the dummy hash for nobody.
func (s *Service) credentials(ctx context.Context, name string) (userWithHash, error) {
	column, key := "username", normalName(name)
	if m := digits(name); mobileForm.MatchString(m) {
		column, key = "mobile", m
	}
	var u userWithHash
	err := s.db.Get(ctx, &u, "SELECT "+userColumns+", password_hash FROM users WHERE "+column+" = ?", key)
	if fault.Is(err, fault.NotFound) {
		return userWithHash{Hash: dummyHash}, nil
	}
	return u, err
}

// DeviceMark is stored in a browser, signed by the server, after a login of this user, so that others who fail at the same account or
// from the same address do not slow its owner down. It grants no access by itself.
func DeviceMark(userID int64) string {
	return strconv.FormatInt(userID, 10) + "." + rand.Text()
}
