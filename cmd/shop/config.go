package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"dashop/store/money"
	"dashop/web/session"
)

// Config is all settings of the shop, read and checked.
type Config struct {
	Env            string
	Addr           string
	BaseURL        string
	PrivateAddr    string
	TrustedProxies []netip.Prefix
	DrainWait      time.Duration // how long production goes on serving when it has said that it is not ready

	Driver, DSN string

	SessionKeys []string

	ShopName                string
	Freight, FreeFrom       money.Fen
	PayTimeout, AutoReceipt time.Duration

	Alipay   AlipayConfig
	QQ       QQConfig
	SMS      SMSConfig
	MediaDir string

	SandboxEnabled bool
	SandboxAddr    string

	LogLevel, LogFormat string
}

// AlipayConfig is the [alipay] section. It is wholly set or wholly empty, but for OAuthURL, without which nobody logs in
// by Alipay.
type AlipayConfig struct {
	GatewayURL, OAuthURL, AppID, SellerID  string
	AppPrivateKeyFile, AlipayPublicKeyFile string
}

// QQConfig is the [qq] section, wholly set or wholly empty.
type QQConfig struct{ BaseURL, AppID, AppSecret string }

// SMSConfig is the [sms] section: BaseURL is for the sandbox, the others are for Aliyun.
type SMSConfig struct {
	Provider, BaseURL                                string
	AccessKeyID, AccessKeySecret                     string
	SignName, TemplateCode, NoticeTemplate, Endpoint string
}

const (
	development    = "development"
	production     = "production"
	defaultBaseURL = "http://127.0.0.1:8000"
)

// Production says whether the shop serves real customers.
func (c *Config) Production() bool { return c.Env == production }

// DataDir is where a shop in development keeps its own files: session keys and those of the sandbox.
func (c *Config) DataDir() string { return filepath.Dir(filepath.Clean(c.MediaDir)) }

// setting is one key of shop.ini with its default and with what it sets.
type setting struct {
	section, key, value string
	set                 func(c *Config, value string) error
}

func (s setting) name() string { return "[" + s.section + "] " + s.key }
func (s setting) env() string {
	return "SHOP_" + strings.ToUpper(s.section) + "_" + strings.ToUpper(s.key)
}

// set sets one key as if the file did.
func (c *Config) set(section, key, value string) error {
	for _, s := range settings {
		if s.section == section && s.key == key {
			if err := s.set(c, value); err != nil {
				return fmt.Errorf("%s: %w", s.name(), err)
			}
			return nil
		}
	}
	return fmt.Errorf("unknown key [%s] %s", section, key)
}

