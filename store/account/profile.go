package account

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

// maxNickname is how many characters a nickname may have.
const maxNickname = 20

// SetNickname changes a user's nickname. The wrong field is named nickname.
func (s *Service) SetNickname(ctx context.Context, userID int64, nickname string) error {
	_, err := s.SaveProfile(ctx, userID, nickname, "")
	return err
}

// SaveProfile changes a user's nickname and, unless it is "", the stored path of the picture, or neither. It returns the path of the
// picture that was replaced, or "", for the caller to remove. The wrong field is named nickname.
func (s *Service) SaveProfile(ctx context.Context, userID int64, nickname, picture string) (replaced string, err error) {
	nickname = tidyNickname(nickname)
	if n := utf8.RuneCountInString(nickname); n < 1 || n > maxNickname {
		return "", fault.Field("nickname", "昵称要 1 到 %d 个字", maxNickname)
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := Hold(ctx, tx, userID); err != nil {
			return err
		}
		if replaced, err = setPicture(ctx, tx, userID, picture); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE users SET nickname = ? WHERE id = ? AND deleted_at IS NULL", nickname, userID)
		if err == nil && n == 0 {
			return fault.Missing()
		}
		if err != nil {
			return fmt.Errorf("name user %d: %w", userID, err)
		}
		return s.runOnRename(ctx, tx, userID)
	})
	if err != nil {
		return "", err
	}
	return replaced, nil
}

// setPicture sets a user's picture, unless it is "", and returns the previous one.
func setPicture(ctx context.Context, tx *db.Tx, userID int64, picture string) (old string, err error) {
	if picture == "" {
		return "", nil
	}
	if err := tx.Get(ctx, &old, "SELECT avatar FROM users WHERE id = ?", userID); err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, "UPDATE users SET avatar = ? WHERE id = ? AND avatar = ?", picture, userID, old)
	if err == nil && n == 0 {
		return "", changedMeanwhile() // otherwise the replaced picture would never be removed
	}
	if err != nil {
		return "", fmt.Errorf("set avatar of user %d: %w", userID, err)
	}
	return old, nil
}

// OnRename registers a function that runs whenever a user changes nickname or picture, in the same transaction. Like those of OnDelete
// it may run more than once. Call it before the service is used.
func (s *Service) OnRename(tell func(ctx context.Context, tx *db.Tx, userID int64) error) {
	s.onRename = append(s.onRename, tell)
}

func (s *Service) runOnRename(ctx context.Context, tx *db.Tx, userID int64) error {
	tx.Changed(userNamed(userID))
	for _, tell := range s.onRename {
		if err := tell(ctx, tx, userID); err != nil {
			return err
		}
	}
	return nil
}

// tidyNickname removes invisible characters, such as those that reverse the direction of text, and repeated white space. The zero-width
// joiner stays, since emoji need it.
func tidyNickname(s string) string {
	const joiner = '\u200d'
	seen := false
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != joiner {
			return -1
		}
		seen = seen || unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r)
		return r
	}, tidy(s))
	if !seen {
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// MobileChange is the filled-in form: a code sent to the old number, where the user has one, else the password; and the
// new number with a code sent there. Wrong fields are named old_sms_code, password, mobile, sms_code.
type MobileChange struct{ OldCode, Password, Mobile, Code string }

// ChangeMobile changes a user's mobile and queues a notice to the old one.
func (s *Service) ChangeMobile(ctx context.Context, userID int64, c MobileChange) error {
	u, err := s.withHash(ctx, userID)
	if err != nil {
		return err
	}
	old, mobile := mobileOf(u.User), digits(c.Mobile)
	if err := checkMobileChange(c, old, mobile); err != nil {
		return err
	}
	var oldCode int64
	if old == "" {
		err = s.ownPassword(ctx, u, "password", c.Password)
	} else {
		oldCode, err = s.tryCode(ctx, "old_sms_code", old, ForOldMobile, c.OldCode)
	}
	if err != nil {
		return err
	}
	newCode, err := s.tryCode(ctx, "sms_code", mobile, ForMobile, c.Code)
	if err != nil {
		return err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if old != "" {
			if err := useCode(ctx, tx, "old_sms_code", oldCode, now); err != nil {
				return err
			}
			if err := notifyOldMobile(ctx, tx, userID, old, now); err != nil {
				return err
			}
		}
		if err := useCode(ctx, tx, "sms_code", newCode, now); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE users SET mobile = ? WHERE id = ? AND COALESCE(mobile, '') = ? AND deleted_at IS NULL", mobile,
			userID, old)
		if err == nil && n == 0 {
			return changedMeanwhile()
		}
		return err
	})
	if db.IsDuplicate(err) {
		return mobileTakenFault()
	}
	return err
}

func checkMobileChange(c MobileChange, old, mobile string) error {
	bad := fault.Form()
	checkMobile(bad, mobile)
	if mobile == old {
		bad.With("mobile", "这就是您现在的手机号")
	}
	checkCode(bad, "sms_code", c.Code)
	if old != "" {
		checkCode(bad, "old_sms_code", c.OldCode)
	}
	return bad.OrNil()
}
