package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Aliyun's signature, version 3 (ACS3-HMAC-SHA256). The rule: "V3 版本请求体 & 签名机制",
// help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature, whose example with fixed values is in the test.
const (
	acsAlgorithm = "ACS3-HMAC-SHA256"
	acsTime      = "2006-01-02T15:04:05Z" // in UTC
)

// emptySum is the sum of a body that is empty.
var emptySum = sum("")

// authorization is the Authorization header for a request. headers are all that are signed, with lower-case names; query must be canonical.
func authorization(keyID, secret, method, path, query string, headers map[string]string) string {
	names := slices.Sorted(maps.Keys(headers))
	var lines strings.Builder
	for _, name := range names {
		lines.WriteString(name + ":" + strings.TrimSpace(headers[name]) + "\n")
	}
	signed := strings.Join(names, ";")
	request := strings.Join([]string{method, path, query, lines.String(), signed, headers["x-acs-content-sha256"]}, "\n")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(acsAlgorithm + "\n" + sum(request)))
	return acsAlgorithm + " Credential=" + keyID + ",SignedHeaders=" + signed + ",Signature=" + hex.EncodeToString(mac.Sum(nil))
}

// canonicalQuery sorts by name and escapes as RFC 3986 has it: all but letters, digits and -_.~, a space being %20.
func canonicalQuery(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20") // Encode writes a + itself as %2B
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}
