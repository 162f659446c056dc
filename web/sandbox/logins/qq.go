package logins

import (
	"crypto/subtle"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/web/sandbox/desk"
)

// The one QQ app of the sandbox; its secret is in sandbox.ini.
const QQAppID = "100000001"

// qqAuthorize is the path of QQ's login page.
const qqAuthorize = "/oauth2.0/authorize"

// How long QQ's codes and tokens are good.
const (
	qqCodeLasts  = 10 * time.Minute
	qqTokenLasts = 90 * 24 * time.Hour
)

// QQSecret is the app_secret of QQAppID, as in sandbox.ini.
func (l *Logins) QQSecret() string { return l.desk.Secret("qq", 32) }

// qqAsking reads a request for a login at QQ's page.
func (l *Logins) qqAsking(query url.Values) (*asking, *desk.Refusal) {
	redirect, ok := redirectAddress(query.Get("redirect_uri"))
	scope := query.Get("scope")
	if scope == "" {
		scope = "get_user_info"
	}
	switch {
	case query.Get("response_type") != "code":
		return nil, &desk.Refusal{Code: "100000", Sub: "response_type is illegal", Text: "授权类型无效"}
	case query.Get("client_id") != QQAppID:
		return nil, &desk.Refusal{Code: "100008", Sub: "client_id is illegal", Text: "无效的应用"}
	case !ok:
		return nil, &desk.Refusal{Code: "100010", Sub: "redirect uri is illegal", Text: "回调地址无效"}
	}
	var always [][2]string
	if query.Has("state") {
		always = append(always, [2]string{"state", query.Get("state")})
	}
	return &asking{
		provider: "qq", scope: scope, redirect: redirect, lasts: qqCodeLasts, refused: append([][2]string{{"usercancel", "1"}}, always...),
		agreed: func(code string) [][2]string { return append([][2]string{{"code", code}}, always...) },
	}, nil
}

// qqToken answers /oauth2.0/token.
func (l *Logins) qqToken(c *fiber.Ctx) error {
	l.mu.Lock()
	hit := l.desk.Strike(OnQQ, "")
	token, number := "", 0
	if !desk.Undone(hit) {
		token, number = l.qqRedeem(c)
	}
	l.mu.Unlock()
	if spoilt, err := l.desk.Spoil(c, hit); spoilt {
		return err
	}
	if number != 0 || desk.Undone(hit) {
		return qqError(c, number)
	}
	lasts := int(qqTokenLasts.Seconds())
	refresh := desk.RandomHex(16)
	if c.Query("fmt") == "json" {
		return c.JSON(fiber.Map{"access_token": token, "expires_in": lasts, "refresh_token": refresh})
	}
	c.Set(fiber.HeaderContentType, "text/html")
	return c.SendString("access_token=" + token + "&expires_in=" + strconv.Itoa(lasts) + "&refresh_token=" + refresh)
}

// qqRedeem gives a token, or the number of what is wrong. mu must be held.
func (l *Logins) qqRedeem(c *fiber.Ctx) (token string, number int) {
	switch {
	case c.Query("grant_type") != "authorization_code":
		return "", 100004
	case c.Query("client_id") != QQAppID:
		return "", 100008
	case subtle.ConstantTimeCompare([]byte(c.Query("client_secret")), []byte(l.QQSecret())) != 1:
		return "", 100009
	case c.Query("code") == "":
		return "", 100005
	}
	key := "qq:" + c.Query("code")
	if g, ok := l.codes.Get(key); ok && !g.used && g.redirect != c.Query("redirect_uri") {
		return "", 100010
	}
	g, token := l.redeem("qq", c.Query("code"), qqTokenLasts)
	switch {
	case token != "":
		return token, 0
	case g != nil && g.used:
		return "", 100020
	}
	return "", 100019
}

// qqMe answers /oauth2.0/me: whose token it is, and which app'l.
func (l *Logins) qqMe(c *fiber.Ctx) error {
	l.mu.Lock()
	hit := l.desk.Strike(OnQQ, "")
	g, ok := l.holder("qq", c.Query("access_token"))
	l.mu.Unlock()
	if spoilt, err := l.desk.Spoil(c, hit); spoilt {
		return err
	}
	switch {
	case desk.Undone(hit):
		return qqError(c, 0)
	case c.Query("access_token") == "":
		return qqError(c, 100007)
	case !ok:
		return qqError(c, 100016)
	}
	app := QQAppID
	if _, foreign := desk.Find(hit, desk.ForeignApp); foreign {
		app = QQAppID[:len(QQAppID)-1] + "9"
	}
	return qqScript(c, fiber.Map{"client_id": app, "openid": g.subject()})
}

// qqUser answers /user/get_user_info.
func (l *Logins) qqUser(c *fiber.Ctx) error {
	l.mu.Lock()
	hit := l.desk.Strike(OnQQ, "")
	g, ok := l.holder("qq", c.Query("access_token"))
	l.mu.Unlock()
	if spoilt, err := l.desk.Spoil(c, hit); spoilt {
		return err
	}
	fail := func(ret int, msg string) error { return c.JSON(fiber.Map{"ret": ret, "msg": msg}) }
	switch {
	case desk.Undone(hit):
		return fail(-1, "system busy")
	case c.Query("oauth_consumer_key") != QQAppID:
		return fail(100008, "client_id is illegal")
	case !ok:
		return fail(100016, "access token check failed")
	case c.Query("openid") != g.subject():
		return fail(100013, "access token is illegal")
	case !g.userInfo:
		return fail(100030, "user not authorized")
	}
	return c.JSON(fiber.Map{"ret": 0, "msg": "", "nickname": g.nickname, "gender": "男", "figureurl_qq_1": "", "figureurl_qq_2": ""})
}

// qqWords describe the errors.
var qqWords = map[int]string{
	0: "system busy", 100004: "grant_type is illegal", 100005: "param code is lost", 100007: "param access_token is lost",
	100008: "client_id is illegal",
	100009: "client_secret is illegal", 100010: "redirect uri is illegal", 100016: "access token check failed",
	100019: "code to access token error", 100020: "code is reused error",
}

// qqError answers an error as QQ does: with status 200. Number 0 is QQ being busy.
func qqError(c *fiber.Ctx, number int) error {
	if number == 0 {
		return qqScript(c, fiber.Map{"error": -1, "error_description": qqWords[0]})
	}
	return qqScript(c, fiber.Map{"error": number, "error_description": qqWords[number]})
}

// qqScript answers JSON if it was asked for, else callback( JSON );.
func qqScript(c *fiber.Ctx, members fiber.Map) error {
	if c.Query("fmt") == "json" {
		return c.JSON(members)
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html")
	return c.SendString("callback( " + string(text) + " );\n")
}
