package logins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	views "dashop/views/sandbox"
	gateway "dashop/web/sandbox/alipay"
	"dashop/web/sandbox/desk"
)

// people are whom one can be without typing; the last one sees whether a shop escapes what it shows.
var people = []string{"小明", "阿芳", `<b>老王</b> & "儿子"`}

// maxNickname is how many characters a made-up person's name may have.
const maxNickname = 32

// grant is a person's leave for a shop to ask who came. Codes and tokens of both providers lead to one.
type grant struct {
	provider string // "alipay" or "qq"
	nickname string
	redirect string
	until    time.Time // of the code, later of the token
	used     bool      // the code was turned into a token
	userInfo bool      // the shop may ask for the nickname
}

// subject is how a provider names a person to the one app of the sandbox: the same name is always the same person, now and after a restart.
func (g *grant) subject() string {
	sum := sha256.Sum256([]byte(g.provider + ":" + g.nickname))
	if g.provider == "qq" {
		return strings.ToUpper(hex.EncodeToString(sum[:16]))
	}
	n := uint64(0)
	for _, b := range sum[:8] {
		n = n<<8 | uint64(b)
	}
	return fmt.Sprintf("2088%012d", n%1_000_000_000_000)
}

// asking is a request for a login, as a provider's page gets it.
type asking struct {
	provider, scope string
	redirect        *url.URL
	lasts           time.Duration                 // how long the code is good
	agreed          func(code string) [][2]string // what is added to redirect
	refused         [][2]string                   // the same when the person says no
}

// askingOf checks a request for a login; the refusal is shown to the person, since nobody else can be told.
type askingOf func(query url.Values) (*asking, *desk.Refusal)

// redirectAddress takes any absolute http address to send a browser back to, not only this machine's: a shop under development is often
// reached by another name. A code that goes astray opens nothing, since the people are made up and the token asks for the app's key or
// secret.
func redirectAddress(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || text == "" || !desk.WebAddress(text) || u.Fragment != "" || len(text) > 1024 {
		return nil, false
	}
	return u, true
}

// loginPage asks who one is: the page of a provider.
func (l *Logins) loginPage(of askingOf) fiber.Handler {
	return func(c *fiber.Ctx) error {
		a, err := l.asked(c, of)
		if a == nil {
			return err
		}
		return l.showLogin(c, a, fiber.StatusOK, "", "")
	}
}

// loginChosen goes back to the shop: with a code for the person chosen, or without one.
func (l *Logins) loginChosen(of askingOf) fiber.Handler {
	return func(c *fiber.Ctx) error {
		a, err := l.asked(c, of)
		if a == nil {
			return err
		}
		if posted(c, "act") == "cancel" {
			return c.Redirect(a.back(a.refused), fiber.StatusSeeOther)
		}
		typed := posted(c, "nickname")
		name, err := personName(typed, posted(c, "person"))
		if err != nil {
			return l.showLogin(c, a, fiber.StatusUnprocessableEntity, "昵称最多 32 个字", typed)
		}
		return c.Redirect(l.agree(a, name), fiber.StatusSeeOther)
	}
}

// posted is a field of the form alone: the address is the shop's and must not choose for the person.
func posted(c *fiber.Ctx, name string) string { return string(c.Context().PostArgs().Peek(name)) }

// asked reads the request in the address; when it is refused, the answer is written and there is no asking.
func (l *Logins) asked(c *fiber.Ctx, of askingOf) (*asking, error) {
	query, err := url.ParseQuery(string(c.Context().QueryArgs().QueryString()))
	for _, values := range query {
		if len(values) > 1 {
			err = errors.New("a parameter comes twice")
		}
	}
	if err != nil {
		return nil, l.desk.Refuse(c, fiber.StatusBadRequest, gateway.Invalid("isv.invalid-parameter", "参数重复或无法解析"), "")
	}
	a, r := of(query)
	if r != nil {
		return nil, l.desk.Refuse(c, fiber.StatusBadRequest, r, "")
	}
	return a, nil
}

func (l *Logins) showLogin(c *fiber.Ctx, a *asking, status int, wrong, typed string) error {
	desk.AllowForms(c, a.redirect.String())
	v := l.desk.View(c)
	return l.desk.Page(c, status, views.WhoPage(v, views.Who{
		Provider: a.provider, Scope: a.scope, Redirect: a.redirect.String(), People: people, Action: v.Here(), Wrong: wrong,
		Nickname: typed, Shop: l.desk.Payee(),
	}))
}

// personName is the typed name, else the chosen one, else the first of the list.
func personName(typed, chosen string) (string, error) {
	name := strings.TrimSpace(typed)
	switch {
	case utf8.RuneCountInString(name) > maxNickname || !utf8.ValidString(name):
		return "", errors.New("sandbox: the nickname is too long")
	case name != "":
		return name, nil
	}
	for _, p := range people {
		if p == chosen {
			return p, nil
		}
	}
	return people[0], nil
}

// agree makes a code for a person and gives the address that leads back with it.
func (l *Logins) agree(a *asking, nickname string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	code := desk.RandomHex(16)
	l.codes.Put(a.provider+":"+code, &grant{
		provider: a.provider, nickname: nickname, redirect: a.redirect.String(), until: l.desk.Now().Add(a.lasts),
		userInfo: strings.Contains(a.scope, "user"),
	})
	return a.back(a.agreed(code))
}

// back is the address of the shop with what the provider has to say.
func (a *asking) back(more [][2]string) string {
	u := *a.redirect
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	for i, pair := range more {
		if i > 0 {
			u.RawQuery += "&"
		}
		u.RawQuery += pair[0] + "=" + url.QueryEscape(pair[1])
	}
	return u.String()
}

// redeem turns a code into a token, once and in time. mu must be held.
func (l *Logins) redeem(provider, code string, lasts time.Duration) (*grant, string) {
	g, ok := l.codes.Get(provider + ":" + code)
	if !ok || g.used || !l.desk.Now().Before(g.until) {
		return g, ""
	}
	g.used = true
	token := desk.RandomHex(16)
	held := *g
	held.until = l.desk.Now().Add(lasts)
	l.tokens.Put(provider+":"+token, &held)
	return g, token
}

// holder is whose token this is. mu must be held.
func (l *Logins) holder(provider, token string) (*grant, bool) {
	g, ok := l.tokens.Get(provider + ":" + token)
	return g, ok && l.desk.Now().Before(g.until)
}

// Agree does what a person does at a provider's page that a shop sent the browser to: chooses to be nickname and goes on. It returns the
// address that leads back to the shop.
func (l *Logins) Agree(link, nickname string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", err
	}
	of := l.alipayAsking
	if u.Path == qqAuthorize {
		of = l.qqAsking
	}
	a, r := of(u.Query())
	if r != nil {
		return "", r.Err()
	}
	name, err := personName(nickname, "")
	if err != nil {
		return "", err
	}
	return l.agree(a, name), nil
}
