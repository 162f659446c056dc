package alipay

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// User is a person who has logged in with Alipay. An app sees UserID or, if it is a newer one, OpenID; either says who it is, for this app.
type User struct {
	UserID, OpenID string
	Nickname       string // what the person is called, which proves nothing; often empty
}

// Token is leave to ask about a person, given by that person.
type Token struct {
	AccessToken string
	User        User // without the nickname
}

// Token turns the auth_code of a login, which is good once, into a token. An error that is ErrRefused says that the code is no good; it
// may be asked with CallError. The gateway leaves some refusals unsigned: they are believed, since they open no door.
func (c *Client) Token(ctx context.Context, now time.Time, authCode string) (Token, error) {
	params := c.common(now, MethodToken) // this call has its own parameters beside the common ones, and no biz_content
	params.Set("grant_type", "authorization_code")
	params.Set("code", authCode)
	body, err := c.post(ctx, MethodToken, params)
	if err != nil {
		return Token{}, err
	}
	if a, ok := unsignedRefusal(body); ok {
		return Token{}, a.fault(MethodToken)
	}
	content, err := OpenEnvelope(c.cfg.AlipayPublicKey, MethodToken, body)
	a, err := readAnswer(MethodToken, content, err)
	switch {
	case err != nil:
		return Token{}, err
	case a.AccessToken == "": // only this tells failure from success: neither has a code for sure
		return Token{}, a.fault(MethodToken)
	case a.UserID == "" && a.OpenID == "":
		return Token{}, fmt.Errorf("%w: %s: %w: a token for nobody", ErrUnknown, MethodToken, ErrMalformed)
	}
	return Token{AccessToken: a.AccessToken, User: User{UserID: a.UserID, OpenID: a.OpenID}}, nil
}

// unsignedRefusal reads an answer that is an error_response without any signature.
func unsignedRefusal(body []byte) (answer, bool) {
	var envelope struct {
		Refusal *answer `json:"error_response"`
		Sign    string  `json:"sign"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Refusal == nil || envelope.Sign != "" {
		return answer{}, false
	}
	return *envelope.Refusal, true
}

// User describes the person who gave the token. Its errors are ErrUnknown, with ErrSignature when the answer was not Alipay's, and
// ErrRefused.
func (c *Client) User(ctx context.Context, now time.Time, t Token) (User, error) {
	params := c.common(now, MethodUser)
	params.Set("auth_token", t.AccessToken)
	body, err := c.post(ctx, MethodUser, params)
	if err != nil {
		return User{}, err
	}
	content, err := OpenEnvelope(c.cfg.AlipayPublicKey, MethodUser, body)
	a, err := readAnswer(MethodUser, content, err)
	if err != nil {
		return User{}, err
	}
	if a.Code != "10000" {
		return User{}, a.fault(MethodUser)
	}
	u := User{UserID: a.UserID, OpenID: a.OpenID, Nickname: a.NickName}
	if other(u.UserID, t.User.UserID) || other(u.OpenID, t.User.OpenID) {
		return User{}, fmt.Errorf("%w: %s: %w: told of somebody else", ErrUnknown, MethodUser, ErrMalformed)
	}
	return u, nil
}

// other says that two ids, where both are given, differ.
func other(a, b string) bool { return a != "" && b != "" && a != b }
