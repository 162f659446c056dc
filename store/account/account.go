// Package account knows people: users, passwords, sessions, addresses.
package account

import (
	"context"
	"log/slog"
	"net/netip"
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
	// Log gets what fails without anybody waiting for it; nil discards it.
	Log *slog.Logger
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
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d, clock: clock, hasher: newHasher(), limits: limit.New(d, clock), opt: o}
}

// Expired are the rows of the service that nobody needs once they have run out.
func (s *Service) Expired() []db.Expired {
	return []db.Expired{
		{Table: "sessions", Key: []string{"id_hash"}, At: "expires_at"},
		{Table: "captchas", Key: []string{"id"}, At: "expires_at"},
		{Table: "sms_codes", Key: []string{"id"}, At: "expires_at"},
		{Table: "oauth_states", Key: []string{"state_hash"}, At: "expires_at"},
		limit.Expired,
	}
}

// Visit is what the server knows of a browser that asks for something.
type Visit struct {
	Browser string // the token of its session; captchas and logins under way belong to it
	Address string // where it comes from
	Device  string // the mark of a browser on which this user has logged in before, or ""
}

// network is what is counted for an address: the address itself, or its /64 for IPv6, where one person has all of those.
func (v Visit) network() string {
	a, err := netip.ParseAddr(v.Address)
	if err != nil {
		return v.Address
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
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
