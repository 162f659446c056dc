// Package account knows people: users, passwords, sessions, addresses.
package account

import (
	"context"
	"strings"
	"unicode"

	"dashop/store/account/oauth"
	"dashop/store/db"
	"dashop/store/limit"
	"dashop/store/sms"
)

// Options are what the service needs besides its database. The zero value serves a program that only makes and reads users.
type Options struct {
	// CaptchaAnswer makes the digits of each captcha; nil is the random source, and only tests have another.
	CaptchaAnswer func() string
	// SMS carries codes and notices to mobiles.
	SMS sms.Sender
	// Providers are the other ways to log in.
	Providers []oauth.Provider
	// BaseURL is how browsers reach the shop; providers lead back to it.
	BaseURL string
}

// Service answers for users, their sessions and their addresses. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	clock  db.Clock
	hasher hasher
	limits *limit.Counter
	opt    Options
	forget []func(ctx context.Context, tx *db.Tx, userID int64) error

	renamed []func(ctx context.Context, tx *db.Tx, userID int64) error
}

// New makes the service over a migrated database.
func New(d *db.DB, clock db.Clock, o Options) *Service {
	return &Service{db: d, clock: clock, hasher: newHasher(), limits: limit.New(d, clock), opt: o}
}

// CleanUp removes what has run out: sessions, captchas, codes, logins under way, and counts. It may run at any time, on any node.
func (s *Service) CleanUp(ctx context.Context) error {
	if _, err := s.CleanSessions(ctx); err != nil {
		return err
	}
	for _, t := range []struct{ table, key string }{{"captchas", "id"}, {"sms_codes", "id"}, {"oauth_states", "state_hash"}} {
		if _, err := s.db.DeleteDue(ctx, t.table, t.key, "expires_at", s.clock()); err != nil {
			return err
		}
	}
	return s.limits.Clean(ctx)
}

// tidy makes typed text fit to be kept: valid, without control characters, trimmed.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
