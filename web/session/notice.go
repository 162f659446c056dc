package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/ui"
)

// A notice for the next page travels in a cookie of its own, so that it costs no write.
const (
	noticeCookie = "notice"
	// noticeAge is how long a notice waits for the page that shows it; later nobody knows any more what it was about.
	noticeAge = 2 * time.Minute
	// noticeSize bounds a notice in bytes. Encrypted and signed it is up to twice as long, and all headers of a request together have to
	// stay below the 8 KB that the server reads.
	noticeSize = 1000
)

// notice is what the cookie holds.
type notice struct {
	For  string     `json:"s,omitempty"` // the session that may read it; see Session.noticeReader
	Kind string     `json:"k"`
	Code int        `json:"c,omitempty"`
	Undo string     `json:"u,omitempty"`
	Text message    `json:"t"`
	Way  *fault.Way `json:"w,omitempty"`
}

// Flash keeps a notice for the next page. kind is ok, wait, err or info; msg is Chinese with %-verbs for args.
func (s *Session) Flash(kind, msg string, args ...any) {
	s.FlashText(kind, 0, fault.Text{Msg: msg, Args: args})
}

// FlashFault keeps a fault for the next page.
func (s *Session) FlashFault(e *fault.Error) {
	s.FlashText(ui.FaultTone(e), e.Code, e.Text)
	s.notice.Way = e.Way
}

// FlashText is Flash for a text that is made already, with a code or 0.
func (s *Session) FlashText(kind string, code int, text fault.Text) {
	s.notice = &notice{Kind: kind, Code: code, Text: toMessage(text)}
}

// FlashUndo keeps a notice of a change of the cart, with the token that undoes it.
func (s *Session) FlashUndo(kind string, text fault.Text, undo string) {
	s.notice = &notice{Kind: kind, Text: toMessage(text), Undo: undo}
}

// TakeFlash is the notice kept for this page, or nil; it is given once.
func (s *Session) TakeFlash() *ui.Notice {
	n := s.notice
	s.notice = nil
	if n == nil && s.bringsNotice() && !s.noticeTaken {
		s.noticeTaken = true
		n = s.store.readNotice(string(s.ctx.Request().Header.Cookie(s.store.noticeName())), s.noticeReader())
	}
	if n == nil {
		return nil
	}
	return &ui.Notice{Kind: n.Kind, Code: n.Code, Text: n.Text.text(), Undo: n.Undo, Way: n.Way}
}

// bringsNotice says whether the browser has sent a notice, be it one that may be shown or not.
func (s *Session) bringsNotice() bool {
	return s.ctx != nil && len(s.ctx.Request().Header.Cookie(s.store.noticeName())) > 0
}

// noticeReader names the session for its notices: what one session was told is shown in no other, such as that of the next person at the
// same browser. It is "" where there is no session, so that a notice needs none.
func (s *Session) noticeReader() string {
	if s.inner.ID == "" {
		return ""
	}
	return account.DeviceID(s.inner.ID)[:32]
}

// sendNotice gives the browser the notice for its next page, or takes away the one that was shown.
func (s *Store) sendNotice(w http.ResponseWriter, of *Session) {
	options := s.options
	switch {
	case of.notice != nil:
		of.notice.For = of.noticeReader()
		value, err := s.signNotice(*of.notice)
		if err != nil {
			slog.Warn("notice not kept", "notice", of.notice.Text.Msg, "error", err)
			return
		}
		options.MaxAge = int(noticeAge.Seconds())
		http.SetCookie(w, sessions.NewCookie(s.noticeName(), value, &options))
	case of.noticeTaken && of.ctx.Method() != http.MethodHead: // of which nobody has seen more than the length
		options.MaxAge = -1
		http.SetCookie(w, sessions.NewCookie(s.noticeName(), "", &options))
	}
}

func (s *Store) noticeName() string { return s.prefix + noticeCookie }

// signNotice makes the value of the cookie. Long arguments, such as the names of many products, are cut until it is small enough.
func (s *Store) signNotice(n notice) (string, error) {
	whole := n.Text
	for _, most := range []int{300, 100, 30, 10} {
		n.Text = whole.cut(most)
		text, err := json.Marshal(n)
		if err != nil {
			return "", err
		}
		if len(text) <= noticeSize {
			return securecookie.EncodeMulti(s.noticeName(), string(text), s.notices...)
		}
	}
	return "", fmt.Errorf("a notice of more than %d bytes", noticeSize)
}

// readNotice is the notice in the value of a cookie, or nil for one that is forged, too old, or another session's.
func (s *Store) readNotice(value, reader string) *notice {
	var text string
	var n notice
	if securecookie.DecodeMulti(s.noticeName(), value, &text, s.notices...) != nil || json.Unmarshal([]byte(text), &n) != nil ||
		n.For != reader {
		return nil
	}
	return &n
}

// message is a fault.Text whose arguments keep their types on the way through JSON.
type message struct {
	Msg  string     `json:"m"`
	Args []argument `json:"a,omitempty"`
}

type argument struct {
	Int    *int64   `json:"i,omitempty"`
	String *string  `json:"s,omitempty"`
	Text   *message `json:"t,omitempty"`
}

func toMessage(t fault.Text) message {
	m := message{Msg: t.Msg}
	for _, a := range t.Args {
		var arg argument
		switch a := a.(type) {
		case fault.Text:
			inner := toMessage(a)
			arg.Text = &inner
		case int:
			n := int64(a)
			arg.Int = &n
		case int64:
			arg.Int = &a
		default: // text, and what writes itself as text, such as money
			s := fmt.Sprint(a)
			arg.String = &s
		}
		m.Args = append(m.Args, arg)
	}
	return m
}

// cut is the message with at most so many characters of each of its arguments. Msg itself is the shop's own.
func (m message) cut(most int) message {
	args := make([]argument, len(m.Args))
	for i, a := range m.Args {
		if a.String != nil {
			if text := []rune(*a.String); len(text) > most {
				short := string(text[:most]) + "…"
				a.String = &short
			}
		}
		if a.Text != nil {
			inner := a.Text.cut(most)
			a.Text = &inner
		}
		args[i] = a
	}
	return message{Msg: m.Msg, Args: args}
}

func (m message) text() fault.Text {
	t := fault.Text{Msg: m.Msg}
	for _, a := range m.Args {
		switch {
		case a.Text != nil:
			t.Args = append(t.Args, a.Text.text())
		case a.Int != nil:
			t.Args = append(t.Args, *a.Int)
		case a.String != nil:
			t.Args = append(t.Args, *a.String)
		}
	}
	return t
}
