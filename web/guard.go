package web

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/views/locale"
	"dashop/web/respond"
	"dashop/web/session"
)

// Who says who may call a route. The zero value is nobody, so that a route without a rule stays shut.
type Who struct {
	anyone  bool
	browses bool // only looks around, so the session may be a second old
	same    bool // for everybody the same, so nobody is looked up
	gateway bool
	hashes  bool           // a password is hashed, which is slow
	size    int            // how large a request may be that comes with a session; 0 is bodyLimit
	roles   []account.Role // of those who are logged in; anyRole alone is each of them
}

const anyRole account.Role = "*"

// The rules for the shop's own pages, for those on which one only looks around, for what is the same for everybody, and for
// messages of a payment gateway, which carry their own proof.
var (
	Anyone   = Who{anyone: true}
	Browsing = Who{anyone: true, browses: true}
	Public   = Who{anyone: true, same: true}
	LoggedIn = Who{roles: []account.Role{anyRole}}
	Gateway  = Who{anyone: true, gateway: true}
)

// Merchant lets in only the merchant's people with one of these roles.
func Merchant(roles ...account.Role) Who { return Who{roles: roles} }

// hashing has the route's requests stand in a lane of their own.
func (w Who) hashing() Who {
	w.hashes = true
	return w
}

// takes lets the route's requests be larger, because they bring pictures.
func (w Who) takes(size int) Who {
	w.size = size
	return w
}

// allows is the one place where these rules are applied.
func (w Who) allows(u *account.User) error {
	switch {
	case w.anyone:
		return nil
	case len(w.roles) > 0 && u == nil:
		return fault.New(fault.Unauthorized, 0, "请先登录")
	case u != nil && (slices.Contains(w.roles, anyRole) || slices.Contains(w.roles, u.Role)):
		return nil
	}
	return fault.New(fault.Forbidden, 0, "您没有权限这样做")
}

// handle puts around a route's handler what each of them needs: its rule, a session, and pages for what goes wrong.
func (s *server) handle(r Route) fiber.Handler {
	if r.Who.gateway {
		return s.handleGateway(r)
	}
	lane := s.pageLane
	if r.Who.hashes {
		lane = s.loginLane
	}
	return func(c *fiber.Ctx) error {
		if !lane.enter() {
			return busy(c)
		}
		defer lane.leave()
		s.site.Attach(c)
		if r.Path == payPath {
			s.headers.letPay(c)
		}
		if !r.Who.same {
			s.keepLanguage(c)
			begin := s.sessions.Begin
			if r.Who.browses {
				begin = s.sessions.BeginBrowsing
			}
			if err := begin(c); err != nil {
				return s.fail(c, err)
			}
		}
		err := guarded(func() error {
			if err := r.Who.allows(session.Of(c).User()); err != nil {
				return err
			}
			return r.Handler(c)
		})
		if err != nil {
			session.Of(c).ForgetNew()
			if failed := s.fail(c, err); failed != nil || db.IsOutage(err) { // in an outage the session cannot be kept either
				return failed
			}
		}
		if err := s.sessions.Finish(c); err != nil {
			return s.fail(c, err)
		}
		return nil
	}
}

// handleGateway answers machines: no session, no page, and a lane of its own.
func (s *server) handleGateway(r Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !s.moneyLane.enter() {
			return busy(c)
		}
		defer s.moneyLane.leave()
		err := guarded(func() error { return r.Handler(c) })
		if fault.Is(err, fault.NotFound) { // no provider of this name
			return c.SendStatus(fiber.StatusNotFound)
		}
		if err != nil {
			s.logFault(c, fault.Of(err), err)
			return c.Status(fiber.StatusInternalServerError).SendString("fail")
		}
		return nil
	}
}

// keepLanguage remembers a language that was asked for in the address.
func (s *server) keepLanguage(c *fiber.Ctx) {
	if l := locale.Parse(c.Query("lang")); l != "" && c.Cookies(respond.LangCookie) != string(l) {
		respond.Remember(c, respond.LangCookie, string(l), s.base.Scheme == "https")
	}
}

// panicked is a panic on its way to the log and the error page.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// LogValue adds the stack to the log, where it belongs.
func (p *panicked) LogValue() slog.Value {
	return slog.GroupValue(slog.String("panic", fmt.Sprint(p.value)), slog.String("stack", string(p.stack)))
}

// guarded runs fn and turns a panic into an error: it costs one request, not the shop.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{p, debug.Stack()}
		}
	}()
	return fn()
}

// recoverPanics catches what panics outside of a route's handler.
func (s *server) recoverPanics(c *fiber.Ctx) error {
	if err := guarded(c.Next); err != nil {
		return s.fail(c, err)
	}
	return nil
}
