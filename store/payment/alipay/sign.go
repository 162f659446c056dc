package alipay

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Beijing is the zone of every time that Alipay writes; containers often lack zone files, so it is a fixed one.
var Beijing = time.FixedZone("CST", 8*3600)

// TimeLayout is how Alipay writes a time, in Beijing.
const TimeLayout = "2006-01-02 15:04:05"

// ErrSignature says that a message is unsigned, or its signature is not the expected party's: believe nothing in it.
var ErrSignature = errors.New("alipay: missing or wrong signature")

// ErrMalformed says that a message cannot be read, even if it is signed correctly.
var ErrMalformed = errors.New("alipay: malformed message")

// FormatTime writes t as Alipay does.
func FormatTime(t time.Time) string { return t.In(Beijing).Format(TimeLayout) }

// ParseTime reads a time of Alipay's, with or without seconds' fractions.
func ParseTime(s string) (time.Time, error) {
	t, err := time.ParseInLocation(TimeLayout, s, Beijing)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time %q", ErrMalformed, s)
	}
	return t, nil
}

// Sign signs text with RSA2 (SHA-256, PKCS#1 v1.5) and returns standard base64.
func Sign(key *rsa.PrivateKey, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("alipay: sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// Verify checks an RSA2 signature over text; it is ErrSignature when it does not fit.
func Verify(key *rsa.PublicKey, text []byte, sign string) error {
	sig, err := base64.StdEncoding.Strict().DecodeString(sign)
	if err != nil || len(sig) == 0 {
		return ErrSignature
	}
	sum := sha256.Sum256(text)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return ErrSignature
	}
	return nil
}

// RequestText is what a request's signature covers: all but sign and empty values; sign_type stays in.
func RequestText(params url.Values) string {
	return signedText(params, func(name, value string) bool { return name != "sign" && value != "" })
}

// NoticeText is what the signature of a notify or a return covers: all but sign, sign_type and alipay_cert_sn; empty values stay in.
func NoticeText(params url.Values) string {
	return signedText(params, func(name, _ string) bool {
		return name != "sign" && name != "sign_type" && name != "alipay_cert_sn"
	})
}

// SignRequest sets params' sign to that of a request.
func SignRequest(key *rsa.PrivateKey, params url.Values) error {
	return setSign(key, params, RequestText(params))
}

// VerifyRequest checks the signature of a request against the app's public key.
func VerifyRequest(key *rsa.PublicKey, params url.Values) error {
	return Verify(key, []byte(RequestText(params)), params.Get("sign"))
}

// SignNotice sets params' sign to that of a notify or a return.
func SignNotice(key *rsa.PrivateKey, params url.Values) error {
	return setSign(key, params, NoticeText(params))
}

// VerifyNotice checks the signature of a notify or a return against Alipay's public key, as RSA2 whatever its sign_type claims.
func VerifyNotice(key *rsa.PublicKey, params url.Values) error {
	return Verify(key, []byte(NoticeText(params)), params.Get("sign"))
}

// ParseParams decodes a form or a query exactly once and refuses a name that comes twice, since nobody could say which one was signed.
func ParseParams(text string) (url.Values, error) {
	params, err := url.ParseQuery(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	for name, values := range params {
		if len(values) != 1 {
			return nil, fmt.Errorf("%w: %s comes %d times", ErrMalformed, name, len(values))
		}
	}
	return params, nil
}

// ResponseName is the name of the envelope's member that answers method.
func ResponseName(method string) string { return strings.ReplaceAll(method, ".", "_") + "_response" }

// Envelope wraps an answer's content, a JSON object, and signs it exactly as it stands.
func Envelope(key *rsa.PrivateKey, name string, content []byte) ([]byte, error) {
	sign, err := Sign(key, content)
	if err != nil {
		return nil, err
	}
	// Built by hand: json.Marshal would compact and so change the very bytes that are signed.
	var b strings.Builder
	fmt.Fprintf(&b, `{"%s":%s,"sign":"%s"}`, name, content, sign)
	return []byte(b.String()), nil
}

// OpenEnvelope returns the content of the answer to method after checking its signature over the bytes as received. When the signature is
// missing or wrong it returns the unproven content beside ErrSignature, which may be logged and nothing else.
func OpenEnvelope(key *rsa.PublicKey, method string, body []byte) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, fmt.Errorf("%w: the answer is no JSON object", ErrMalformed)
	}
	content, ok := members[ResponseName(method)]
	if !ok {
		content, ok = members["error_response"]
	}
	if !ok {
		return nil, fmt.Errorf("%w: the answer lacks %s", ErrMalformed, ResponseName(method))
	}
	var sign string
	if json.Unmarshal(members["sign"], &sign) != nil {
		return content, ErrSignature
	}
	return content, Verify(key, content, sign)
}

func setSign(key *rsa.PrivateKey, params url.Values, text string) error {
	sign, err := Sign(key, []byte(text))
	if err != nil {
		return err
	}
	params.Set("sign", sign)
	return nil
}

// signedText joins the kept parameters, sorted by name in byte order, as name=value with raw values.
func signedText(params url.Values, keep func(name, value string) bool) string {
	names := make([]string, 0, len(params))
	for name := range params {
		if keep(name, params.Get(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + params.Get(name))
	}
	return b.String()
}
