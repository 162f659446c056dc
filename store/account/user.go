package account

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

// NewUser is what it takes to make a user. Mobile, Nickname and Avatar may be empty; an empty Role is Shopper.
type NewUser struct {
	Username, Mobile, Nickname, Avatar, Password string
	Role                                         Role
}

var (
	usernameForm = regexp.MustCompile(`^[a-z0-9_-]{5,20}$`)
	mobileForm   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

const userColumns = "id, username, mobile, nickname, avatar, role, disabled, created_at"

// CreateUser adds a user. A user name is kept in small letters and may not look like a mobile number, since one can log in by either.
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
	bad := &fault.Error{Kind: fault.Invalid, Text: fault.Text{Msg: "请检查标出的内容"}}
	u := User{
		Username: normalName(in.Username), Nickname: tidy(in.Nickname), Avatar: in.Avatar, Role: in.Role, CreatedAt: s.clock(),
	}
	if !usernameForm.MatchString(u.Username) || mobileForm.MatchString(u.Username) {
		bad.With("username", "用户名是 5 到 20 个字母、数字、下划线或短横")
	}
	if m := digits(in.Mobile); m != "" {
		if !mobileForm.MatchString(m) {
			bad.With("mobile", "请填写 11 位手机号")
		}
		u.Mobile = &m
	}
	if n := utf8.RuneCountInString(in.Password); n < minPassword || n > maxPassword {
		bad.With("password", "密码要 %d 到 %d 位", minPassword, maxPassword)
	}
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

func insertUser(ctx context.Context, tx *db.Tx, u User, hash string) (int64, error) {
	return tx.Insert(ctx, `INSERT INTO users (username, mobile, nickname, avatar, password_hash, role, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, u.Username, u.Mobile, u.Nickname, u.Avatar, hash, u.Role, u.Disabled, u.CreatedAt)
}

// takenFault says which of the two unique fields another user has.
func (s *Service) takenFault(ctx context.Context, u User) error {
	var n int
	if err := s.db.Get(ctx, &n, "SELECT COUNT(*) FROM users WHERE username = ?", u.Username); err != nil {
		return err
	}
	if n > 0 {
		return fault.Field("username", "这个用户名已经有人用了")
	}
	return fault.Field("mobile", "这个手机号已经注册过")
}

// User finds a user by id.
func (s *Service) User(ctx context.Context, id int64) (User, error) {
	var u User
	err := s.db.Get(ctx, &u, "SELECT "+userColumns+" FROM users WHERE id = ?", id)
	return u, err
}

// Disable shuts a user out, or lets the user in again; a disabled user's sessions count as ended at once.
func (s *Service) Disable(ctx context.Context, id int64, disabled bool) error {
	rows, err := s.db.Exec(ctx, "UPDATE users SET disabled = ? WHERE id = ?", disabled, id)
	if err == nil && rows == 0 {
		return fault.Missing()
	}
	return err
}

// Login finds the user with this name, or mobile number, and password. Whether the name or the password was wrong shows
// neither in the answer nor in the time it takes.
func (s *Service) Login(ctx context.Context, t LoginTry) (User, error) {
	name, password := t.Name, t.Password
	wrong := fault.New(fault.Invalid, 0, "用户名或密码不对")
	if utf8.RuneCountInString(password) > maxPassword || len(name) > 200 {
		return User{}, wrong
	}
	u, err := s.credentials(ctx, name)
	if err != nil {
		return User{}, err
	}
	ok, stale, err := s.hasher.matches(ctx, password, u.Hash)
	if err != nil {
		return User{}, err
	}
	if !ok || u.ID == 0 {
		return User{}, wrong
	}
	if u.Disabled {
		return User{}, fault.New(fault.Invalid, 0, "此账号已停用，请联系客服")
	}
	if stale {
		return u.User, s.setPassword(ctx, u.ID, password)
	}
	return u.User, nil
}

type userWithHash struct {
	User
	Hash string `db:"password_hash"`
}

// credentials are those of a user, or the dummy hash for nobody.
func (s *Service) credentials(ctx context.Context, name string) (userWithHash, error) {
	column, key := "username", normalName(name)
	if m := digits(name); mobileForm.MatchString(m) {
		column, key = "mobile", m
	}
	var u userWithHash
	err := s.db.Get(ctx, &u, "SELECT "+userColumns+", password_hash FROM users WHERE "+column+" = ?", key)
	if fault.Is(err, fault.NotFound) {
		return userWithHash{Hash: dummyHash}, nil
	}
	return u, err
}

func (s *Service) setPassword(ctx context.Context, id int64, password string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, "UPDATE users SET password_hash = ? WHERE id = ?", hash, id); err != nil {
		return fmt.Errorf("renew password hash of user %d: %w", id, err)
	}
	return nil
}

func normalName(s string) string { return strings.ToLower(tidy(s)) }

// digits takes the spaces and dashes out of a number as people write it.
func digits(s string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(tidy(s))
}
