package account

import "context"

// SetNickname changes how a user is called. The wrong field is named nickname.
func (s *Service) SetNickname(ctx context.Context, userID int64, nickname string) error {
	return errStub
}

// SetAvatar keeps the stored path of a user's picture and returns the one that it had, which is to be removed.
func (s *Service) SetAvatar(ctx context.Context, userID int64, stored string) (old string, err error) {
	return "", errStub
}

// MobileChange is the filled-in form: a code sent to the old number, where the user has one, else the password; and the
// new number with a code sent there. Wrong fields are named old_sms_code, password, mobile, sms_code.
type MobileChange struct{ OldCode, Password, Mobile, Code string }

// ChangeMobile gives a user another mobile and has the old one told.
func (s *Service) ChangeMobile(ctx context.Context, userID int64, c MobileChange) error {
	return errStub
}

// DeleteUser deletes an account after its password was given (field password): everything personal goes, orders stay without the person,
// and all sessions end. What other rooms know of the person goes by the functions given to OnDelete, in the same transaction.
func (s *Service) DeleteUser(ctx context.Context, userID int64, password string) error {
	return errStub
}
