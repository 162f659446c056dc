package alipay

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ErrEnvironment says that the gateway and the keys belong to different worlds: real money and test keys, or the reverse.
var ErrEnvironment = errors.New("alipay: gateway and keys do not belong together")

// TestAppPrefix begins the app ids of test worlds, Ant's sandbox and the shop's own alike.
const TestAppPrefix = "9021"

// vectorAppID is the app of the published test vectors; like their keys it must never meet real money.
const vectorAppID = "2021000000000001"

// vectorKeys are the SHA-256 sums of the public keys whose private halves are published with the test vectors.
var vectorKeys = map[string]bool{
	"46b11b7d157057b98722bee678440a8a55ac081019bf97617b2d053542c1e7b7": true,
	"31df581d1391f97d97e9b173089a4d1fa24f38e6135daa4c070fa51c1c3082e5": true,
}

// Check refuses a configuration that cannot be meant: missing or mixed-up keys, a gateway address that is no plain one, a real gateway
// with test keys, a test gateway elsewhere with real ones. sandbox names further public keys known to be test keys, such as those in the
// data folder of the shop's own sandbox.
func Check(cfg Config, sandbox ...*rsa.PublicKey) error {
	if err := CheckKeys(cfg.AppPrivateKey, cfg.AlipayPublicKey); err != nil {
		return err
	}
	if cfg.AppID == "" || cfg.SellerID == "" {
		return fmt.Errorf("%w: app_id and seller_id are needed", ErrEnvironment)
	}
	gateway, err := url.Parse(cfg.GatewayURL)
	if err != nil || gateway.Host == "" || gateway.User != nil || gateway.RawQuery != "" || gateway.Fragment != "" {
		return fmt.Errorf("%w: gateway_url must be a plain absolute address", ErrEnvironment)
	}
	host := strings.ToLower(gateway.Hostname())
	if !isLoopback(host) && gateway.Scheme != "https" || gateway.Scheme != "https" && gateway.Scheme != "http" {
		return fmt.Errorf("%w: gateway_url must be https", ErrEnvironment)
	}
	if host == "openapi.alipaydev.com" {
		return fmt.Errorf("%w: the gateway %s was retired by Ant", ErrEnvironment, host)
	}
	test := testConfig(cfg, sandbox)
	real := host == "alipay.com" || strings.HasSuffix(host, ".alipay.com")
	switch {
	case real && test != "":
		return fmt.Errorf("%w: %s is a production gateway but %s", ErrEnvironment, host, test)
	case !real && test == "" && !isLoopback(host): // a gateway on this machine takes nobody's money
		return fmt.Errorf("%w: %s is a test gateway but app %s and its keys are none of a test world", ErrEnvironment, host, cfg.AppID)
	}
	return nil
}

// testConfig says what in cfg belongs to a test world, or "".
func testConfig(cfg Config, sandbox []*rsa.PublicKey) string {
	if strings.HasPrefix(cfg.AppID, TestAppPrefix) || cfg.AppID == vectorAppID {
		return "app " + cfg.AppID + " is a test app"
	}
	for name, key := range map[string]*rsa.PublicKey{"app key": &cfg.AppPrivateKey.PublicKey, "Alipay public key": cfg.AlipayPublicKey} {
		if vectorKeys[keySum(key)] {
			return "the " + name + " is a published test key"
		}
		for _, known := range sandbox {
			if known != nil && known.Equal(key) {
				return "the " + name + " is the sandbox's"
			}
		}
	}
	return ""
}

func keySum(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
