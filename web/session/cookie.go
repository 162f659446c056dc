package session

import "errors"

// plainText is how the text of a cookie is written before it is signed: a byte that names this form, and the text. Gob, which
// securecookie would use, costs ten times as much to read.
type plainText struct{}

const plainVersion = 1

var errNotPlain = errors.New("session: a cookie holds text only")

// Serialize writes a string.
func (plainText) Serialize(src any) ([]byte, error) {
	text, ok := src.(string)
	if !ok {
		return nil, errNotPlain
	}
	return append([]byte{plainVersion}, text...), nil
}

// Deserialize reads into a *string.
func (plainText) Deserialize(src []byte, dst any) error {
	to, ok := dst.(*string)
	if !ok || len(src) == 0 || src[0] != plainVersion {
		return errNotPlain
	}
	*to = string(src[1:])
	return nil
}
