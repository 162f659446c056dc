// Package session carries a browser's session through Fiber: gorilla/sessions over the shop's own table, with typed values.
package session

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"dashop/store/account"
	"dashop/store/recent"
)

const (
	// MinKey is the least number of characters of a key that signs cookies.
	MinKey = 32
	// cookieAge is how long a browser keeps the cookie; a session in use has its cookie renewed every day.
	cookieAge = 14 * 24 * time.Hour
	// deviceAge is how long a browser counts as known after a login.
	deviceAge    = 180 * 24 * time.Hour
	deviceCookie = "device"
)

// Store is a sessions.Store whose sessions live in the database: the cookie carries only a signed random id, so that the
// server can end a session at any time.
type Store struct {
	accounts *account.Service
	codecs   []securecookie.Codec // of the session's cookie
	devices  []securecookie.Codec // of the mark of a browser that is known
	notices  []securecookie.Codec // of the notice for the next page
	prefix   string               // of the names of all three
	name     string
	options  sessions.Options
	clientIP func(*fiber.Ctx) string
	blank    sessions.Session             // to be copied: of a browser without one
	seen     *recent.Cache[string, found] // by cookie
	node     string                       // names this node to browsers; see movedCookie
}

var _ sessions.Store = (*Store)(nil)

// New makes the store. keys are secrets of at least MinKey characters, the newest first: the first one signs, all of
// them are accepted. secure says that the shop is reached by https only.
func New(accounts *account.Service, keys []string, secure bool, clientIP func(*fiber.Ctx) string) (*Store, error) {
	if len(keys) == 0 {
		return nil, errors.New("session: no key")
	}
	s := &Store{
		accounts: accounts, name: "sid", clientIP: clientIP,
		options: sessions.Options{
			Path: "/", MaxAge: int(cookieAge.Seconds()), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
		},
		node: randomID(6),
	}
	s.seen = recent.New(accounts.Changes(), mostSeen, s.read)
	if secure {
		s.prefix = "__Host-"
		s.name = s.prefix + s.name
	}
	s.blank = *sessions.NewSession(s, s.name)
	s.blank.Options, s.blank.IsNew = &s.options, true
	for i, key := range keys {
		if len(key) < MinKey {
			return nil, fmt.Errorf("session: key %d has fewer than %d characters", i+1, MinKey)
		}
		for _, c := range []struct {
			codecs  *[]securecookie.Codec
			purpose string
			encrypt bool
			age     time.Duration
		}{
			{&s.codecs, "session", true, cookieAge}, {&s.devices, "device", false, deviceAge}, {&s.notices, "notice", true, noticeAge},
		} {
			codec, err := newCodec(key, c.purpose, c.encrypt, c.age)
			if err != nil {
				return nil, fmt.Errorf("session: derive key %d: %w", i+1, err)
			}
			*c.codecs = append(*c.codecs, codec)
		}
	}
	return s, nil
}

// newCodec signs the cookies of one purpose, with a key of their own.
func newCodec(key, purpose string, encrypt bool, age time.Duration) (securecookie.Codec, error) {
	const sign, hide = 64, 32
	length := sign
	if encrypt {
		length += hide
	}
	derived, err := hkdf.Key(sha256.New, []byte(key), nil, "dashop "+purpose+" cookie", length)
	if err != nil {
		return nil, err
	}
	var block []byte
	if encrypt {
		block = derived[sign:]
	}
	return securecookie.New(derived[:sign], block).MaxAge(int(age.Seconds())).SetSerializer(plainText{}), nil
}

// Get returns the request's session, which is the same one each time it is asked for.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New finds the session that the request's cookie names. Without a cookie, or with one that is forged, expired or ended,
// it is an empty new one; an error means that the database could not be asked.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	fresh := sessions.NewSession(s, name)
	options := s.options
	fresh.Options, fresh.IsNew = &options, true
	cookie, err := r.Cookie(name)
	if err != nil {
		return fresh, nil //nolint:nilerr // no cookie
	}
	f, err := s.lookUp(r.Context(), []byte(cookie.Value))
	if f.id != "" {
		fresh.ID, fresh.Values, fresh.IsNew = f.id, f.values, false
	}
	return fresh, err
}

