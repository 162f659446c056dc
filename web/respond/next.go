package respond

import (
	"net/url"
	"strings"
	"unicode"
)

// Next makes a place to go on to, as a form or an address names it, safe: a path of this shop. Anything else, and the
// pages through which one comes in, is the home page.
func Next(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > 500 || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	u.Fragment = ""
	to := u.String()
	for _, s := range []string{raw, u.Path, to} {
		if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsFunc(s, unsafe) {
			return "/"
		}
	}
	switch u.Path {
	case "/login", "/logout", "/register", "/password/forgot", "/password/reset", "/oauth/bind":
		return "/"
	}
	return to
}

func unsafe(r rune) bool { return r == '\\' || unicode.IsControl(r) }
