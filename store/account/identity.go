package account

import (
	"context"
	"net/url"
	"time"
)

// Identity is who a user is at a provider.
type Identity struct {
	Provider  string    `db:"provider"`
	Nickname  string    `db:"nickname"`
	CreatedAt time.Time `db:"created_at"`
}

// Stranger is somebody who has come back from a provider and belongs to no account yet.
type Stranger struct {
	Provider, AppID, Subject, Nickname string
	Next                               string
	Until                              time.Time // then it has to be done again
}

// Arrival is what came of a login by a provider: a user who is known, or a user who is logged in and now has one more way
// in (Linked), or a stranger to be bound.
type Arrival struct {
	User     *User
	Linked   bool
	Stranger *Stranger
	Next     string
}

// Providers are the names of the providers there are, such as alipay and qq.
func (s *Service) Providers() []string { return nil }

// BeginOAuth notes a login that begins and returns the provider's address to go to. userID is who is logged in, or 0.
func (s *Service) BeginOAuth(ctx context.Context, provider string, v Visit, userID int64, next string) (string, error) {
	return "", errStub
}

// EndOAuth takes the callback of a login: its state must be of this browser and is worth nothing a second time. It asks
// the provider who it is. Faults say what to tell the person.
func (s *Service) EndOAuth(ctx context.Context, provider string, v Visit, userID int64, query url.Values) (Arrival, error) {
	return Arrival{}, errStub
}

// Binding is the filled-in form at the first login by a provider: an account with that mobile is bound when its password
// is right, else one is made. Wrong fields are named mobile, password, sms_code.
type Binding struct{ Mobile, Password, SMSCode string }

// Bind makes or finds the account of a stranger and binds the two.
func (s *Service) Bind(ctx context.Context, who Stranger, b Binding, v Visit) (User, error) {
	return User{}, errStub
}

// Identities lists a user's identities.
func (s *Service) Identities(ctx context.Context, userID int64) ([]Identity, error) {
	return nil, errStub
}

// Unbind takes an identity from a user, as long as another way in remains.
func (s *Service) Unbind(ctx context.Context, userID int64, provider string) error { return errStub }