// Save keeps a session. One without an id begins: it gets an id of the server's making and takes the place of the one
// that it was before. One that would begin with nothing to remember does not.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	old, _ := session.Values[keyReplaces].(string)
	user, data, empty, err := encode(session.Values)
	switch {
	case err != nil:
		return err
	case session.ID != "":
		return s.accounts.SaveSession(r.Context(), session.ID, data)
	case empty:
		if old == "" {
			return nil
		}
		gone := *session.Options
		gone.MaxAge = -1
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", &gone))
		return s.accounts.EndSession(r.Context(), old)
	}
	id := randomID(32)
	err = s.accounts.StartSession(r.Context(), account.SessionStart{
		ID: id, Replaces: old, UserID: user, Data: data, UserAgent: r.UserAgent(), IP: r.RemoteAddr, Remember: remembered(session),
	})
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	session.ID = id
	return s.setCookie(w, session)
}

// CookieName is the name of the cookie that bears the id of a session.
func (s *Store) CookieName() string { return s.name }

func (s *Store) setCookie(w http.ResponseWriter, session *sessions.Session) error {
	value, err := securecookie.EncodeMulti(session.Name(), session.ID, s.codecs...)
	if err != nil {
		return fmt.Errorf("sign session cookie: %w", err)
	}
	options := *session.Options
	if user, _, _, _ := encode(session.Values); user != 0 && !remembered(session) {
		options.MaxAge = 0 // goes with the browser
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), value, &options))
	return nil
}

func remembered(session *sessions.Session) bool {
	yes, _ := session.Values[keyRemember].(bool)
	return yes
}

// device is the mark that the browser keeps, or "" when it has none that this shop made.
func (s *Store) device(r *http.Request) (mark string) {
	name := s.prefix + deviceCookie
	cookie, err := r.Cookie(name)
	if err != nil || securecookie.DecodeMulti(name, cookie.Value, &mark, s.devices...) != nil {
		return ""
	}
	return mark
}

func (s *Store) setDevice(w http.ResponseWriter, mark string) error {
	name := s.prefix + deviceCookie
	value, err := securecookie.EncodeMulti(name, mark, s.devices...)
	if err != nil {
		return fmt.Errorf("sign device cookie: %w", err)
	}
	options := s.options
	options.MaxAge = int(deviceAge.Seconds())
	http.SetCookie(w, sessions.NewCookie(name, value, &options))
	return nil
}

// request is what gorilla needs to see of a Fiber request.
func (s *Store) request(c *fiber.Ctx) *http.Request {
	r := &http.Request{Header: http.Header{}, RemoteAddr: s.clientIP(c)}
	for _, name := range []string{fiber.HeaderCookie, fiber.HeaderUserAgent} {
		if v := c.Get(name); v != "" {
			r.Header.Set(name, v)
		}
	}
	return r.WithContext(c.UserContext())
}

// headers is a ResponseWriter that keeps nothing but headers.
type headers http.Header

func (h headers) Header() http.Header         { return http.Header(h) }
func (h headers) Write(b []byte) (int, error) { return len(b), nil }
func (h headers) WriteHeader(int)             {}

func (h headers) copyTo(c *fiber.Ctx) {
	for _, v := range h.Header().Values(fiber.HeaderSetCookie) {
		c.Response().Header.Add(fiber.HeaderSetCookie, v)
	}
}

// DirectIP is the address at the other end of the connection, for a shop without a proxy in front of it.
func DirectIP(c *fiber.Ctx) string {
	host, _, err := net.SplitHostPort(c.Context().RemoteAddr().String())
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(host, "::ffff:")
}

func randomID(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
