package account

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// PasswordChange is the filled-in form. Wrong fields are named old_password, password, password2.
type PasswordChange struct{ Old, New, New2 string }

// ChangePassword gives a user another password and ends all other sessions than the one with the id except.
func (s *Service) ChangePassword(ctx context.Context, userID int64, c PasswordChange, except string) error {
	u, err := s.withHash(ctx, userID)
	if err != nil {
		return err
	}
	bad := fault.Form()
	checkPassword(bad, "password", c.New, u.Username, mobileOf(u.User))
	checkRepeat(bad, c.New, c.New2)
	if c.New == c.Old {
		bad.With("password", "新密码不能和旧密码一样")
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if err := s.ownPassword(ctx, u, "old_password", c.Old); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, c.New)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND deleted_at IS NULL", hash, userID, u.Hash)
		if err == nil && n == 0 {
			return movedOn()
		}
		if err != nil {
			return fmt.Errorf("change password of user %d: %w", userID, err)
		}
		return endSessions(ctx, tx, userID, except)
	})
}

// ownPassword has somebody who is logged in give the password once more; a wrong one is a fault of the field. A session
// left open is no place to guess at it: see ownDoor.
func (s *Service) ownPassword(ctx context.Context, u userWithHash, field, typed string) error {
	wrong := fault.Field(field, "密码不对")
	if len(typed) > 4*maxTyped {
		return wrong
	}
	ok, _, err := s.try(ctx, ownDoor(u.ID), typed, u.Hash, nil)
	if err == nil && !ok {
		return wrong
	}
	return err
}

// PasswordReset is the filled-in form of somebody who forgot. Wrong fields are named mobile, sms_code, password, password2.
type PasswordReset struct{ Mobile, SMSCode, New, New2 string }

// ResetPassword gives the user with this mobile another password and ends all sessions. A number without an account is
// answered like a wrong code.
func (s *Service) ResetPassword(ctx context.Context, r PasswordReset) error {
	mobile, bad := digits(r.Mobile), fault.Form()
	checkMobile(bad, mobile)
	checkCode(bad, "sms_code", r.SMSCode)
	checkPassword(bad, "password", r.New, mobile)
	checkRepeat(bad, r.New, r.New2)
	if err := bad.OrNil(); err != nil {
		return err
	}
	code, err := s.tryCode(ctx, "sms_code", mobile, ForReset, r.SMSCode)
	if err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, r.New) // before anybody looks whose it will be: it takes the same time for nobody
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return resetPassword(ctx, tx, mobile, r.New, hash, code, s.clock()) })
}

func resetPassword(ctx context.Context, tx *db.Tx, mobile, password, hash string, code int64, now time.Time) error {
	if err := useCode(ctx, tx, "sms_code", code, now); err != nil {
		return err
	}
	var u User
	err := tx.Get(ctx, &u, "SELECT "+userColumns+" FROM users WHERE mobile = ?", mobile)
	if fault.Is(err, fault.NotFound) {
		return wrongCode("sms_code")
	}
	if err != nil {
		return err
	}
	bad := fault.Form()
	if checkPassword(bad, "password", password, u.Username); bad.OrNil() != nil {
		return bad
	}
	if _, err := tx.Exec(ctx, "UPDATE users SET password_hash = ? WHERE id = ?", hash, u.ID); err != nil {
		return fmt.Errorf("reset password of user %d: %w", u.ID, err)
	}
	return endSessions(ctx, tx, u.ID, "")
}

// movedOn is the fault of somebody who was overtaken by another request of the same account.
func movedOn() error {
	return fault.New(fault.Conflict, fault.CodeTooFast, "操作太快，请再试一次")
}

func mobileOf(u User) string {
	if u.Mobile == nil {
		return ""
	}
	return *u.Mobile
}
