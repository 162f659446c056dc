package storetest

import (
	"net/http"
	"net/url"

	"dashop/store/db"
)

// In every test, what must not be done within a transaction panics: to begin another, to read by the side, to hash a password, and to
// call abroad. The shop's clients all begin as a copy of the default transport, and each asks it for the proxy of each request.
func init() {
	db.Watch()
	abroad := http.DefaultTransport.(*http.Transport)
	proxy := abroad.Proxy
	abroad.Proxy = func(r *http.Request) (*url.URL, error) {
		db.OutsideTx("a call abroad to " + r.URL.Host)
		return proxy(r)
	}
}
