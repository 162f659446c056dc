package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"

	"dashop/store/account"
	"dashop/store/account/oauth"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/sms"
	"dashop/web/sandbox"
)

// outside has the clients of external services.
type outside struct {
	gateways  gateway.List // payment providers, in the order in which they are offered
	sms       sms.Sender   // nil in production without a provider: then nobody can register
	providers []oauth.Provider
}

// openOutside makes the clients of external services, or of the sandbox for those whose keys are not set.
func (s *shop) openOutside() (o outside, err error) {
	c := s.config
	if need := sandboxed(c); len(need) > 0 {
		if err := s.openSandbox(need); err != nil {
			return o, err
		}
	}
	cfg, err := alipayConfig(c)
	if err != nil {
		return o, err
	}
	client, err := alipay.New(cfg)
	if err != nil {
		return o, err
	}
	o.gateways = append(o.gateways, alipay.NewProvider(client))
	if c.Alipay.OAuthURL != "" {
		o.providers = append(o.providers, oauth.NewAlipay(client, c.Alipay.OAuthURL))
	}
	if c.QQ.BaseURL != "" {
		qq, err := oauth.NewQQ(oauth.QQConfig{BaseURL: c.QQ.BaseURL, AppID: c.QQ.AppID, AppSecret: c.QQ.AppSecret})
		if err != nil {
			return o, fmt.Errorf("[qq]: %w", err)
		}
		o.providers = append(o.providers, qq)
	}
	o.sms, err = smsSender(c)
	return o, err
}

func (o outside) accounts(baseURL string) account.Options {
	return account.Options{SMS: o.sms, Providers: o.providers, BaseURL: baseURL}
}

// sandboxed are the sections for which the shop's own sandbox stands in. A gateway on this machine is a sandbox that runs
// by itself: it carries the messages too.
func sandboxed(c *Config) (sections []string) {
	if at, err := url.Parse(c.Alipay.GatewayURL); err == nil && onLoopback(at) && c.SMS.BaseURL == "" {
		c.SMS.BaseURL = at.Scheme + "://" + at.Host
	}
	if !c.SandboxEnabled {
		return nil
	}
	if c.Alipay.GatewayURL == "" {
		sections = append(sections, "alipay")
		if c.QQ.BaseURL == "" {
			sections = append(sections, "qq")
		}
	}
	if c.SMS.Provider == "sandbox" && c.SMS.BaseURL == "" {
		sections = append(sections, "sms")
	}
	return sections
}

func onLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// openSandbox starts the sandbox listener and takes the settings of these sections from it.
func (s *shop) openSandbox(sections []string) (err error) {
	c := s.config
	if s.sandbox, err = sandbox.New(sandbox.Options{Dir: sandboxDir(c), Payee: c.ShopName, Log: slog.Default()}); err != nil {
		return err
	}
	if err := s.sandbox.Listen(c.SandboxAddr); err != nil {
		return fmt.Errorf("[sandbox] addr: %w", err)
	}
	offered, err := s.sandbox.Settings()
	if err != nil {
		return err
	}
	for _, section := range offered {
		if !slices.Contains(sections, section.Name) {
			continue
		}
		for _, kv := range section.Settings {
			if err := c.set(section.Name, kv.Key, kv.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// paysInSandbox says whether payments go to the sandbox.
func (s *shop) paysInSandbox() bool {
	return s.sandbox != nil && strings.HasPrefix(s.config.Alipay.GatewayURL, s.sandbox.URL()+"/")
}

func smsSender(c *Config) (sms.Sender, error) {
	m := c.SMS
	var sender sms.Sender
	var err error
	switch {
	case m.Provider == "aliyun":
		sender, err = sms.NewAliyun(sms.AliyunConfig{
			AccessKeyID: m.AccessKeyID, AccessKeySecret: m.AccessKeySecret, SignName: m.SignName,
			TemplateCode: m.TemplateCode, NoticeTemplateCode: m.NoticeTemplate, Endpoint: m.Endpoint,
		})
	case m.BaseURL != "":
		sender, err = sms.NewSandbox(m.BaseURL)
	default:
		slog.Warn("no provider of short messages is set ([sms]): nobody can register or reset a password")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("[sms]: %w", err)
	}
	return sender, nil
}
