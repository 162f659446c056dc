// Package oauth logs people in with Alipay and with QQ.
//
// Both deviate from OAuth 2: Alipay's calls are signed and have parameters of their own, QQ answers errors with status 200 as a script
// and wants the token's app compared. golang.org/x/oauth2 supports neither and would only save building two addresses; so it is not used.
package oauth

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Person is who a provider says has logged in.
type Person struct {
	Subject  string // identifies the person for this app, at this provider; 1-128 of letters, digits, _ and -
	Nickname string // not an identity; at most 32 characters, may be empty, may hold anything: escape it
}

// Provider is a way to log in. The caller draws state, binds it to the browser's session, and compares it once before it asks for the
// Person.
type Provider interface {
	// Name is "alipay" or "qq", as in the address.
	Name() string
	// AppID is the app that a Subject belongs to: identities are kept as (name, app, subject).
	AppID() string
	// AuthURL is where the browser goes to ask the person; redirect is where it comes back to.
	AuthURL(state, redirect string) string
	// Person reads the query of a callback and asks the provider who came; redirect is the same as in AuthURL. It is ErrCancelled when the
	// person said no and ErrRefused when the code is no good; after any other error it may be tried again, from the start, since a code
	// is good once. A missing nickname is no error. It takes 10 s at most.
	Person(ctx context.Context, query url.Values, redirect string) (Person, error)
}

// Errors that trying the same again will not change. No error of this package contains a code, a token or a secret.
var (
	ErrCancelled = errors.New("oauth: the person said no")
	ErrRefused   = errors.New("oauth: refused")
)

// Limits of a callback.
const (
	personTimeout = 10 * time.Second
	maxCode       = 512
	maxNickname   = 32
)

// subject is what a provider's name for a person looks like.
var subject = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// one is the value of a parameter that comes once or not at all; false when it comes more often.
func one(query url.Values, name string) (string, bool) {
	if len(query[name]) > 1 {
		return "", false
	}
	return query.Get(name), true
}

// goodCode says whether a code may be sent on to the provider.
func goodCode(code string) bool {
	return len(code) <= maxCode && strings.IndexFunc(code, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// cleanNickname removes invisible characters and shortens to maxNickname.
func cleanNickname(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return strings.TrimSpace(string(runes[:min(len(runes), maxNickname)]))
}
