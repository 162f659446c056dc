// Package oauth logs people in by Alipay and by QQ.
package oauth

import (
	"context"
	"errors"
	"net/url"
)

// Person is who somebody is at a provider. Subject identifies the person for one app; a nickname identifies nobody.
type Person struct{ Subject, Nickname string }

// Provider is one way to log in. Checking the state that comes back is the caller's work.
type Provider interface {
	Name() string // alipay or qq, as in addresses
	AppID() string
	// AuthURL is where the browser goes; the provider leads it back to redirect with the state.
	AuthURL(state, redirect string) string
	// Person asks who came back with this query. It calls the provider.
	Person(ctx context.Context, query url.Values, redirect string) (Person, error)
}

// What a login that came to nothing is: the person said no, or the provider did. Any other error may pass.
var (
	ErrCancelled = errors.New("oauth: cancelled by the person")
	ErrRefused   = errors.New("oauth: refused by the provider")
)
