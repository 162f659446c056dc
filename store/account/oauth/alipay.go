package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"dashop/store/payment/alipay"
)

// byAlipay logs in with Alipay through the client that is also used for payments.
type byAlipay struct {
	client *alipay.Client
	page   string
}

// NewAlipay makes the login with Alipay. oauthURL is Alipay's page publicAppAuthorize.htm, without a query.
func NewAlipay(client *alipay.Client, oauthURL string) Provider { return byAlipay{client, oauthURL} }

func (p byAlipay) Name() string  { return "alipay" }
func (p byAlipay) AppID() string { return p.client.AppID() }

func (p byAlipay) AuthURL(state, redirect string) string {
	return p.page + "?" + url.Values{"app_id": {p.AppID()}, "scope": {"auth_user"}, "redirect_uri": {redirect}, "state": {state}}.Encode()
}

// Person has the subject from the signed answer for the token: user_id, or open_id for apps that get no other. Alipay does not compare
// redirect.
func (p byAlipay) Person(ctx context.Context, query url.Values, _ string) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, personTimeout)
	defer cancel()
	code, once := one(query, "auth_code")
	app, onceApp := one(query, "app_id")
	switch {
	case !once || !onceApp || app != "" && app != p.AppID():
		return Person{}, fmt.Errorf("%w: the callback is for another app", ErrRefused)
	case code == "":
		return Person{}, ErrCancelled
	case app == "" || !goodCode(code):
		return Person{}, fmt.Errorf("%w: a callback without app_id or with an odd code", ErrRefused)
	}
	token, err := p.client.Token(ctx, p.client.Now(), code)
	if err != nil {
		return Person{}, codeFault(err)
	}
	person := Person{Subject: token.User.UserID}
	if person.Subject == "" {
		person.Subject = token.User.OpenID
	}
	if !subject.MatchString(person.Subject) {
		return Person{}, errors.New("oauth: Alipay named a person in an odd way")
	}
	user, err := p.client.User(ctx, p.client.Now(), token)
	if errors.Is(err, alipay.ErrSignature) || errors.Is(err, alipay.ErrMalformed) {
		return Person{}, fmt.Errorf("oauth: %w", err) // forged, or about somebody else: more than a missing nickname
	}
	person.Nickname = cleanNickname(user.Nickname)
	return person, nil
}

// codeFault distinguishes an invalid code from a broken gateway or configuration.
func codeFault(err error) error {
	if call := (*alipay.CallError)(nil); errors.As(err, &call) && strings.HasPrefix(call.SubCode, "isv.code-") {
		return fmt.Errorf("%w: Alipay answered %.40s", ErrRefused, call.SubCode)
	}
	return fmt.Errorf("oauth: %w", err)
}
