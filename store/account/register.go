package account

import (
	"context"
	"errors"
)

var errStub = errors.New("not built yet")

// Registration is the filled-in form of somebody new.
type Registration struct {
	Username, Mobile, SMSCode string
	Password, Password2       string
	Allow                     bool // the terms were agreed to
}

// Register makes a shopper. Wrong fields are named as in the form: username, mobile, sms_code, password, password2, allow.
func (s *Service) Register(ctx context.Context, r Registration) (User, error) {
	return User{}, errStub
}

// CheckUsername says as a fault of the field username why a name cannot be had; nil means that it is free.
func (s *Service) CheckUsername(ctx context.Context, name string, v Visit) error { return errStub }

// CheckMobile does the same for the field mobile. Both are limited by address: fault.TooMany.
func (s *Service) CheckMobile(ctx context.Context, mobile string, v Visit) error { return errStub }
