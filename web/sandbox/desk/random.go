package desk

import (
	"crypto/rand"
	"encoding/hex"
)

// RandomHex is n random bytes, written in hex.
func RandomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// RandomDigits are n random decimal digits.
func RandomDigits(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return string(b)
}
