package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/securecookie"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/locale"
)

func noticeStore(t *testing.T, keys ...string) *Store {
	t.Helper()
	s, err := New(noAccounts(), keys, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var noticeKey = strings.Repeat("k", MinKey)

// A notice is read by the session that it is for, for two minutes, and by no other; what is not signed for this purpose is none.
func TestNoticeIsReadByItsSessionForAWhile(t *testing.T) {
	s, other := noticeStore(t, noticeKey), noticeStore(t, strings.Repeat("x", MinKey))
	rotated := noticeStore(t, strings.Repeat("n", MinKey), noticeKey)
	synctest.Test(t, func(t *testing.T) {
		const mine = "0123456789abcdef"
		sign := func(with *Store, reader string) string {
			t.Helper()
			value, err := with.signNotice(notice{For: reader, Kind: "ok", Text: toMessage(fault.Text{Msg: "已存 %d 件", Args: []any{3}})})
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		value := sign(s, mine)
		if n := s.readNotice(value, mine); n == nil || n.Kind != "ok" || locale.Text(locale.Zh, n.Text.text()) != "已存 3 件" {
			t.Fatalf("read %+v", n)
		}
		session, err := securecookie.EncodeMulti(s.noticeName(), `{"k":"ok","t":{"m":"x"}}`, s.codecs...)
		if err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct{ value, reader string }{
			"by another session":    {value, "fedcba9876543210"},
			"by no session":         {value, ""},
			"without its session":   {sign(s, ""), mine},
			"changed":               {value[:20] + "AA" + value[22:], mine},
			"of another shop":       {sign(other, mine), mine},
			"signed as a session":   {session, ""},
			"not signed":            {`{"k":"ok","t":{"m":"x"}}`, ""},
			"longer than a cookie":  {strings.Repeat("a", 5000), ""},
			"empty, which is never": {"", ""},
		} {
			if n := s.readNotice(c.value, c.reader); n != nil {
				t.Errorf("a notice %s is read: %+v", what, n)
			}
		}
		if n := rotated.readNotice(value, mine); n == nil {
			t.Error("not read after a change of keys")
		}
		time.Sleep(noticeAge)
		if s.readNotice(value, mine) == nil {
			t.Error("gone after two minutes already")
		}
		time.Sleep(time.Second)
		if n := s.readNotice(value, mine); n != nil {
			t.Errorf("read after two minutes: %+v", n)
		}
	})
}

// Whatever a notice tells of, its cookie stays small; what it cuts are the arguments, not the sentence.
func TestNoticeIsSmall(t *testing.T) {
	s := noticeStore(t, noticeKey)
	long := strings.Repeat("咖啡豆 / ", 2000)
	for what, c := range map[string]struct {
		text  fault.Text
		begin string
	}{
		"short":           {fault.Text{Msg: "还有 %s 和 %d 件", Args: []any{"咖啡豆", 3}}, "还有 咖啡豆 和 3 件"},
		"one long text":   {fault.Text{Msg: "有的没有放进：%s", Args: []any{long}}, "有的没有放进：咖啡豆 / 咖啡豆"},
		"many long texts": {fault.Text{Msg: "%s %s %s %s %s", Args: []any{long, long, long, long, long}}, "咖啡豆 / 咖啡豆"},
		"a text in a text": {fault.Text{Msg: "没有放进：%s", Args: []any{fault.Text{Msg: "库存不足 %s", Args: []any{long}}}},
			"没有放进：库存不足 咖啡豆"},
		"what JSON makes longer": {fault.Text{Msg: "%s", Args: []any{strings.Repeat("<", 5000)}}, "<<<<"},
	} {
		value, err := s.signNotice(notice{For: account.DeviceID("x")[:32], Kind: "wait", Code: 50103, Text: toMessage(c.text)})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if len(value) > 2*noticeSize {
			t.Errorf("%s: a cookie of %d bytes", what, len(value))
		}
		n := s.readNotice(value, account.DeviceID("x")[:32])
		if n == nil {
			t.Errorf("%s: not read", what)
		} else if got := locale.Text(locale.Zh, n.Text.text()); !strings.HasPrefix(got, c.begin) || strings.Contains(got, "%!") ||
			(what == "short") == strings.Contains(got, "…") {
			t.Errorf("%s: %q", what, got)
		}
	}
	if value, err := s.signNotice(notice{Text: message{Msg: long}}); err == nil {
		t.Errorf("a sentence without end became a cookie of %d bytes", len(value))
	}
}

// A session of an older program holds its notice itself: that one is passed over, and the rest is read.
func TestSessionWithAnOldNotice(t *testing.T) {
	values := map[any]any{}
	data := `{"v":"token","f":{"k":"ok","t":{"m":"已存 %d 件","a":[{"i":3}]}},"d":{"f":"/login","v":{"username":"x"}}}`
	if err := decode(account.Session{Data: []byte(data)}, values); err != nil || values[keyVisitor] != "token" ||
		values[keyDraft].(draft).Values["username"] != "x" {
		t.Errorf("%v, %v", values, err)
	}
}
