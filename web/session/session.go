package session

import (
	"context"
	"log/slog"
	"maps"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/fault"
)

const localsKey = "dashop.session"

// Session is the session of the browser that sent the request. A browser that was never told to remember anything has
// an empty one, which costs neither a cookie nor a row.
type Session struct {
	store    *Store
	ctx      *fiber.Ctx
	req      *http.Request // made when it is needed; see request
	inner    sessions.Session
	shared   bool   // inner's values are also others'; see values
	dirty    bool   // has to be saved
	admitted bool   // this browser, of which nothing is remembered, may be remembered
	mark     string // for the browser to keep; see MarkDevice

	notice      *notice // for the next page
	noticeTaken bool    // the one that the browser brought was given to this page
}

// Of is the request's session. Outside of Begin and Finish it is an empty one that is never saved.
func Of(c *fiber.Ctx) *Session {
	if s, ok := c.Locals(localsKey).(*Session); ok {
		return s
	}
	return &Session{inner: sessions.Session{Values: map[any]any{}}}
}

// Begin finds the session of the request; without a cookie that asks nothing of the database.
func (s *Store) Begin(c *fiber.Ctx) error { return s.begin(c, s.lookUp) }

// BeginBrowsing is Begin for a page on which one only looks around. There a session that another node has ended may live for
// another second.
func (s *Store) BeginBrowsing(c *fiber.Ctx) error { return s.begin(c, s.glance) }

// begin finds the session of the request by what its cookie says.
func (s *Store) begin(c *fiber.Ctx, find func(ctx context.Context, cookie []byte) (found, error)) error {
	of := &Session{store: s, ctx: c, inner: s.blank, shared: true}
	s.heedMove(c)
	if cookie := c.Request().Header.Cookie(s.name); len(cookie) > 0 {
		f, err := find(c.UserContext(), cookie)
		if err != nil {
			return err
		}
		if f.id != "" {
			of.inner.ID, of.inner.Values, of.inner.IsNew = f.id, f.values, false
		}
	}
	c.Locals(localsKey, of)
	return nil
}

// values are the session's values, to be changed.
func (s *Session) values() map[any]any {
	if s.shared {
		s.inner.Values, s.shared = maps.Clone(s.inner.Values), false
	}
	return s.inner.Values
}

// request is what gorilla sees of the request, or nil outside of one.
func (s *Session) request() *http.Request {
	if s.req == nil && s.ctx != nil {
		s.req = s.store.request(s.ctx)
	}
	return s.req
}

// Finish keeps the request's session if it has changed. An error means that a session that was to begin, or to end, did not.
func (s *Store) Finish(c *fiber.Ctx) error {
	of := Of(c)
	if of.store == nil {
		return nil
	}
	w := headers{}
	defer w.copyTo(c)
	if of.mark != "" {
		if err := s.setDevice(w, of.mark); err != nil {
			return err
		}
	}
	if err := s.finish(of, w); err != nil {
		return err
	}
	s.sendNotice(w, of) // after the session has its id
	s.noteMove(w, of)
	return nil
}

func (s *Store) finish(of *Session, w http.ResponseWriter) error {
	if !of.dirty {
		if renew, _ := of.inner.Values[keyRenew].(bool); renew {
			return s.setCookie(w, &of.inner)
		}
		return nil
	}
	of.dirty = false
	known := of.inner.ID != ""
	if begins := !known && of.UserID() == 0 && of.inner.Values[keyReplaces] == nil; begins {
		if err := of.admit(); fault.Is(err, fault.TooMany) {
			return nil // a draft is lost
		} else if err != nil {
			return err
		}
	}
	err := of.inner.Save(of.request(), w)
	if known && err != nil {
		// The work itself is done; at worst what was typed into a form is lost.
		if !fault.Is(err, fault.NotFound) {
			slog.ErrorContext(of.request().Context(), "session not saved", "error", err)
		}
		return nil
	}
	return err
}

// Empty says that nothing about this browser is remembered, so that what it gets may be the same for everybody.
func (s *Session) Empty() bool {
	return s.inner.ID == "" && !s.dirty && s.notice == nil && !s.bringsNotice()
}

// User is who is logged in, or nil. It may be others' too: do not change it.
func (s *Session) User() *account.User {
	u, _ := s.inner.Values[keyUser].(*account.User)
	return u
}

// UserID is the id of who is logged in; 0 is a visitor.
func (s *Session) UserID() int64 {
	if u := s.User(); u != nil {
		return u.ID
	}
	return 0
}

// Visitor is the token under which a visitor's cart is kept, or "".
func (s *Session) Visitor() string {
	token, _ := s.inner.Values[keyVisitor].(string)
	return token
}

// CartOwner says whose cart the browser shows; "" is nobody's, which is empty.
func (s *Session) CartOwner() cart.Owner {
	if id := s.UserID(); id != 0 {
		return cart.UserOwner(id)
	}
	return s.VisitorOwner()
}

// VisitorOwner is the owner of the cart from before the login, or "" if there is none.
func (s *Session) VisitorOwner() cart.Owner {
	if token := s.Visitor(); token != "" {
		return cart.VisitorOwner(token)
	}
	return ""
}

