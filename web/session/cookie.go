package session

import (
	"errors"

	"github.com/gorilla/securecookie"
)

// plainText is how the text of a cookie is written before it is signed: a byte that says so, and the text. Cookies from
// before are gob, which costs ten times as much to read; they begin with their length, which is greater.
type plainText struct{}

const plainVersion = 1

var old = securecookie.GobEncoder{}

// Serialize writes a string.
func (plainText) Serialize(src any) ([]byte, error) {
	text, ok := src.(string)
	if !ok {
		return nil, errors.New("session: a cookie holds text only")
	}
	return append([]byte{plainVersion}, text...), nil
}

// Deserialize reads into a *string.
func (plainText) Deserialize(src []byte, dst any) error {
	if len(src) == 0 || src[0] != plainVersion {
		return old.Deserialize(src, dst)
	}
	to, ok := dst.(*string)
	if !ok {
		return errors.New("session: a cookie holds text only")
	}
	*to = string(src[1:])
	return nil
}
