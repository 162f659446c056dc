package account

import "context"

// PasswordChange is the filled-in form. Wrong fields are named old_password, password, password2.
type PasswordChange struct{ Old, New, New2 string }

// ChangePassword gives a user another password and ends all other sessions than the one with the id except.
func (s *Service) ChangePassword(ctx context.Context, userID int64, c PasswordChange, except string) error {
	return errStub
}

// PasswordReset is the filled-in form of somebody who forgot. Wrong fields are named mobile, sms_code, password, password2.
type PasswordReset struct{ Mobile, SMSCode, New, New2 string }

// ResetPassword gives the user with this mobile another password and ends all sessions. A number without an account is
// answered like a wrong code.
func (s *Service) ResetPassword(ctx context.Context, r PasswordReset) error { return errStub }