// settings are all keys there are. The WeChat Pay keys are known already, so that a file written for them is read;
// nothing uses them yet.
var settings = []setting{
	{"server", "env", development, oneOf(func(c *Config) *string { return &c.Env }, development, production)},
	{"server", "addr", "127.0.0.1:8000", address(func(c *Config) *string { return &c.Addr })},
	{"server", "base_url", defaultBaseURL, setBaseURL},
	{"server", "private_addr", "127.0.0.1:8002", optional(address(func(c *Config) *string { return &c.PrivateAddr }))},
	{"server", "trusted_proxies", "", setProxies},
	// a check every 5 s comes in this time
	{"server", "drain_wait", "6s", duration(func(c *Config) *time.Duration { return &c.DrainWait }, 0, 5*time.Minute)},

	{"database", "driver", "sqlite", oneOf(func(c *Config) *string { return &c.Driver }, "sqlite", "mysql")},
	{"database", "dsn", "./data/shop.db", text(func(c *Config) *string { return &c.DSN })},

	{"session", "keys", "", setKeys},

	{"shop", "name", "达达商城", text(func(c *Config) *string { return &c.ShopName })},
	{"shop", "freight", "10.00", amount(func(c *Config) *money.Fen { return &c.Freight })},
	{"shop", "free_freight_from", "199.00", amount(func(c *Config) *money.Fen { return &c.FreeFrom })},
	{"shop", "pay_timeout", "30m", duration(func(c *Config) *time.Duration { return &c.PayTimeout }, time.Second, 15*24*time.Hour)},
	{"shop", "auto_receipt", "168h", duration(func(c *Config) *time.Duration { return &c.AutoReceipt }, time.Second, 365*24*time.Hour)},

	{"alipay", "gateway_url", "", optional(webAddress(func(c *Config) *string { return &c.Alipay.GatewayURL }))},
	{"alipay", "oauth_url", "", optional(webAddress(func(c *Config) *string { return &c.Alipay.OAuthURL }))},
	{"alipay", "app_id", "", optional(text(func(c *Config) *string { return &c.Alipay.AppID }))},
	{"alipay", "seller_id", "", optional(text(func(c *Config) *string { return &c.Alipay.SellerID }))},
	{"alipay", "app_private_key_file", "", optional(text(func(c *Config) *string { return &c.Alipay.AppPrivateKeyFile }))},
	{"alipay", "alipay_public_key_file", "", optional(text(func(c *Config) *string { return &c.Alipay.AlipayPublicKeyFile }))},

	{"wechat", "base_url", "", optional(webAddress(nil))},
	{"wechat", "mchid", "", unused},
	{"wechat", "appid", "", unused},
	{"wechat", "merchant_serial", "", unused},
	{"wechat", "merchant_private_key_file", "", unused},
	{"wechat", "platform_serial", "", unused},
	{"wechat", "platform_public_key_file", "", unused},
	{"wechat", "apiv3_key", "", unused},

	{"qq", "base_url", "", optional(webAddress(func(c *Config) *string { return &c.QQ.BaseURL }))},
	{"qq", "app_id", "", optional(text(func(c *Config) *string { return &c.QQ.AppID }))},
	{"qq", "app_secret", "", optional(text(func(c *Config) *string { return &c.QQ.AppSecret }))},

	{"sms", "provider", "sandbox", oneOf(func(c *Config) *string { return &c.SMS.Provider }, "sandbox", "aliyun")},
	{"sms", "base_url", "", optional(webAddress(func(c *Config) *string { return &c.SMS.BaseURL }))},
	{"sms", "access_key_id", "", optional(text(func(c *Config) *string { return &c.SMS.AccessKeyID }))},
	{"sms", "access_key_secret", "", optional(text(func(c *Config) *string { return &c.SMS.AccessKeySecret }))},
	{"sms", "sign_name", "", optional(text(func(c *Config) *string { return &c.SMS.SignName }))},
	{"sms", "template_code", "", optional(text(func(c *Config) *string { return &c.SMS.TemplateCode }))},
	{"sms", "notice_template_code", "", optional(text(func(c *Config) *string { return &c.SMS.NoticeTemplate }))},
	{"sms", "endpoint", "https://dysmsapi.aliyuncs.com", webAddress(func(c *Config) *string { return &c.SMS.Endpoint })},

	{"media", "dir", "./data/media", text(func(c *Config) *string { return &c.MediaDir })},

	{"sandbox", "enabled", "", setSandbox}, // true in development, false in production
	{"sandbox", "addr", "127.0.0.1:8001", address(func(c *Config) *string { return &c.SandboxAddr })},

	{"log", "level", "info", oneOf(func(c *Config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")},
	{"log", "format", "text", oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
}

type (
	field[T any] func(c *Config) *T
	setter       = func(c *Config, value string) error
)

func put[T any](c *Config, f field[T], v T) error {
	if f != nil {
		*f(c) = v
	}
	return nil
}

func unused(*Config, string) error { return nil }

func optional(set setter) setter {
	return func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		return set(c, v)
	}
}

func text(f field[string]) setter {
	return func(c *Config, v string) error {
		if v == "" {
			return errors.New("must not be empty")
		}
		return put(c, f, v)
	}
}

func oneOf(f field[string], words ...string) setter {
	return func(c *Config, v string) error {
		for _, w := range words {
			if v == w {
				return put(c, f, v)
			}
		}
		return fmt.Errorf("want one of %s", strings.Join(words, ", "))
	}
}

func address(f field[string]) setter {
	return func(c *Config, v string) error {
		if _, _, err := net.SplitHostPort(v); err != nil {
			return errors.New("want host:port")
		}
		return put(c, f, v)
	}
}

func webAddress(f field[string]) setter {
	return func(c *Config, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return errors.New("want an address with http:// or https://")
		}
		return put(c, f, v)
	}
}

func amount(f field[money.Fen]) setter {
	return func(c *Config, v string) error {
		n, err := money.Parse(v)
		if err != nil || n < 0 {
			return errors.New("want an amount in yuan such as 10.00")
		}
		return put(c, f, n)
	}
}

func duration(f field[time.Duration], least, most time.Duration) setter {
	return func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < least || d > most {
			return fmt.Errorf("want a duration such as 30m, from %v to %v", least, most)
		}
		return put(c, f, d)
	}
}

func setBaseURL(c *Config, v string) error {
	v = strings.TrimSuffix(v, "/")
	if u, err := url.Parse(v); err != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("want an address without a path, such as https://shop.example")
	}
	return webAddress(func(c *Config) *string { return &c.BaseURL })(c, v)
}

