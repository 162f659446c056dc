package storefront

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// linkLife is how long a link to a download works. The page that shows it makes a new one each time.
const linkLife = 10 * time.Minute

// Links signs links to downloads, so that a link works for one person, one file and a short time.
type Links struct{ keys [][]byte } // newest first

// NewLinks makes the keys of links from the shop's secrets, newest first; links that were signed with an older one go on working.
func NewLinks(secrets []string) Links {
	var l Links
	for _, secret := range secrets {
		l.keys = append(l.keys, sign([]byte(secret), "links to downloads"))
	}
	return l
}

// file is what a link leads to.
type file struct{ user, spu, material int64 }

func (f file) until(at time.Time) string {
	return fmt.Sprintf("user %d, product %d, material %d, until %d", f.user, f.spu, f.material, at.Unix())
}

// seal is the signature of a link that works until some time.
func (l Links) seal(f file, until time.Time) string {
	return base64.RawURLEncoding.EncodeToString(sign(l.keys[0], f.until(until)))
}

// genuine says whether a link was signed by the shop for this file, this person and this time.
func (l Links) genuine(f file, until time.Time, seal string) bool {
	got, err := base64.RawURLEncoding.DecodeString(seal)
	if err != nil {
		return false
	}
	for _, key := range l.keys {
		if hmac.Equal(got, sign(key, f.until(until))) {
			return true
		}
	}
	return false
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
