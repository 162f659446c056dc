package alipay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

// wrap breaks s into lines of n characters, as key tools do.
func wrap(s string, n int, end string) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + end)
		s = s[n:]
	}
	return b.String() + s + end
}

func pemOf(kind, b64, end string) string {
	return "-----BEGIN " + kind + "-----" + end + wrap(b64, 64, end) + "-----END " + kind + "-----" + end
}

func TestParsePrivateKeyForms(t *testing.T) {
	v := loadVectors(t)
	for what, text := range map[string]string{
		"bare PKCS#8":               v.Keys.AppPKCS8,
		"bare PKCS#1":               v.Keys.AppPKCS1,
		"bare, newline at the end":  v.Keys.AppPKCS8 + "\n",
		"bare, in lines with CR LF": wrap(v.Keys.AppPKCS1, 76, "\r\n"),
		"bare, tabs and spaces":     "\t " + wrap(v.Keys.AppPKCS8, 10, " \t\u00a0"),
		"bare, byte order mark":     "\ufeff" + v.Keys.AppPKCS8,
		"PEM PKCS#8":                pemOf("PRIVATE KEY", v.Keys.AppPKCS8, "\n"),
		"PEM PKCS#1":                pemOf("RSA PRIVATE KEY", v.Keys.AppPKCS1, "\n"),
		"PEM, CR LF":                pemOf("PRIVATE KEY", v.Keys.AppPKCS8, "\r\n"),
		"PEM, byte order mark":      "\ufeff" + pemOf("RSA PRIVATE KEY", v.Keys.AppPKCS1, "\r\n"),
		"PEM, indented":             pemOf("PRIVATE KEY", v.Keys.AppPKCS8, "\n    "),
		"PEM, one long line":        "-----BEGIN PRIVATE KEY-----\n" + v.Keys.AppPKCS8 + "\n-----END PRIVATE KEY-----",
		"PEM, wrong label":          pemOf("PRIVATE KEY", v.Keys.AppPKCS1, "\n"),
	} {
		key, err := ParsePrivateKey([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if !key.Equal(v.app) {
			t.Errorf("%s: another key came out", what)
		}
	}
}

func TestParsePublicKeyForms(t *testing.T) {
	v := loadVectors(t)
	pkcs1 := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&v.app.PublicKey))
	for what, text := range map[string]string{
		"bare SPKI":            v.Keys.AppPublic,
		"bare, lines":          wrap(v.Keys.AppPublic, 64, "\r\n"),
		"bare PKCS#1":          pkcs1,
		"PEM SPKI":             pemOf("PUBLIC KEY", v.Keys.AppPublic, "\n"),
		"PEM, byte order mark": "\ufeff" + pemOf("PUBLIC KEY", v.Keys.AppPublic, "\r\n"),
		"PEM PKCS#1":           pemOf("RSA PUBLIC KEY", pkcs1, "\n"),
	} {
		key, err := ParsePublicKey([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if !key.Equal(&v.app.PublicKey) {
			t.Errorf("%s: another key came out", what)
		}
	}
}

func TestKeysRefused(t *testing.T) {
	v := loadVectors(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecPrivate, _ := x509.MarshalPKCS8PrivateKey(ec)
	ecPublic, _ := x509.MarshalPKIXPublicKey(&ec.PublicKey)
	b64 := base64.StdEncoding.EncodeToString
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"},
		Bytes: []byte("x")}))
	for what, text := range map[string]string{
		"empty":          "",
		"spaces":         " \r\n\t",
		"a mark alone":   "\ufeff",
		"words":          "here is my key",
		"public as priv": v.Keys.AppPublic,
		"cut":            v.Keys.AppPKCS8[:400],
		"PEM cut":        pemOf("PRIVATE KEY", v.Keys.AppPKCS8, "\n")[:300],
		"PEM of nothing": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
		"encrypted":      encrypted,
		"1024 bits":      b64(x509.MarshalPKCS1PrivateKey(weak)),
		"elliptic":       b64(ecPrivate),
	} {
		if _, err := ParsePrivateKey([]byte(text)); !errors.Is(err, ErrKey) {
			t.Errorf("private, %s: %v", what, err)
		} else if len(text) > 40 && strings.Contains(err.Error(), text[30:40]) {
			t.Errorf("private, %s: the error shows the key", what)
		}
	}
	weakPublic, _ := x509.MarshalPKIXPublicKey(&weak.PublicKey)
	for what, text := range map[string]string{
		"empty": "", "private": v.Keys.AppPKCS8, "1024 bits": b64(weakPublic), "elliptic": b64(ecPublic), "cut": v.Keys.AppPublic[:200],
	} {
		if _, err := ParsePublicKey([]byte(text)); !errors.Is(err, ErrKey) {
			t.Errorf("public, %s: %v", what, err)
		}
	}
}

