package storefront

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// LoginForm shows the page to log in on: GET /login.
func (p Pages) LoginForm(c *fiber.Ctx) error {
	if u := session.Of(c).User(); u != nil {
		return respond.SeeOther(c, afterLogin(*u, c.Query("next")))
	}
	return p.showLogin(c, http.StatusOK, page.LoginPage{Next: c.Query("next")})
}

// Login begins a session for a user: POST /login.
func (p Pages) Login(c *fiber.Ctx) error {
	name, next := c.FormValue("username"), c.FormValue("next")
	u, err := p.Store.Account.Login(c.UserContext(), account.LoginTry{Name: name, Password: c.FormValue("password")})
	if fault.Is(err, fault.Invalid) {
		return p.showLogin(c, http.StatusUnprocessableEntity, page.LoginPage{Username: name, Next: next, Fault: fault.Of(err)})
	}
	if err != nil {
		return err
	}
	s := session.Of(c)
	p.mergeCarts(c, s, u)
	s.Login(u, c.FormValue("remember") == "true")
	return respond.SeeOther(c, afterLogin(u, next))
}

// Logout ends the session: POST /logout.
func (p Pages) Logout(c *fiber.Ctx) error {
	session.Of(c).Logout()
	return respond.SeeOther(c, "/")
}

func (p Pages) showLogin(c *fiber.Ctx, status int, l page.LoginPage) error {
	if l.Next != "" {
		l.Next = respond.Next(l.Next)
	}
	l.Username = strings.ToValidUTF8(l.Username, "")
	l.Picks, l.Demo = p.Picks(c, 4), p.Demo
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Login(v, l) }, "")
}

// afterLogin is where a login leads: to where it was asked for, else the merchant's people to their work and shoppers home.
func afterLogin(u account.User, next string) string {
	if next == "" && (u.Role == account.Owner || u.Role == account.Staff) {
		return "/admin"
	}
	return respond.Next(next)
}

// mergeCarts brings what the visitor had into the user's cart and says what became of it. A login never fails because
// of a cart: what could not be merged now stays with the session, for the next login.
func (p Pages) mergeCarts(c *fiber.Ctx, s *session.Session, u account.User) {
	visitor := s.VisitorOwner()
	if visitor == "" {
		return
	}
	merged, err := p.Store.Cart.Merge(c.UserContext(), visitor, cart.UserOwner(u.ID))
	if err != nil {
		slog.ErrorContext(c.UserContext(), "carts not merged", "request", respond.RequestID(c), "error", err)
		return
	}
	s.ForgetVisitor()
	switch {
	case len(merged.Capped) > 0:
		s.Flash("wait", "购物车已合并；%s 的数量已按库存或每单上限调整", strings.Join(merged.Capped[:min(3, len(merged.Capped))], "、"))
	case merged.Moved > 0:
		s.Flash("ok", "购物车里的 %d 种商品已经带过来", merged.Moved)
	}
}
