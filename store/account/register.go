package account

import (
	"context"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Registration is the filled-in form of a new user.
type Registration struct {
	Username, Mobile, SMSCode string
	Password, Password2       string
	Allow                     bool // the terms were accepted
}

// Register creates a shopper. Wrong fields are named as in the form: username, mobile, sms_code, password, password2, allow.
func (s *Service) Register(ctx context.Context, r Registration) (User, error) {
	u, err := s.checkRegistration(r)
	if err != nil {
		return User{}, err
	}
	code, err := s.tryCode(ctx, "sms_code", *u.Mobile, ForRegister, r.SMSCode)
	if err != nil {
		return User{}, err
	}
	// Only after the code: otherwise anybody could use this form to find out which names exist.
	if err := s.usernameFree(ctx, u.Username); err != nil {
		return User{}, err
	}
	if err := s.mobileFree(ctx, *u.Mobile); err != nil {
		return User{}, err
	}
	hash, err := s.hasher.hash(ctx, r.Password)
	if err != nil {
		return User{}, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := useCode(ctx, tx, "sms_code", code, u.CreatedAt); err != nil {
			return err
		}
		u.ID, err = insertUser(ctx, tx, u, hash)
		return err
	})
	if db.IsDuplicate(err) {
		return User{}, s.takenFault(ctx, u)
	}
	return u, err
}

// checkRegistration collects the faults that a form has by itself.
func (s *Service) checkRegistration(r Registration) (User, error) {
	bad, mobile := fault.Form(), digits(r.Mobile)
	name := normalName(r.Username)
	u := User{Username: name, Nickname: name, Mobile: &mobile, Role: Shopper, CreatedAt: s.clock()}
	checkUsername(bad, name)
	checkMobile(bad, mobile)
	checkPassword(bad, "password", r.Password, name, mobile)
	checkRepeat(bad, r.Password, r.Password2)
	checkCode(bad, "sms_code", r.SMSCode)
	if !r.Allow {
		bad.With("allow", "请先阅读并同意服务条款和隐私政策")
	}
	return u, bad.OrNil()
}

// CheckUsername says as a fault of the field username why a name cannot be used; nil means that it is free.
func (s *Service) CheckUsername(ctx context.Context, name string, v Client) error {
	bad := fault.Form()
	if checkUsername(bad, normalName(name)); bad.OrNil() != nil {
		return bad
	}
	if err := s.allow(ctx, checkLimit(v), checkRule); err != nil {
		return err
	}
	return s.usernameFree(ctx, normalName(name))
}

// CheckMobile does the same for the field mobile. Both are limited by address: fault.TooMany.
func (s *Service) CheckMobile(ctx context.Context, mobile string, v Client) error {
	bad := fault.Form()
	if checkMobile(bad, digits(mobile)); bad.OrNil() != nil {
		return bad
	}
	if err := s.allow(ctx, checkLimit(v), checkRule); err != nil {
		return err
	}
	return s.mobileFree(ctx, digits(mobile))
}

func checkMobile(bad *fault.Error, mobile string) {
	if !mobileForm.MatchString(mobile) {
		bad.With("mobile", "请填写 11 位手机号")
	}
}

func checkCode(bad *fault.Error, field, answer string) {
	if !codeForm.MatchString(typed.Digits(answer)) {
		bad.With(field, "请填写短信里的 6 位验证码")
	}
}