// CartOwnerForWrite is CartOwner, but gives a visitor a token to keep the cart under. It is fault.TooMany for an address that many
// new visitors come from.
func (s *Session) CartOwnerForWrite() (cart.Owner, error) {
	if s.CartOwner() == "" {
		if err := s.admit(); err != nil {
			return "", err
		}
		s.set(keyVisitor, randomID(16))
	}
	return s.CartOwner(), nil
}

// admit asks, once, whether a browser of which nothing is remembered may cost a row.
func (s *Session) admit() error {
	if s.admitted || s.inner.ID != "" || s.store == nil {
		return nil
	}
	r := s.request()
	if err := s.store.accounts.AdmitVisitor(r.Context(), r.RemoteAddr); err != nil {
		return err
	}
	s.admitted = true
	return nil
}

// ForgetNew gives up what was to be remembered of a browser of which nothing is remembered yet, because its request was refused.
func (s *Session) ForgetNew() {
	if s.inner.ID == "" && s.inner.Values[keyReplaces] == nil {
		clear(s.values())
		s.dirty, s.notice = false, nil
	}
}

// ForgetVisitor drops the visitor's token, once that cart has gone into the user's.
func (s *Session) ForgetVisitor() {
	if s.Visitor() != "" {
		delete(s.values(), keyVisitor)
		s.dirty = true
	}
}

// SetVisitor has the browser own a cart from before the login again.
func (s *Session) SetVisitor(owner cart.Owner) {
	if token, ok := cart.VisitorToken(owner); ok {
		s.set(keyVisitor, token)
	}
}

// Login makes this the session of a user, under a new id; the old id is worth nothing from then on. With remember the
// cookie outlives the browser.
func (s *Session) Login(u account.User, remember bool) {
	delete(s.values(), keyDraft)
	delete(s.values(), keyStranger)
	s.begin()
	s.set(keyRemember, remember)
	s.set(keyUser, &u)
}

// Renew gives the session another id, after what its user may do has changed; the old id is worth nothing from then on.
func (s *Session) Renew() { s.begin() }

// Logout ends the session with all that it remembers, but for a cart from before the login that is still apart: that is the browser's.
// Whatever is set afterwards begins another session.
func (s *Session) Logout() {
	visitor := s.VisitorOwner()
	clear(s.values())
	s.begin()
	s.SetVisitor(visitor)
}

// ID names the session in the database, or is "" for one that has not begun. It is a secret.
func (s *Session) ID() string { return s.inner.ID }

// Client describes the browser that sent the request. Its token is "" while nothing is remembered about the browser.
func (s *Session) Client() account.Client {
	v := account.Client{}
	v.Browser, _ = s.inner.Values[keyBrowser].(string)
	if r := s.request(); r != nil {
		v.Address, v.Device = r.RemoteAddr, s.store.device(r)
	}
	return v
}

// ClientWithToken is Client for what belongs to this browser alone, such as a captcha: from now on it has a token. It is fault.TooMany for
// an address that many new visitors come from.
func (s *Session) ClientWithToken() (account.Client, error) {
	if token, _ := s.inner.Values[keyBrowser].(string); token == "" {
		if err := s.admit(); err != nil {
			return account.Client{}, err
		}
		s.set(keyBrowser, randomID(24))
	}
	return s.Client(), nil
}

// MarkDevice has the browser keep a mark that says this user has logged in here before; see account.DeviceMark.
func (s *Session) MarkDevice(mark string) { s.mark = mark }

// KeepDraft keeps what was typed into a form, so that the page that shows it next loses nothing. Passwords do not belong
// into it.
func (s *Session) KeepDraft(form string, values map[string]string) {
	s.set(keyDraft, draft{Form: form, Values: values})
}

// Draft is what was kept of a form, or nil. It stays until DropDraft, another draft, or a login.
func (s *Session) Draft(form string) map[string]string {
	if d, ok := s.inner.Values[keyDraft].(draft); ok && d.Form == form {
		return d.Values
	}
	return nil
}

// DropDraft forgets what was typed.
func (s *Session) DropDraft() {
	if _, ok := s.inner.Values[keyDraft]; ok {
		delete(s.values(), keyDraft)
		s.dirty = true
	}
}

// KeepStranger remembers who has come back from a provider, until an account is bound.
func (s *Session) KeepStranger(who account.Stranger) { s.set(keyStranger, who) }

// Stranger is who has come back from a provider and is to be bound, or nil.
func (s *Session) Stranger() *account.Stranger {
	if who, ok := s.inner.Values[keyStranger].(account.Stranger); ok {
		return &who
	}
	return nil
}

// WantCoupon remembers which coupon a visitor wants to claim, for after the login. It is fault.TooMany for an address that many new
// visitors come from.
func (s *Session) WantCoupon(id int64) error {
	if err := s.admit(); err != nil {
		return err
	}
	s.set(keyWanted, id)
	return nil
}

// WantedCoupon is the coupon that the visitor wanted, or 0. It is given once.
func (s *Session) WantedCoupon() int64 {
	id, ok := s.inner.Values[keyWanted].(int64)
	if ok {
		delete(s.values(), keyWanted)
		s.dirty = true
	}
	return id
}

// begin has Finish give this session a new id.
func (s *Session) begin() {
	if s.inner.ID != "" {
		s.values()[keyReplaces] = s.inner.ID
	}
	s.inner.ID, s.dirty = "", true
}

func (s *Session) set(k key, v any) {
	s.values()[k] = v
	s.dirty = true
}
