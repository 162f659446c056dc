// Package account manages users, passwords, sessions and addresses.
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

// Options are what the service needs besides its database. The zero value is enough for a program that only makes and reads users.
type Options struct {
	// CaptchaAnswer makes the digits of each captcha; nil means random ones, and only tests set it.
	CaptchaAnswer func() string
	// SMS sends codes and notices to mobiles; nil means that the shop sends none.
	SMS sms.Sender
	// Providers are the other ways to log in.
	Providers []oauth.Provider
	// BaseURL is how browsers reach the shop; providers redirect back to it.
	BaseURL string
	// Log gets what fails without anybody waiting for it; nil discards it.
	Log *slog.Logger
}

// Service manages users, their sessions and their addresses. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	clock    db.Clock
	hasher   hasher
	limits   *limit.Counter
	opt      Options
	onDelete []func(ctx context.Context, tx *db.Tx, userID int64) error

	onRename []func(ctx context.Context, tx *db.Tx, userID int64) error
}

// New makes the service over a migrated database.
func New(d *db.DB, clock db.Clock, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d, clock: clock, hasher: newHasher(), limits: limit.New(d, clock), opt: o}
}

// Expired are the rows of the service that can be deleted once they have expired.
func (s *Service) Expired() []db.Expired {
	return []db.Expired{
		{Table: "sessions", Key: []string{"id_hash"}, At: "expires_at"},
		{Table: "captchas", Key: []string{"id"}, At: "expires_at"},
		{Table: "sms_codes", Key: []string{"id"}, At: "expires_at"},
		{Table: "oauth_states", Key: []string{"state_hash"}, At: "expires_at"},
		limit.Expired,
	}
}

// Client is what the server knows of a browser that sends a request.
type Client struct {
	Browser string // the token of its session; captchas and unfinished logins belong to it
	Address string // where it comes from
	Device  string // the mark of a browser on which this user has logged in before, or ""
}

// network is what is counted for an address: the address itself, or its /64 for IPv6, where one person has all of those.
func (v Client) network() string {
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

// tidy prepares typed text for the database: valid UTF-8, without control characters, trimmed.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
