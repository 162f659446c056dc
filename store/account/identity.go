package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"dashop/store/account/oauth"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// Limits of logins with a provider.
const (
	stateLife    = 10 * time.Minute
	strangerLife = 15 * time.Minute
	providerWait = 6 * time.Second
	maxNext      = 500
)

// Identity is who a user is at a provider.
type Identity struct {
	Provider  string    `db:"provider"`
	Nickname  string    `db:"nickname"`
	CreatedAt time.Time `db:"created_at"`
}

// Stranger is somebody whom a provider has identified and who is bound to no account yet.
type Stranger struct {
	Provider, AppID, Subject, Nickname string
	Next                               string
	Until                              time.Time // when it expires
}

// Arrival is the result of a login with a provider: a known user, or a logged-in user who has now linked this identity (Linked), or a
// stranger to be bound.
type Arrival struct {
	User     *User
	Linked   bool
	Stranger *Stranger
	Next     string
}

// Providers are the names of the configured providers, such as alipay and qq.
func (s *Service) Providers() []string {
	names := make([]string, len(s.opt.Providers))
	for i, p := range s.opt.Providers {
		names[i] = p.Name()
	}
	return names
}

func (s *Service) provider(name string) (oauth.Provider, error) {
	for _, p := range s.opt.Providers {
		if p.Name() == name {
			return p, nil
		}
	}
	return nil, fault.Missing()
}

// redirect is the address to which a provider sends the browser back.
func (s *Service) redirect(p oauth.Provider) string {
	return strings.TrimSuffix(s.opt.BaseURL, "/") + "/oauth/" + p.Name() + "/callback"
}

// BeginOAuth records a login that begins and returns the provider's address to go to. userID is who is logged in, or 0.
func (s *Service) BeginOAuth(ctx context.Context, provider string, v Client, userID int64, next string) (string, error) {
	p, err := s.provider(provider)
	if err != nil {
		return "", err
	}
	if v.Browser == "" {
		return "", errors.New("a login belongs to a browser, and none was named")
	}
	if err := s.allow(ctx, oauthLimit(v), oauthRule); err != nil {
		return "", err
	}
	if len(next) > maxNext {
		next = ""
	}
	state := rand.Text()
	_, err = s.db.Exec(ctx, "INSERT INTO oauth_states (state_hash, browser, provider, user_id, next, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		hashID(state), hashID(v.Browser), p.Name(), userID, next, s.clock().Add(stateLife))
	if err != nil {
		return "", fmt.Errorf("note a login by %s: %w", p.Name(), err)
	}
	return p.AuthURL(state, s.redirect(p)), nil
}

// EndOAuth handles the callback of a login: its state must belong to this browser and is valid once. It asks the provider who the
// person is. Faults say what to tell the person.
func (s *Service) EndOAuth(ctx context.Context, provider string, v Client, userID int64, query url.Values) (Arrival, error) {
	p, err := s.provider(provider)
	if err != nil {
		return Arrival{}, err
	}
	next, err := s.takeState(ctx, p, v, userID, query.Get("state"))
	if err != nil {
		return Arrival{}, err
	}
	who, err := s.ask(ctx, p, query)
	if err != nil {
		return Arrival{}, err
	}
	owner, err := s.ownerOf(ctx, p.Name(), p.AppID(), who.Subject)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return Arrival{}, err
	case userID != 0:
		u, err := s.link(ctx, p, userID, who)
		return Arrival{User: u, Linked: true, Next: next}, err
	case err != nil:
		return Arrival{Next: next, Stranger: &Stranger{
			Provider: p.Name(), AppID: p.AppID(), Subject: who.Subject, Nickname: typed.Clip(tidyNickname(who.Nickname), maxNickname),
			Next: next, Until: s.clock().Add(strangerLife),
		}}, nil
	case owner.Disabled:
		return Arrival{}, accountDisabled()
	}
	return Arrival{User: &owner, Next: next}, nil
}

// takeState deletes the state that came back and returns where the person was going. Only the request that deletes it succeeds, so an
// intercepted address is useless, whatever the provider says afterwards.
func (s *Service) takeState(ctx context.Context, p oauth.Provider, v Client, userID int64, state string) (next string, err error) {
	over := fault.New(fault.Invalid, 0, "登录已过期，请重新开始")
	if state == "" || v.Browser == "" {
		return "", over
	}
	var row struct {
		UserID int64  `db:"user_id"`
		Next   string `db:"next"`
	}
	now := s.clock()
	err = s.db.Get(ctx, &row, "SELECT user_id, next FROM oauth_states WHERE state_hash = ? AND browser = ? AND provider = ? AND expires_at > ?",
		hashID(state), hashID(v.Browser), p.Name(), now)
	if fault.Is(err, fault.NotFound) {
		return "", over
	}
	if err != nil {
		return "", err
	}
	n, err := s.db.Exec(ctx, "DELETE FROM oauth_states WHERE state_hash = ?", hashID(state))
	if err != nil {
		return "", err
	}
	// Somebody may have logged in or out in this browser meanwhile: then it is unknown whose login this is.
	if n == 0 || row.UserID != userID {
		return "", over
	}
	return row.Next, nil
}

