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

// SetNickname changes how a user is called. The wrong field is named nickname.
func (s *Service) SetNickname(ctx context.Context, userID int64, nickname string) error {
	_, err := s.SaveProfile(ctx, userID, nickname, "")
	return err
}

// SaveProfile changes how a user is called, and the stored path of the picture unless it is "", or neither. It returns the path of the
// picture that the user had before, or "": that is to be removed. The wrong field is named nickname.
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
		return s.tellRename(ctx, tx, userID)
	})
	if err != nil {
		return "", err
	}
	return replaced, nil
}

// setPicture sets a user's picture, unless it is "", and gives the one before.
func setPicture(ctx context.Context, tx *db.Tx, userID int64, picture string) (old string, err error) {
	if picture == "" {
		return "", nil
	}
	if err := tx.Get(ctx, &old, "SELECT avatar FROM users WHERE id = ?", userID); err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, "UPDATE users SET avatar = ? WHERE id = ? AND avatar = ?", picture, userID, old)
	if err == nil && n == 0 {
		return "", movedOn() // else a picture would be forgotten without being removed
	}
	if err != nil {
		return "", fmt.Errorf("set avatar of user %d: %w", userID, err)
	}
	return old, nil
}

// OnRename has a function called whenever a user takes another name or picture, in the same transaction. Like those of
// OnDelete it may run more than once. Call it before the service is used.
func (s *Service) OnRename(tell func(ctx context.Context, tx *db.Tx, userID int64) error) {
	s.renamed = append(s.renamed, tell)
}

func (s *Service) tellRename(ctx context.Context, tx *db.Tx, userID int64) error {
	sessionsChanged(tx)
	for _, tell := range s.renamed {
		if err := tell(ctx, tx, userID); err != nil {
			return err
		}
	}
	return nil
}

// tidyNickname takes out what cannot be seen, such as the marks that turn the direction of all text after them, and runs
// of blanks. The joiner stays, since it holds emoji together.
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

// ChangeMobile gives a user another mobile and has the old one told.
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
			if err := announce(ctx, tx, userID, old, now); err != nil {
				return err
			}
		}
		if err := useCode(ctx, tx, "sms_code", newCode, now); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE users SET mobile = ? WHERE id = ? AND COALESCE(mobile, '') = ? AND deleted_at IS NULL", mobile, userID, old)
		if err == nil && n == 0 {
			return movedOn()
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
