package session

import (
	"strings"
	"testing"

	"github.com/gorilla/securecookie"
)

func TestCookiesAreReadAsWritten(t *testing.T) {
	s, err := New(noAccounts(), []string{strings.Repeat("k", MinKey)}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{randomID(32), "", strings.Repeat("中", 300)} {
		cookie, err := securecookie.EncodeMulti("sid", want, s.codecs...)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := securecookie.DecodeMulti("sid", cookie, &got, s.codecs...); err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
		if err := securecookie.DecodeMulti("sid", cookie[:10]+"AA"+cookie[12:], &got, s.codecs...); err == nil {
			t.Error("a changed cookie is read")
		}
	}
	for _, junk := range [][]byte{nil, {0}, {255, 1, 2}, {2, 3}} {
		var got string
		if err := (plainText{}).Deserialize(junk, &got); err == nil {
			t.Errorf("%v is read as %q", junk, got)
		}
	}
}
