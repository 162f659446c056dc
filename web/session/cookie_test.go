package session

import (
	"strings"
	"testing"

	"github.com/gorilla/securecookie"
)

// A cookie is read whether it was written now or when texts were still gob, and a changed one is not read at all.
func TestCookiesOfBothForms(t *testing.T) {
	s, err := New(nil, []string{strings.Repeat("k", MinKey)}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{randomID(32), "", strings.Repeat("中", 300)} {
		now, err := securecookie.EncodeMulti("sid", want, s.codecs...)
		if err != nil {
			t.Fatal(err)
		}
		codec := s.codecs[0].(*securecookie.SecureCookie)
		codec.SetSerializer(securecookie.GobEncoder{})
		before, err := securecookie.EncodeMulti("sid", want, s.codecs...)
		codec.SetSerializer(plainText{})
		if err != nil {
			t.Fatal(err)
		}
		for form, cookie := range map[string]string{"now": now, "before": before} {
			var got string
			if err := securecookie.DecodeMulti("sid", cookie, &got, s.codecs...); err != nil || got != want {
				t.Errorf("%s: %q, %v", form, got, err)
			}
			if err := securecookie.DecodeMulti("sid", cookie[:10]+"AA"+cookie[12:], &got, s.codecs...); err == nil {
				t.Errorf("%s: a changed cookie is read", form)
			}
		}
	}
	for _, junk := range [][]byte{nil, {0}, {255, 1, 2}, {2, 3}} {
		var got string
		if err := (plainText{}).Deserialize(junk, &got); err == nil {
			t.Errorf("%v is read as %q", junk, got)
		}
	}
}
