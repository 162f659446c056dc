// Package alipay speaks Alipay's signed protocol in public-key mode: the signing half that both ends share, and the client of the shop.
package alipay

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// minKeyBits is the shortest RSA key that Alipay and this package take.
const minKeyBits = 2048

// ErrKey says that a text holds no usable RSA key.
var ErrKey = errors.New("alipay: no usable RSA key")

// ErrSameKey says that the "Alipay public key" is the app's own: the commonest mistake in setting Alipay up.
var ErrSameKey = errors.New("alipay: the configured Alipay public key is the app's own public key; copy Alipay's from its console")

// ParsePrivateKey reads an RSA private key of at least 2048 bits from PEM (PKCS#8 or PKCS#1) or from the bare base64 that Alipay's key
// tool writes. Spaces, line ends of any kind and a byte order mark do no harm. Its errors never hold any of the text.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	der, err := keyDER(text)
	if err != nil {
		return nil, err
	}
	key, err := privateFromDER(der)
	if err != nil {
		return nil, err
	}
	if err := checkSize(&key.PublicKey); err != nil {
		return nil, err
	}
	if key.Validate() != nil {
		return nil, fmt.Errorf("%w: its numbers do not fit together", ErrKey)
	}
	return key, nil
}

// ParsePublicKey reads an RSA public key of at least 2048 bits from PEM or bare base64, like ParsePrivateKey.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	der, err := keyDER(text)
	if err != nil {
		return nil, err
	}
	key, err := publicFromDER(der)
	if err != nil {
		return nil, err
	}
	return key, checkSize(key)
}

// CheckKeys refuses an Alipay public key that belongs to the app's own private key.
func CheckKeys(app *rsa.PrivateKey, alipay *rsa.PublicKey) error {
	if app == nil || alipay == nil {
		return fmt.Errorf("%w: a key is missing", ErrKey)
	}
	if app.PublicKey.Equal(alipay) {
		return ErrSameKey
	}
	return nil
}

func privateFromDER(der []byte) (*rsa.PrivateKey, error) {
	if any8, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if key, ok := any8.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, fmt.Errorf("%w: the private key is of another kind than RSA", ErrKey)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: neither PKCS#8 nor PKCS#1", ErrKey)
	}
	return key, nil
}

func publicFromDER(der []byte) (*rsa.PublicKey, error) {
	if any8, err := x509.ParsePKIXPublicKey(der); err == nil {
		if key, ok := any8.(*rsa.PublicKey); ok {
			return key, nil
		}
		return nil, fmt.Errorf("%w: the public key is of another kind than RSA", ErrKey)
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: not a public key", ErrKey)
	}
	return key, nil
}

func checkSize(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minKeyBits {
		return fmt.Errorf("%w: %d bits, at least %d are needed", ErrKey, bits, minKeyBits)
	}
	return nil
}

// keyDER finds the DER bytes in PEM or bare base64.
func keyDER(text []byte) ([]byte, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if len(text) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrKey)
	}
	if bytes.HasPrefix(text, []byte("-----")) {
		return pemDER(text)
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, string(text))
	der, err := base64.StdEncoding.DecodeString(bare)
	if err != nil {
		return nil, fmt.Errorf("%w: neither PEM nor base64", ErrKey)
	}
	return der, nil
}

// pemDER decodes the first PEM block, whose lines may be indented or end in CR LF.
func pemDER(text []byte) ([]byte, error) {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r", "\n")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	block, _ := pem.Decode([]byte(strings.Join(lines, "\n") + "\n"))
	if block == nil {
		return nil, fmt.Errorf("%w: broken PEM", ErrKey)
	}
	if block.Headers["Proc-Type"] != "" || strings.HasPrefix(block.Type, "ENCRYPTED") {
		return nil, fmt.Errorf("%w: the key is encrypted with a passphrase", ErrKey)
	}
	return block.Bytes, nil
}
