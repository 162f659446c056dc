package account

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"dashop/store/db"
	"dashop/store/fault"
)

// The lengths of a password in characters. At a login the length is checked before hashing, so that a long text cannot cause long
// work; it may be longer than a new password, for users who chose theirs when more was allowed.
const (
	minPassword = 8
	maxPassword = 64
	maxTyped    = 128
)

// checkPassword adds the faults of a new password. names are the user name and mobile of the account.
func checkPassword(bad *fault.Error, field, password string, names ...string) {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		bad.With(field, "密码要 %d 到 %d 位", minPassword, maxPassword)
		return
	}
	if isCommon(password) {
		bad.With(field, "这个密码太常见，很容易被猜到，请换一个")
	}
	for _, name := range names {
		if name != "" && strings.EqualFold(name, password) {
			bad.With(field, "密码不能和用户名或手机号一样")
		}
	}
}

// checkRepeat adds a fault when the repeated password differs.
func checkRepeat(bad *fault.Error, first, second string) {
	if first != second {
		bad.With("password2", "两次填写的密码不一样")
	}
}

var hashParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummyHash matches no password. It is checked where there is no user, so that the response time does not reveal that.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher bounds how many passwords are hashed concurrently: each takes 19 MiB and a whole core for some time.
type hasher struct{ slots chan struct{} }

func newHasher() hasher { return hasher{slots: make(chan struct{}, 2)} }

func (h hasher) enter(ctx context.Context) error {
	db.OutsideTx("a password is hashed")
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		e := fault.New(fault.Unavailable, 0, "现在人有点多，请稍后再试").Wrap(ctx.Err())
		e.RetryAfter = 5 * time.Second
		return e
	}
}

func (h hasher) leave() { <-h.slots }

// hash is the Argon2id hash of a password.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return argon2id.CreateHash(password, hashParams)
}

// matches says whether a password matches a hash, and whether the hash was made with other parameters than today's (stale). An
// unreadable hash matches nothing, at the same cost.
func (h hasher) matches(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	ok, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		_, _, err = argon2id.CheckHash(password, dummyHash)
		return false, false, err
	}
	return ok, *params != *hashParams, nil
}

// PasswordChange is the filled-in form. Wrong fields are named old_password, password, password2.
type PasswordChange struct{ Old, New, New2 string }

// ChangePassword sets a new password and ends all sessions of the user but the one with the id except.
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
		n, err := tx.Exec(ctx, "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND deleted_at IS NULL", hash,
			userID, u.Hash)
		if err == nil && n == 0 {
			return changedMeanwhile()
		}
		if err != nil {
			return fmt.Errorf("change password of user %d: %w", userID, err)
		}
		return endSessions(ctx, tx, userID, except)
	})
}

// ownPassword checks the password that a logged-in user has to repeat; a wrong one is a fault of the field. Tries are limited, so that
// nobody can guess it in a session left open: see ownAttempt.
func (s *Service) ownPassword(ctx context.Context, u userWithHash, field, password string) error {
	wrong := fault.Field(field, "密码不对")
	if len(password) > 4*maxTyped {
		return wrong
	}
	ok, _, err := s.verify(ctx, ownAttempt(u.ID), password, u.Hash, nil)
	if err == nil && !ok {
		return wrong
	}
	return err
}

// PasswordReset is the filled-in form of somebody who forgot. Wrong fields are named mobile, sms_code, password, password2.
type PasswordReset struct{ Mobile, SMSCode, New, New2 string }

// ResetPassword sets a new password for the user with this mobile and ends all sessions. A number without an account is answered like
// a wrong code.
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
	hash, err := s.hasher.hash(ctx, r.New) // before the lookup, so that it takes the same time when there is no such user
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

// changedMeanwhile is the fault when another request has changed the same account.
func changedMeanwhile() error {
	return fault.New(fault.Conflict, fault.CodeTooFast, "操作太快，请再试一次")
}

func mobileOf(u User) string {
	if u.Mobile == nil {
		return ""
	}
	return *u.Mobile
}

// commonText has the 10,000 most common passwords worldwide, a line each: the first of the list of github.com/trustelem/zxcvbn (see
// NOTICE). The whole list, with five of names and words, would be 3 MB of the program.
//
//go:embed common.txt
var commonText string

// chineseCommon are common in China and missing in the worldwide list.
var chineseCommon = []string{
	"woaini1314", "woaini520", "woaini521", "woaini123", "woaini5201314", "5201314520", "5201314a", "a5201314", "wo5201314",
	"aini1314", "iloveyou1314", "520520520", "52013145201314", "1314520520", "13145200", "zhang123", "wang1234", "li123456",
	"qq123456", "qq5201314", "q123456789", "a123456789", "a12345678", "aa123456", "aa123456789", "abc123456", "abc12345678",
	"asd123456", "qwe123456", "zxc123456", "w123456789", "123456789a", "123456789q", "12345678a", "1qaz2wsx3edc", "88888888",
	"888888888", "66666666", "11223344", "147258369", "1472583690", "159357456", "123123123", "12344321", "00000000", "wodemima",
	"mima1234", "woshishui", "tiantian", "xiaoming123", "admin123", "admin888", "password123", "dada1234",
}

// isCommon says whether a password is one of the common ones. Reading all of them takes some microseconds, and hashing the password
// a thousand times as long.
func isCommon(password string) bool {
	password = strings.ToLower(password)
	return strings.Contains(commonText, "\n"+password+"\n") || slices.Contains(chineseCommon, password)
}
