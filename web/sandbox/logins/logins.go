// Package logins plays the logins of Alipay and QQ: a page where one chooses who to be, and the calls by which a shop learns who came.
package logins

import (
	"sync"

	"github.com/gofiber/fiber/v2"

	gateway "dashop/web/sandbox/alipay"
	"dashop/web/sandbox/desk"
)

// Where faults strike.
const (
	OnAlipay desk.Place = "alipay-login" // an answer to alipay.system.oauth.token or alipay.user.info.share
	OnQQ     desk.Place = "qq-login"     // an answer of QQ's to a shop
)

// Logins are both providers with the codes and tokens they gave. All its methods may be called by many goroutines.
type Logins struct {
	desk    *desk.Desk
	gateway *gateway.Gateway

	mu     sync.Mutex
	codes  desk.Shelf[*grant] // by provider:code
	tokens desk.Shelf[*grant] // by provider:token
}

// New opens the logins; those of Alipay are answered at its gateway.
func New(d *desk.Desk, g *gateway.Gateway) *Logins {
	l := &Logins{desk: d, gateway: g}
	l.codes, l.tokens = desk.NewShelf[*grant](desk.MaxRemembered), desk.NewShelf[*grant](desk.MaxRemembered)
	d.Allow(OnAlipay, desk.Hang, desk.Broken, desk.Busy, desk.ResetAfter, desk.Unsigned, desk.BadSign, desk.Tampered)
	d.Allow(OnQQ, desk.Hang, desk.Broken, desk.Busy, desk.ResetAfter, desk.ForeignApp)
	g.Handle(methodToken, l.alipayToken)
	g.Handle(methodUser, l.alipayUser)
	return l
}

// Routes adds QQ's calls to app, and the pages of both providers to pages.
func (l *Logins) Routes(app, pages fiber.Router) {
	app.Get("/oauth2.0/token", l.qqToken)
	app.Get("/oauth2.0/me", l.qqMe)
	app.Get("/user/get_user_info", l.qqUser)
	pages.Get(alipayAuthorize, l.loginPage(l.alipayAsking))
	pages.Post(alipayAuthorize, l.loginChosen(l.alipayAsking))
	pages.Get(qqAuthorize, l.loginPage(l.qqAsking))
	pages.Post(qqAuthorize, l.loginChosen(l.qqAsking))
}