// ask asks a provider who the person is.
func (s *Service) ask(ctx context.Context, p oauth.Provider, query url.Values) (oauth.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, providerWait)
	defer cancel()
	who, err := p.Person(ctx, query, s.redirect(p))
	switch {
	case errors.Is(err, oauth.ErrCancelled):
		return who, fault.New(fault.Invalid, 0, "您取消了登录").Wrap(err)
	case errors.Is(err, oauth.ErrRefused), err == nil && (who.Subject == "" || len(who.Subject) > 128):
		return who, fault.New(fault.Invalid, 0, "登录没有成功，请重新开始").Wrap(err)
	case err != nil:
		e := fault.New(fault.Unavailable, 0, "暂时连不上对方的登录服务，请稍后再试").Wrap(err)
		e.RetryAfter = 5 * time.Second
		return who, e
	}
	return who, nil
}

// ownerOf is the user whose identity this is.
func (s *Service) ownerOf(ctx context.Context, provider, appID, subject string) (u User, err error) {
	err = s.db.Get(ctx, &u, `SELECT u.id, u.username, u.mobile, u.nickname, u.avatar, u.role, u.disabled, u.created_at
		FROM identities i JOIN users u ON u.id = i.user_id WHERE i.provider = ? AND i.app_id = ? AND i.subject = ?`, provider, appID,
		subject)
	return u, err
}

// link binds an identity to a user who is logged in. Repeating it changes nothing.
func (s *Service) link(ctx context.Context, p oauth.Provider, userID int64, who oauth.Person) (*User, error) {
	u, err := s.withHash(ctx, userID)
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, accountDisabled()
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return insertIdentity(ctx, tx, userID, Stranger{Provider: p.Name(), AppID: p.AppID(), Subject: who.Subject,
			Nickname: who.Nickname}, now)
	})
	if db.IsDuplicate(err) {
		if err := s.boundFault(ctx, userID, p.Name(), p.AppID(), who.Subject); err != nil {
			return nil, err
		}
		return &u.User, nil
	}
	return &u.User, err
}

func insertIdentity(ctx context.Context, tx *db.Tx, userID int64, who Stranger, now time.Time) error {
	_, err := tx.Exec(ctx, "INSERT INTO identities (user_id, provider, app_id, subject, nickname, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		userID, who.Provider, who.AppID, who.Subject, typed.Clip(tidyNickname(who.Nickname), 60), now)
	return err
}

// boundFault says why an identity could not be bound to a user; nil when it is bound to that user already.
func (s *Service) boundFault(ctx context.Context, userID int64, provider, appID, subject string) error {
	owner, err := s.ownerOf(ctx, provider, appID, subject)
	switch {
	case err == nil && owner.ID == userID:
		return nil
	case err == nil:
		return fault.New(fault.Conflict, 0, "它已经绑定了另一个账号，请先在那个账号里解绑")
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.Conflict, 0, "此账号已经绑定了另一个同类账号，请先解绑")
	}
	return err
}

// Identities returns a user's identities.
func (s *Service) Identities(ctx context.Context, userID int64) ([]Identity, error) {
	var list []Identity
	err := s.db.Select(ctx, &list, "SELECT provider, nickname, created_at FROM identities WHERE user_id = ? ORDER BY created_at, id",
		userID)
	return list, err
}

// Unbind removes an identity from a user, as long as another way to log in remains.
func (s *Service) Unbind(ctx context.Context, userID int64, provider string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		// Writing to the user's row makes concurrent calls wait, so that the second sees what the first left.
		n, err := tx.Exec(ctx, "UPDATE users SET nickname = nickname WHERE id = ? AND deleted_at IS NULL", userID)
		if err == nil && n == 0 {
			return fault.Missing()
		}
		if err != nil {
			return err
		}
		var ways int
		err = tx.Get(ctx, &ways, `SELECT (SELECT COUNT(*) FROM users WHERE id = ? AND password_hash <> '') +
			(SELECT COUNT(*) FROM identities WHERE user_id = ? AND provider <> ?)`, userID, userID, provider)
		if err != nil {
			return err
		}
		n, err = tx.Exec(ctx, "DELETE FROM identities WHERE user_id = ? AND provider = ?", userID, provider)
		switch {
		case err != nil:
			return err
		case n == 0:
			return fault.Missing()
		case ways == 0:
			return fault.New(fault.Conflict, 0, "这是您唯一的登录方式，请先设置密码")
		}
		return nil
	})
}
