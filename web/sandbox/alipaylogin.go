package sandbox

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/payment/alipay"
)

// alipayAuthorize is the path of Alipay's login page.
const alipayAuthorize = "/oauth2/publicAppAuthorize.htm"

// How long Alipay's codes and tokens are good.
const (
	alipayCodeLasts  = 3 * time.Minute
	alipayTokenLasts = 15 * 24 * time.Hour
)

var (
	refusedCode  = invalid("isv.code-invalid", "授权码无效")
	refusedToken = &refusal{"20001", "Insufficient Token Permissions", "aop.invalid-auth-token", "无效的访问令牌"}
)

// OAuthURL is Alipay's login page, the oauth_url of a shop.
func (s *Sandbox) OAuthURL() string { return s.base + alipayAuthorize }

// alipayAsking reads a request for a login at Alipay's page.
func (s *Sandbox) alipayAsking(query url.Values) (*asking, *refusal) {
	scope := query.Get("scope")
	redirect, ok := redirectAddress(query.Get("redirect_uri"))
	switch {
	case query.Get("app_id") != AppID:
		return nil, invalid("isv.invalid-app-id", "无效的应用")
	case scope != "auth_user" && scope != "auth_base" && scope != "auth_user,auth_base" && scope != "auth_base,auth_user":
		return nil, invalid("isv.invalid-scope", "授权范围无效")
	case !ok:
		return nil, invalid("isv.invalid-redirect-uri", "回调地址无效")
	}
	always := [][2]string{{"app_id", AppID}, {"source", "alipay_wallet"}, {"scope", scope}}
	if query.Has("state") {
		always = append(always, [2]string{"state", query.Get("state")})
	}
	return &asking{
		provider: "alipay", scope: scope, redirect: redirect, lasts: alipayCodeLasts, refused: always,
		agreed: func(code string) [][2]string { return append(always, [2]string{"auth_code", code}) },
	}, nil
}

// alipayToken answers alipay.system.oauth.token. Success has no code, and failure is an error_response.
func (s *Sandbox) alipayToken(c *fiber.Ctx, params url.Values) error {
	s.mu.Lock()
	hit := s.strike(OnAlipayLogin, "")
	var fields map[string]string
	switch {
	case undone(hit):
	case params.Get("grant_type") != "authorization_code":
		fields = invalid("isv.grant-type-invalid", "授权类型无效").fields()
	default:
		g, token := s.redeem("alipay", params.Get("code"), alipayTokenLasts)
		if token == "" {
			fields = refusedCode.fields()
			break
		}
		fields = map[string]string{
			"user_id": g.subject(), "access_token": token, "refresh_token": randomHex(16), "expires_in": "1296000", "re_expires_in": "2592000",
			"auth_start": alipay.FormatTime(s.now()),
		}
	}
	s.mu.Unlock()
	return s.answer(c, methodToken, fields, hit)
}

// alipayUser answers alipay.user.info.share.
func (s *Sandbox) alipayUser(c *fiber.Ctx, params url.Values) error {
	s.mu.Lock()
	hit := s.strike(OnAlipayLogin, "")
	g, ok := s.holder("alipay", params.Get("auth_token"))
	var fields map[string]string
	switch {
	case undone(hit):
	case !ok:
		fields = refusedToken.fields()
	case !g.userInfo:
		fields = (&refusal{"40006", "Insufficient Permissions", "isv.insufficient-isv-permissions", "授权范围无效"}).fields()
	default:
		fields = map[string]string{"code": "10000", "msg": "Success", "user_id": g.subject(), "nick_name": g.nickname}
	}
	s.mu.Unlock()
	return s.answer(c, methodUser, fields, hit)
}

// answerName is the member of the envelope that an answer stands in.
func answerName(method string, fields map[string]string) string {
	switch {
	case method == methodToken && fields["access_token"] == "":
		return "error_response"
	case strings.HasPrefix(method, "alipay.") && knownMethods[method]:
		return alipay.ResponseName(method)
	}
	return "error_response"
}
