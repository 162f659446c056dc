package session

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"dashop/store/account"
	"dashop/store/db"
)

// noAccounts is for stores whose database is not asked.
func noAccounts() *account.Service { return account.New(&db.DB{}, nil, account.Options{}) }

// The two ways to read a session, side by side: ours is the cookie's id and the values of the row (without the row's own
// read, which BenchmarkRow in store/account has), gorilla's a cookie store that keeps the same values in gob.
func BenchmarkReadSession(b *testing.B) {
	user := account.User{ID: 7, Username: "xiaoming", Nickname: "小明", Role: account.Shopper}
	values := map[any]any{keyUser: &user, keyVisitor: randomID(16), keyBrowser: randomID(24)}
	keys := []string{strings.Repeat("k", MinKey)}

	b.Run("ours", func(b *testing.B) {
		s, err := New(noAccounts(), keys, false, nil)
		if err != nil {
			b.Fatal(err)
		}
		_, data, _, err := encode(values)
		if err != nil {
			b.Fatal(err)
		}
		cookie, err := securecookie.EncodeMulti(s.name, randomID(32), s.codecs...)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			var id string
			read := map[any]any{}
			err := securecookie.DecodeMulti(s.name, cookie, &id, s.codecs...)
			if err == nil {
				err = decode(account.Session{User: &user, Data: data}, read)
			}
			if err != nil || read[keyVisitor] != values[keyVisitor] {
				b.Fatal(read, err)
			}
		}
	})
	b.Run("gob cookie store", func(b *testing.B) {
		s := sessions.NewCookieStore([]byte(strings.Repeat("k", 64)), []byte(strings.Repeat("e", 32)))
		cookie, err := securecookie.EncodeMulti("sid", map[any]any{"user": user.ID, "name": user.Nickname, "role": string(user.Role),
			"visitor": values[keyVisitor], "browser": values[keyBrowser]}, s.Codecs...)
		if err != nil {
			b.Fatal(err)
		}
		r := &http.Request{Header: http.Header{"Cookie": {"sid=" + cookie}}}
		b.ReportAllocs()
		for b.Loop() {
			read, err := s.New(r, "sid")
			if err != nil || read.Values["visitor"] != values[keyVisitor] {
				b.Fatal(read.Values, err)
			}
		}
	})
}
