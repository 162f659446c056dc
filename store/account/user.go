package account

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

// Role says what a user may do in /admin.
type Role string

// The roles: a shopper may not use /admin, the others work for the merchant.
const (
	Shopper   Role = "shopper"
	Owner     Role = "owner"     // everything
	Staff     Role = "staff"     // orders, goods, money
	Support   Role = "support"   // sees orders, handles no money
	Publisher Role = "publisher" // sees the orders and sales of its own products only
)

// Roles are all roles.
var Roles = []Role{Shopper, Owner, Staff, Support, Publisher}

// User is a person with an account.
type User struct {
	ID        int64     `db:"id"`
	Username  string    `db:"username"`
	Mobile    *string   `db:"mobile"`
	Nickname  string    `db:"nickname"`
	Avatar    string    `db:"avatar"`
	Role      Role      `db:"role"`
	Disabled  bool      `db:"disabled"`
	CreatedAt time.Time `db:"created_at"`
}

// NewUser is a user to create. Mobile, Nickname and Avatar may be empty; an empty Role is Shopper.
type NewUser struct {
	Username, Mobile, Nickname, Avatar, Password string
	Role                                         Role
}

var (
	usernameForm = regexp.MustCompile(`^[a-z0-9_]{5,20}$`)
	onlyDigits   = regexp.MustCompile(`^[0-9]*$`)
	mobileForm   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

const userColumns = "id, username, mobile, nickname, avatar, role, disabled, created_at"

// CreateUser creates a user. A user name is stored in lower case and is not all digits, since one can log in by mobile too.
func (s *Service) CreateUser(ctx context.Context, in NewUser) (User, error) {
	u, err := s.checkUser(in)
	if err != nil {
		return User{}, err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return User{}, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		u.ID, err = insertUser(ctx, tx, u, hash)
		return err
	})
	if db.IsDuplicate(err) {
		return User{}, s.takenFault(ctx, u)
	}
	return u, err
}

func (s *Service) checkUser(in NewUser) (User, error) {
	bad := fault.Form()
	u := User{
		Username: normalName(in.Username), Nickname: tidy(in.Nickname), Avatar: in.Avatar, Role: in.Role, CreatedAt: s.clock(),
	}
	checkUsername(bad, u.Username)
	if m := digits(in.Mobile); m != "" {
		if !mobileForm.MatchString(m) {
			bad.With("mobile", "请填写 11 位手机号")
		}
		u.Mobile = &m
	}
	checkPassword(bad, "password", in.Password, u.Username, digits(in.Mobile))
	if u.Nickname == "" {
		u.Nickname = u.Username
	}
	if utf8.RuneCountInString(u.Nickname) > 40 {
		bad.With("nickname", "昵称最多 %d 个字", 40)
	}
	if u.Role == "" {
		u.Role = Shopper
	}
	return u, bad.OrNil()
}

func checkUsername(bad *fault.Error, name string) {
	switch {
	case !usernameForm.MatchString(name):
		bad.With("username", "用户名是 5 到 20 个字母、数字或下划线")
	case onlyDigits.MatchString(name):
		bad.With("username", "用户名不能全是数字")
	}
}

func insertUser(ctx context.Context, tx *db.Tx, u User, hash string) (int64, error) {
	return tx.Insert(ctx, `INSERT INTO users (username, mobile, nickname, avatar, password_hash, role, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, u.Username, u.Mobile, u.Nickname, u.Avatar, hash, u.Role, u.Disabled, u.CreatedAt)
}

// takenFault says which of the two unique fields another user has.
func (s *Service) takenFault(ctx context.Context, u User) error {
	if err := s.usernameFree(ctx, u.Username); err != nil {
		return err
	}
	return mobileTakenFault()
}

// usernameFree is a fault of the field username when somebody has that name.
func (s *Service) usernameFree(ctx context.Context, name string) error {
	var n int
	err := s.db.Get(ctx, &n, "SELECT COUNT(*) FROM users WHERE username = ?", name)
	if err == nil && n > 0 {
		return fault.Field("username", "这个用户名已经有人用了")
	}
	return err
}

// mobileFree is a fault of the field mobile when somebody has that number.
func (s *Service) mobileFree(ctx context.Context, mobile string) error {
	taken, err := s.mobileTaken(ctx, mobile)
	if err == nil && taken {
		return mobileTakenFault()
	}
	return err
}

func (s *Service) mobileTaken(ctx context.Context, mobile string) (bool, error) {
	var n int
	err := s.db.Get(ctx, &n, "SELECT COUNT(*) FROM users WHERE mobile = ?", mobile)
	return n > 0, err
}

func mobileTakenFault() error { return fault.Field("mobile", "这个手机号已经注册过") }

// User returns a user by id.
func (s *Service) User(ctx context.Context, id int64) (User, error) {
	var u User
	err := s.db.Get(ctx, &u, "SELECT "+userColumns+" FROM users WHERE id = ?", id)
	return u, err
}

// UserByName returns a user by user name, for the command line; deleted users have none.
func (s *Service) UserByName(ctx context.Context, username string) (User, error) {
	var u User
	err := s.db.Get(ctx, &u, "SELECT "+userColumns+" FROM users WHERE username = ? AND deleted_at IS NULL", normalName(username))
	return u, err
}

// Disable blocks a user, or unblocks one; a disabled user's sessions end at once. The last owner cannot be disabled.
func (s *Service) Disable(ctx context.Context, id int64, disabled bool) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if disabled {
			if err := keepOneOwner(ctx, tx, id, lastOwner()); err != nil {
				return err
			}
		}
		tx.Changed(userNamed(id))
		rows, err := tx.Exec(ctx, "UPDATE users SET disabled = ? WHERE id = ? AND deleted_at IS NULL", disabled, id)
		if err == nil && rows == 0 {
			return fault.Missing()
		}
		return err
	})
}

func lastOwner() *fault.Error {
	return fault.New(fault.Conflict, 0, "这是最后一位店主，请先让别人也成为店主")
}

// SetRole changes a user's role and ends the user's sessions, which began under the old one. The last owner stays one.
func (s *Service) SetRole(ctx context.Context, id int64, role Role) error {
	switch role {
	case Shopper, Owner, Staff, Support, Publisher:
	default:
		return fault.Field("role", "没有这个角色")
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if role != Owner {
			if err := keepOneOwner(ctx, tx, id, lastOwner()); err != nil {
				return err
			}
		}
		rows, err := tx.Exec(ctx, "UPDATE users SET role = ? WHERE id = ? AND deleted_at IS NULL", role, id)
		if err == nil && rows == 0 {
			return fault.Missing()
		}
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, id, "")
	})
}

type userWithHash struct {
	User
	Hash string `db:"password_hash"`
}

// withHash returns a user who is not deleted, with the hash of the password.
func (s *Service) withHash(ctx context.Context, id int64) (u userWithHash, err error) {
	err = s.db.Get(ctx, &u, "SELECT "+userColumns+", password_hash FROM users WHERE id = ? AND deleted_at IS NULL", id)
	return u, err
}

// renewHash replaces the hash of a password by one with today's parameters, unless the password was changed meanwhile.
func (s *Service) renewHash(ctx context.Context, id int64, password, old string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?", hash, id, old); err != nil {
		return fmt.Errorf("renew password hash of user %d: %w", id, err)
	}
	return nil
}

func normalName(s string) string { return strings.ToLower(tidy(s)) }

// digits removes spaces and dashes from a number as people write it.
func digits(s string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(tidy(s))
}
