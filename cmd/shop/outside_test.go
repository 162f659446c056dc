package main

import (
	"slices"
	"testing"

	"dashop/web/sandbox"
)

// The sandbox stands in for what has no keys, and for no more; one that runs by itself on this machine carries the messages too.
func TestWhatTheSandboxStandsInFor(t *testing.T) {
	real := AlipayConfig{GatewayURL: "https://openapi.alipay.com/gateway.do"}
	alone := AlipayConfig{GatewayURL: "http://127.0.0.1:8001/gateway.do"}
	for what, c := range map[string]struct {
		config Config
		want   []string
		phone  string // where messages go then
	}{
		"nothing set": {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "sandbox"}}, []string{"alipay", "qq", "sms"}, ""},
		"keys of QQ": {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "sandbox"},
			QQ: QQConfig{BaseURL: "https://graph.qq.com"}}, []string{"alipay", "sms"}, ""},
		"keys of Alipay": {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "sandbox"}, Alipay: real}, []string{"sms"}, ""},
		"keys of all":    {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "aliyun"}, Alipay: real}, nil, ""},
		"a sandbox by itself": {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "sandbox"}, Alipay: alone}, nil,
			"http://127.0.0.1:8001"},
		"production, no phone": {Config{SMS: SMSConfig{Provider: "sandbox"}, Alipay: real}, nil, ""},
		"another sandbox named": {Config{SandboxEnabled: true, SMS: SMSConfig{Provider: "sandbox", BaseURL: "http://127.0.0.1:9"},
			Alipay: alone}, nil, "http://127.0.0.1:9"},
	} {
		if got := sandboxed(&c.config); !slices.Equal(got, c.want) || c.config.SMS.BaseURL != c.phone {
			t.Errorf("%s: %v, messages to %q", what, got, c.config.SMS.BaseURL)
		}
	}
}

// Whatever the sandbox offers is a setting of the shop, so that its file can be used as it is.
func TestSandboxSettingsAreKnown(t *testing.T) {
	g, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), BaseURL: "http://127.0.0.1:8001"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Shutdown(t.Context()) }()
	sections, err := g.Settings()
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range sections {
		for _, kv := range section.Settings {
			if err := (&Config{}).set(section.Name, kv.Key, kv.Value); err != nil {
				t.Errorf("[%s] %s=%s: %v", section.Name, kv.Key, kv.Value, err)
			}
		}
	}
	if err := (&Config{}).set("sms", "colour", "red"); err == nil {
		t.Error("an unknown key is set")
	}
}