func FuzzParseKeys(f *testing.F) {
	v := loadVectors(f)
	f.Add(v.Keys.AppPKCS8)
	f.Add(pemOf("RSA PRIVATE KEY", v.Keys.AppPKCS1, "\r\n"))
	f.Add(pemOf("PUBLIC KEY", v.Keys.AppPublic, "\n"))
	f.Add("-----BEGIN")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := ParsePrivateKey([]byte(text)); err == nil && key.N.BitLen() < minKeyBits {
			t.Error("a weak private key")
		}
		if key, err := ParsePublicKey([]byte(text)); err == nil && key.N.BitLen() < minKeyBits {
			t.Error("a weak public key")
		}
	})
}

func TestCheck(t *testing.T) {
	v := loadVectors(t)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const production, testing9021, real2021 = "https://openapi.alipay.com/gateway.do", "9021000100000001", "2021004123456789"
	for what, c := range map[string]struct {
		gateway, app string
		own          *rsa.PrivateKey
		theirs       *rsa.PublicKey
		sandbox      []*rsa.PublicKey
		want         error
	}{
		"production":       {production, real2021, own, &theirs.PublicKey, nil, nil},
		"sandbox here":     {"http://127.0.0.1:8001/gateway.do", testing9021, own, &theirs.PublicKey, nil, nil},
		"sandbox here, v6": {"http://[::1]:8001/gateway.do", testing9021, own, &theirs.PublicKey, nil, nil},
		"Ant's sandbox": {"https://openapi-sandbox.dl.alipaydev.com/gateway.do", testing9021, own, &theirs.PublicKey,
			nil, nil},
		"vector keys here": {"http://localhost/gateway.do", real2021, v.app, &theirs.PublicKey, nil, nil},
		"known sandbox key here": {"http://localhost/gateway.do", real2021, own, &theirs.PublicKey,
			[]*rsa.PublicKey{&theirs.PublicKey}, nil},
		"production, test app":          {production, testing9021, own, &theirs.PublicKey, nil, ErrEnvironment},
		"production, vector app":        {production, "2021000000000001", own, &theirs.PublicKey, nil, ErrEnvironment},
		"production, vector app key":    {production, real2021, v.app, &theirs.PublicKey, nil, ErrEnvironment},
		"production, vector Alipay key": {production, real2021, own, &v.alipay.PublicKey, nil, ErrEnvironment},
		"production, sandbox's Alipay key": {production, real2021, own, &theirs.PublicKey, []*rsa.PublicKey{nil, &theirs.PublicKey},
			ErrEnvironment},
		"production, sandbox's app key": {production, real2021, own, &theirs.PublicKey, []*rsa.PublicKey{&own.PublicKey}, ErrEnvironment},
		"production in capitals": {"https://OpenAPI.Alipay.COM/gateway.do", testing9021, own, &theirs.PublicKey, nil,
			ErrEnvironment},
		"a gateway on this machine": {"http://127.0.0.1:8001/gateway.do", real2021, own, &theirs.PublicKey, nil, nil},
		"real keys on Ant's sandbox": {"https://openapi-sandbox.dl.alipaydev.com/gateway.do", real2021, own, &theirs.PublicKey, nil,
			ErrEnvironment},
		"look-alike host": {"https://openapi.alipay.com.evil.test/gateway.do", real2021, own, &theirs.PublicKey, nil,
			ErrEnvironment},
		"retired sandbox": {"https://openapi.alipaydev.com/gateway.do", testing9021, own, &theirs.PublicKey, nil,
			ErrEnvironment},
		"plain http":                 {"http://openapi.alipay.com/gateway.do", real2021, own, &theirs.PublicKey, nil, ErrEnvironment},
		"other scheme":               {"ftp://127.0.0.1/gateway.do", testing9021, own, &theirs.PublicKey, nil, ErrEnvironment},
		"with a query":               {production + "?a=b", real2021, own, &theirs.PublicKey, nil, ErrEnvironment},
		"no address":                 {"", real2021, own, &theirs.PublicKey, nil, ErrEnvironment},
		"no app":                     {production, "", own, &theirs.PublicKey, nil, ErrEnvironment},
		"own public key as Alipay's": {production, real2021, own, &own.PublicKey, nil, ErrSameKey},
		"no key":                     {production, real2021, nil, &theirs.PublicKey, nil, ErrKey},
	} {
		err := Check(Config{GatewayURL: c.gateway, AppID: c.app, SellerID: "2088102175868000", AppPrivateKey: c.own,
			AlipayPublicKey: c.theirs}, c.sandbox...)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
}
