package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of a call to QQ.
const (
	connectTimeout = 3 * time.Second
	totalTimeout   = 8 * time.Second
	maxAnswer      = 64 << 10
)

// QQConfig is what a shop knows about its QQ app.
type QQConfig struct {
	BaseURL          string // https://graph.qq.com
	AppID, AppSecret string
}

// byQQ logs in by QQ: plain HTTPS, nothing signed.
type byQQ struct {
	cfg  QQConfig
	http *http.Client
}

// NewQQ makes the login by QQ. The address must be https, or lead to this machine.
func NewQQ(c QQConfig) (Provider, error) {
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, errors.New("oauth: the address of QQ must be a plain https one")
	}
	if c.AppID == "" || c.AppSecret == "" {
		return nil, errors.New("oauth: QQ needs app_id and app_secret")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	transport.TLSHandshakeTimeout = connectTimeout
	transport.DisableKeepAlives = true // on a kept connection net/http sends a GET again by itself, and a code is good once
	return &byQQ{c, &http.Client{
		Transport:     transport,
		Timeout:       totalTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (p *byQQ) Name() string  { return "qq" }
func (p *byQQ) AppID() string { return p.cfg.AppID }

func (p *byQQ) AuthURL(state, redirect string) string {
	return p.cfg.BaseURL + "/oauth2.0/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {p.cfg.AppID}, "redirect_uri": {redirect}, "state": {state}, "scope": {"get_user_info"},
	}.Encode()
}

// Person has the openid as its subject, after checking that the token is this app's: another app's token would open anybody's account.
func (p *byQQ) Person(ctx context.Context, query url.Values, redirect string) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, personTimeout)
	defer cancel()
	code, once := one(query, "code")
	cancelled, _ := one(query, "usercancel")
	switch {
	case !once || !goodCode(code):
		return Person{}, fmt.Errorf("%w: a callback with an odd code", ErrRefused)
	case cancelled != "" && cancelled != "0", code == "":
		return Person{}, ErrCancelled
	case query.Get("msg") != "": // then code is the number of an error
		return Person{}, fmt.Errorf("%w: QQ sent an error instead of a code", ErrRefused)
	}
	token, err := p.token(ctx, code, redirect)
	if err != nil {
		return Person{}, err
	}
	openID, err := p.openID(ctx, token)
	if err != nil {
		return Person{}, err
	}
	return Person{Subject: openID, Nickname: p.nickname(ctx, token, openID)}, nil
}

// badCode are the errors about the code: of another app, expired, used before.
var badCode = map[string]bool{"100005": true, "100018": true, "100019": true, "100020": true}

func (p *byQQ) token(ctx context.Context, code, redirect string) (string, error) {
	a, err := p.get(ctx, "/oauth2.0/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {p.cfg.AppID}, "client_secret": {p.cfg.AppSecret}, "code": {code},
		"redirect_uri": {redirect}, "fmt": {"json"},
	})
	if err != nil {
		return "", err
	}
	if fault := a.fault(); badCode[fault] {
		return "", fmt.Errorf("%w: QQ answered %s", ErrRefused, fault)
	} else if fault != "" || a["access_token"] == "" {
		return "", fmt.Errorf("oauth: QQ gave no token: %s", number(fault))
	}
	return a["access_token"], nil
}

func (p *byQQ) openID(ctx context.Context, token string) (string, error) {
	a, err := p.get(ctx, "/oauth2.0/me", url.Values{"access_token": {token}, "fmt": {"json"}})
	switch {
	case err != nil:
		return "", err
	case a.fault() != "":
		return "", fmt.Errorf("oauth: QQ did not say who came: %s", number(a.fault()))
	case a["client_id"] != p.cfg.AppID:
		return "", fmt.Errorf("%w: QQ's token is another app's", ErrRefused)
	case !subject.MatchString(a["openid"]):
		return "", errors.New("oauth: QQ named a person in an odd way")
	}
	return a["openid"], nil
}

// nickname is "" when QQ does not return it: the openid is enough.
func (p *byQQ) nickname(ctx context.Context, token, openID string) string {
	a, err := p.get(ctx, "/user/get_user_info", url.Values{"access_token": {token}, "oauth_consumer_key": {p.cfg.AppID},
		"openid": {openID}})
	if err != nil || a["ret"] != "0" {
		return ""
	}
	return cleanNickname(a["nickname"])
}

// get calls QQ and reads its answer in any of the forms. No error contains the address, which holds the secrets.
func (p *byQQ) get(ctx context.Context, path string, query url.Values) (qqAnswer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.cfg.BaseURL+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("oauth: QQ %s: a request that cannot be", path)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		if e := (*url.Error)(nil); errors.As(err, &e) {
			err = e.Err
		}
		return nil, fmt.Errorf("oauth: QQ %s: %w", path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("oauth: QQ %s: %w", path, err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("oauth: QQ %s: HTTP status %d", path, resp.StatusCode)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("oauth: QQ %s: the answer is larger than %d bytes", path, maxAnswer)
	}
	a, err := parseQQ(body)
	if err != nil {
		return nil, fmt.Errorf("oauth: QQ %s: %w", path, err)
	}
	return a, nil
}
