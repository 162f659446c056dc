package account

import (
	"context"
	"crypto/rand"
	"strings"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Binding is the filled-in form at the first login by a provider: an account with that mobile is bound when its password
// is right, else one is made. Wrong fields are named mobile, password, sms_code.
type Binding struct{ Mobile, Password, SMSCode string }

// bindTries bounds how many random user names are tried for a new account.
const bindTries = 5

// Bind binds a stranger to the account with that mobile, which is created if there is none.
func (s *Service) Bind(ctx context.Context, who Stranger, b Binding, v Client) (User, error) {
	if who.Subject == "" || !who.Until.After(s.clock()) {
		return User{}, fault.New(fault.Invalid, 0, "登录已过期，请重新开始")
	}
	mobile, bad := digits(b.Mobile), fault.Form()
	checkMobile(bad, mobile)
	checkCode(bad, "sms_code", b.SMSCode)
	if b.Password == "" || utf8.RuneCountInString(b.Password) > maxTyped {
		bad.With("password", "请填写密码")
	}
	if err := bad.OrNil(); err != nil {
		return User{}, err
	}
	// Only the holder of the mobile may learn whether it has an account.
	code, err := s.tryCode(ctx, "sms_code", mobile, ForBind, b.SMSCode)
	if err != nil {
		return User{}, err
	}
	u, err := s.credentials(ctx, mobile)
	switch {
	case err != nil:
		return User{}, err
	case u.ID != 0:
		return s.bindOld(ctx, who, u, b.Password, code, v)
	}
	return s.bindNew(ctx, who, mobile, b.Password, code)
}

// bindOld binds a stranger to the account whose password was given. The code replaces a captcha; failures count like those of a
// login.
func (s *Service) bindOld(ctx context.Context, who Stranger, u userWithHash, password string, code int64, v Client) (User, error) {
	ok, _, err := s.verify(ctx, loginAttempt(u.Username, u.ID, v), password, u.Hash, nil)
	switch {
	case err != nil:
		return User{}, err
	case !ok:
		return User{}, fault.Field("password", "这个手机号已有账号，密码不对")
	case u.Disabled:
		return User{}, accountDisabled()
	}
	return u.User, s.bind(ctx, who, u.ID, func(tx *db.Tx) (int64, error) {
		return u.ID, useCode(ctx, tx, "sms_code", code, s.clock())
	})
}

// bindNew creates an account for a stranger. Its user name is random, since one can always log in by mobile.
func (s *Service) bindNew(ctx context.Context, who Stranger, mobile, password string, code int64) (User, error) {
	bad := fault.Form()
	if checkPassword(bad, "password", password, mobile); bad.OrNil() != nil {
		return User{}, bad
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	u := User{Mobile: &mobile, Role: Shopper, CreatedAt: s.clock()}
	for range bindTries {
		u.Username = "u" + strings.ToLower(rand.Text()[:8])
		if u.Nickname = typed.Clip(tidyNickname(who.Nickname), maxNickname); u.Nickname == "" {
			u.Nickname = u.Username
		}
		err = s.bind(ctx, who, 0, func(tx *db.Tx) (int64, error) {
			if err := useCode(ctx, tx, "sms_code", code, u.CreatedAt); err != nil {
				return 0, err
			}
			u.ID, err = insertUser(ctx, tx, u, hash)
			return u.ID, err
		})
		if !db.IsDuplicate(err) {
			return u, err
		}
		if taken, lookErr := s.mobileTaken(ctx, mobile); lookErr != nil {
			return User{}, lookErr
		} else if taken { // registered at the same moment
			return User{}, changedMeanwhile()
		}
	}
	return User{}, err
}

// bind runs account, which creates or finds the user, and binds the stranger to that user, in one transaction.
func (s *Service) bind(ctx context.Context, who Stranger, userID int64, account func(tx *db.Tx) (int64, error)) error {
	now := s.clock()
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		id, err := account(tx)
		if err != nil {
			return err
		}
		return insertIdentity(ctx, tx, id, who, now)
	})
	if !db.IsDuplicate(err) {
		return err
	}
	if _, ownErr := s.ownerOf(ctx, who.Provider, who.AppID, who.Subject); userID == 0 && fault.Is(ownErr, fault.NotFound) {
		return err // not the identity but a unique field of the user
	}
	return s.boundFault(ctx, userID, who.Provider, who.AppID, who.Subject)
}