func setProxies(c *Config, v string) error {
	for _, word := range words(v) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			addr, err := netip.ParseAddr(word)
			if err != nil {
				return fmt.Errorf("%q is neither an IP address nor a range such as 10.0.0.0/8", word)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		c.TrustedProxies = append(c.TrustedProxies, p)
	}
	return nil
}

func setKeys(c *Config, v string) error {
	c.SessionKeys = words(v)
	for i, key := range c.SessionKeys {
		if len(key) < session.MinKey {
			return fmt.Errorf("key %d has fewer than %d characters", i+1, session.MinKey)
		}
	}
	return nil
}

func setSandbox(c *Config, v string) error {
	switch v {
	case "":
		c.SandboxEnabled = !c.Production()
	case "true", "false":
		c.SandboxEnabled = v == "true"
	default:
		return errors.New("want true or false")
	}
	return nil
}

// words splits a list on commas and blanks.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// check checks settings that depend on each other.
func (c *Config) check() error {
	a := c.Alipay
	set := count(a.GatewayURL, a.AppID, a.SellerID, a.AppPrivateKeyFile, a.AlipayPublicKeyFile)
	var wrong []error
	add := func(bad bool, msg string) {
		if bad {
			wrong = append(wrong, errors.New(msg))
		}
	}
	add(set > 0 && set < 5, "[alipay] needs all of gateway_url, app_id, seller_id, app_private_key_file and alipay_public_key_file, or none")
	add(set == 0 && !c.SandboxEnabled, "nobody could pay: set the keys of [alipay], or [sandbox] enabled=true in development")
	add(set == 0 && a.OAuthURL != "", "[alipay] oauth_url is of no use without the other keys of [alipay]")
	qq := count(c.QQ.BaseURL, c.QQ.AppID, c.QQ.AppSecret)
	add(qq > 0 && qq < 3, "[qq] needs all of base_url, app_id and app_secret, or none")
	m := c.SMS
	add(m.Provider == "aliyun" && count(m.AccessKeyID, m.AccessKeySecret, m.SignName, m.TemplateCode) < 4,
		"[sms] provider=aliyun needs access_key_id, access_key_secret, sign_name and template_code")
	if c.Production() {
		add(m.BaseURL != "", "[sms] base_url is the sandbox's, which production must not use")
		for _, abroad := range []string{a.OAuthURL, c.QQ.BaseURL} {
			add(abroad != "" && !strings.HasPrefix(abroad, "https://"), "[alipay] oauth_url and [qq] base_url must be https in production")
		}
		add(!strings.HasPrefix(c.BaseURL, "https://"), "[server] base_url must be https in production")
		add(c.SandboxEnabled, "[sandbox] enabled must be false in production")
		add(len(c.SessionKeys) == 0, "[session] keys must be set in production, for instance to the output of: openssl rand -hex 32")
		for _, key := range c.SessionKeys {
			add(monotonous(key), "[session] keys holds a key that is easy to guess")
		}
		if u, err := url.Parse(a.GatewayURL); set == 5 && err == nil {
			host := strings.ToLower(u.Hostname())
			add(host != "alipay.com" && !strings.HasSuffix(host, ".alipay.com"),
				"[alipay] gateway_url is not Alipay's own, as production needs it")
		}
	}
	return errors.Join(wrong...)
}

// count is how many of the texts are set.
func count(texts ...string) (n int) {
	for _, t := range texts {
		if t != "" {
			n++
		}
	}
	return n
}

// monotonous says that a key has too few different characters to be random.
func monotonous(key string) bool {
	seen := map[rune]bool{}
	for _, r := range key {
		seen[r] = true
	}
	return len(seen) < 8
}
