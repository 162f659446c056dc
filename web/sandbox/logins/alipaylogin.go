package logins

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/payment/alipay"
	gateway "dashop/web/sandbox/alipay"
	"dashop/web/sandbox/desk"
)

// alipayAuthorize is the path of Alipay's login page.
const alipayAuthorize = "/oauth2/publicAppAuthorize.htm"

// The methods that logins add to Alipay's gateway.
const (
	methodToken = "alipay.system.oauth.token"
	methodUser  = "alipay.user.info.share"
)

// How long Alipay's codes and tokens are good.
const (
	alipayCodeLasts  = 3 * time.Minute
	alipayTokenLasts = 15 * 24 * time.Hour
)

var (
	refusedCode  = gateway.Invalid("isv.code-invalid", "授权码无效")
	refusedToken = &desk.Refusal{Code: "20001", Msg: "Insufficient Token Permissions", Sub: "aop.invalid-auth-token", Text: "无效的访问令牌"}
)

// AlipayURL is Alipay's login page, the oauth_url of a shop.
func (l *Logins) AlipayURL() string { return l.desk.URL() + alipayAuthorize }

// alipayAsking reads a request for a login at Alipay's page.
func (l *Logins) alipayAsking(query url.Values) (*asking, *desk.Refusal) {
	scope := query.Get("scope")
	redirect, ok := redirectAddress(query.Get("redirect_uri"))
	switch {
	case query.Get("app_id") != gateway.AppID:
		return nil, gateway.Invalid("isv.invalid-app-id", "无效的应用")
	case scope != "auth_user" && scope != "auth_base" && scope != "auth_user,auth_base" && scope != "auth_base,auth_user":
		return nil, gateway.Invalid("isv.invalid-scope", "授权范围无效")
	case !ok:
		return nil, gateway.Invalid("isv.invalid-redirect-uri", "回调地址无效")
	}
	always := [][2]string{{"app_id", gateway.AppID}, {"source", "alipay_wallet"}, {"scope", scope}}
	if query.Has("state") {
		always = append(always, [2]string{"state", query.Get("state")})
	}
	return &asking{
		provider: "alipay", scope: scope, redirect: redirect, lasts: alipayCodeLasts, refused: always,
		agreed: func(code string) [][2]string { return append(always, [2]string{"auth_code", code}) },
	}, nil
}

// alipayToken answers alipay.system.oauth.token. Success has no code, and failure is an error_response.
func (l *Logins) alipayToken(c *fiber.Ctx, params url.Values) error {
	l.mu.Lock()
	hit := l.desk.Strike(OnAlipay, "")
	var fields map[string]string
	switch {
	case desk.Undone(hit):
	case params.Get("grant_type") != "authorization_code":
		fields = gateway.Fields(gateway.Invalid("isv.grant-type-invalid", "授权类型无效"))
	default:
		g, token := l.redeem("alipay", params.Get("code"), alipayTokenLasts)
		if token == "" {
			fields = gateway.Fields(refusedCode)
			break
		}
		fields = map[string]string{
			"user_id": g.subject(), "access_token": token, "refresh_token": desk.RandomHex(16), "expires_in": "1296000",
			"re_expires_in": "2592000",
			"auth_start":    alipay.FormatTime(l.desk.Now()),
		}
	}
	l.mu.Unlock()
	name := methodToken
	if fields["access_token"] == "" {
		name = "" // which makes it an error_response
	}
	return l.gateway.Answer(c, name, fields, hit)
}

// alipayUser answers alipay.user.info.share.
func (l *Logins) alipayUser(c *fiber.Ctx, params url.Values) error {
	l.mu.Lock()
	hit := l.desk.Strike(OnAlipay, "")
	g, ok := l.holder("alipay", params.Get("auth_token"))
	var fields map[string]string
	switch {
	case desk.Undone(hit):
	case !ok:
		fields = gateway.Fields(refusedToken)
	case !g.userInfo:
		fields = gateway.Fields(&desk.Refusal{Code: "40006", Msg: "Insufficient Permissions", Sub: "isv.insufficient-isv-permissions",
			Text: "授权范围无效"})
	default:
		fields = map[string]string{"code": "10000", "msg": "Success", "user_id": g.subject(), "nick_name": g.nickname}
	}
	l.mu.Unlock()
	return l.gateway.Answer(c, methodUser, fields, hit)
}
