package sandbox

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Setting is one key of a shop's shop.ini with its value.
type Setting struct{ Key, Value string }

// Section is one section of a shop's shop.ini.
type Section struct {
	Name     string
	Settings []Setting
}

// Settings are the sections that make a shop use this sandbox; sandbox.ini holds the same. Call it after Listen.
func (s *Sandbox) Settings() ([]Section, error) {
	dir, err := filepath.Abs(s.opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	return []Section{
		{"alipay", []Setting{
			{"gateway_url", s.base + "/gateway.do"},
			{"oauth_url", s.OAuthURL()},
			{"app_id", AppID},
			{"seller_id", SellerID},
			{"app_private_key_file", file(appPrivateFile)},
			{"alipay_public_key_file", file(alipayPublicFile)},
		}},
		{"wechat", []Setting{
			{"base_url", s.base},
			{"mchid", "1900000001"},
			{"appid", "wx0000000000000001"},
			{"merchant_serial", serial(&s.keys.merchant.PublicKey)},
			{"merchant_private_key_file", file(merchantPrivateFile)},
			{"platform_serial", "PUB_KEY_ID_" + serial(&s.keys.platform.PublicKey)[:20]},
			{"platform_public_key_file", file(platformPublicFile)},
			{"apiv3_key", s.keys.secret("apiv3", 32)},
		}},
		{"qq", []Setting{
			{"base_url", s.base},
			{"app_id", QQAppID},
			{"app_secret", s.QQSecret()},
		}},
		{"sms", []Setting{
			{"provider", "sandbox"},
			{"base_url", s.base},
		}},
	}, nil
}

// writeINI writes sandbox.ini anew at each start, since the address may have changed.
func (s *Sandbox) writeINI() error {
	sections, err := s.Settings()
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# Put these sections into a shop's shop.ini to let it use this sandbox. Written anew at each start.\n")
	for _, section := range sections {
		fmt.Fprintf(&b, "\n[%s]\n", section.Name)
		for _, kv := range section.Settings {
			fmt.Fprintf(&b, "%s=%s\n", kv.Key, kv.Value)
		}
	}
	return writeFile(filepath.Join(s.opt.Dir, iniFile), []byte(b.String()), 0o600)
}
