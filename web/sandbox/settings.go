package sandbox

import (
	"fmt"
	"path/filepath"
	"strings"

	"dashop/web/sandbox/desk"
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
	dir, err := filepath.Abs(s.Dir())
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	keys := s.Keys()
	return []Section{
		{"alipay", []Setting{
			{"gateway_url", s.Alipay.URL()},
			{"oauth_url", s.Logins.AlipayURL()},
			{"app_id", AppID},
			{"seller_id", SellerID},
			{"app_private_key_file", file(desk.AppPrivateFile)},
			{"alipay_public_key_file", file(desk.AlipayPublicFile)},
		}},
		{"wechat", []Setting{
			{"base_url", s.URL()},
			{"mchid", "1900000001"},
			{"appid", "wx0000000000000001"},
			{"merchant_serial", desk.Serial(&keys.Merchant.PublicKey)},
			{"merchant_private_key_file", file(desk.MerchantPrivateFile)},
			{"platform_serial", "PUB_KEY_ID_" + desk.Serial(&keys.Platform.PublicKey)[:20]},
			{"platform_public_key_file", file(desk.PlatformPublicFile)},
			{"apiv3_key", s.Secret("apiv3", 32)},
		}},
		{"qq", []Setting{
			{"base_url", s.URL()},
			{"app_id", QQAppID},
			{"app_secret", s.Logins.QQSecret()},
		}},
		{"sms", []Setting{
			{"provider", "sandbox"},
			{"base_url", s.URL()},
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
	return s.WriteFile(desk.IniFile, []byte(b.String()))
}
