package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func ini(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := loadConfig("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Env != development || c.Addr != "127.0.0.1:8000" || c.BaseURL != "http://127.0.0.1:8000" || c.PrivateAddr != "127.0.0.1:8002" ||
		c.Driver != "sqlite" || c.DSN != "./data/shop.db" || c.ShopName != "达达商城" || c.Freight != 1000 || c.FreeFrom != 19900 ||
		c.PayTimeout != 30*time.Minute || c.AutoReceipt != 168*time.Hour || c.MediaDir != "./data/media" || !c.SandboxEnabled ||
		c.SandboxAddr != "127.0.0.1:8001" || c.DataDir() != "data" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestFileAndEnvironment(t *testing.T) {
	file := ini(t, "# the shop\n[shop]\nname = 小店\nfreight=8\n\n[database]\ndriver: mysql\ndsn=root:pa;ss#w=ord@tcp(db:3306)/shop\r\n[session]\nkeys="+
		strings.Repeat("a1b2c3d4", 4)+", "+strings.Repeat("e5f6a7b8", 4)+"\n")
	c, err := loadConfig(file, []string{"SHOP_SHOP_FREIGHT=12.50", "SHOP_SERVER_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.1",
		"SHOP_TEST_FULL=1", "SHOPPER=x", "HOME=/"})
	if err != nil {
		t.Fatal(err)
	}
	if c.ShopName != "小店" || c.Freight != 1250 || c.Driver != "mysql" || c.DSN != "root:pa;ss#w=ord@tcp(db:3306)/shop" ||
		len(c.SessionKeys) != 2 ||
		c.SessionKeys[0] != strings.Repeat("a1b2c3d4", 4) || len(c.TrustedProxies) != 2 || c.TrustedProxies[1].String() != "192.0.2.1/32" {
		t.Errorf("read %+v", c)
	}
}

// Whatever is wrong with the settings stops the start and is named.
func TestMistakesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"[shop]\nnmae=x":                            "[shop] nmae",
		"[shopp]\nname=x":                           "unknown section",
		"name=x":                                    "no section before this",
		"[shop]\njust words":                        "neither",
		"[shop]\nname=x\nName=y":                    "neither",
		"[shop]\nname=x # mine":                     "a line of its own",
		"[shop]\nfreight=10 ; yuan":                 "a line of its own",
		"; old\n[shop]":                             "begins with #",
		"[shop]\nname=x\nname=y":                    "was there before",
		"[shop]\nname=x\n[log]\n[shop]\nname=y":     "was there before",
		"[DEFAULT]\nname=x":                         "unknown section",
		"[database]\ndsn=root@tcp([::1]:3306)/s":    "SHOP_DATABASE_DSN",
		"[shop]\nname=" + strings.Repeat("x", 5000): "too long",
		"[shop]\nname=":                             "[shop] name",
		"[shop]\nfreight=ten":                       "[shop] freight",
		"[shop]\nfreight=-1":                        "[shop] freight",
		"[shop]\npay_timeout=30":                    "[shop] pay_timeout",
		"[shop]\npay_timeout=1ms":                   "[shop] pay_timeout",
		"[server]\nenv=prod":                        "[server] env",
		"[server]\naddr=8000":                       "[server] addr",
		"[server]\nbase_url=shop.example":           "[server] base_url",
		"[server]\nbase_url=https://a.example/b":    "[server] base_url",
		"[server]\ntrusted_proxies=proxy":           "[server] trusted_proxies",
		"[database]\ndriver=postgres":               "[database] driver",
		"[session]\nkeys=short":                     "[session] keys",
		"[sandbox]\nenabled=maybe":                  "[sandbox] enabled",
		"[sandbox]\nenabled=false":                  "nobody could pay",
		"[log]\nlevel=loud":                         "[log] level",
		"[sms]\nprovider=pigeon":                    "[sms] provider",
		"[alipay]\napp_id=1":                        "[alipay] needs all",
		"[alipay]\noauth_url=https://a.example/o":   "[alipay] oauth_url is of no use",
		"[qq]\napp_id=1":                            "[qq] needs all",
		"[sms]\nprovider=aliyun\naccess_key_id=x":   "[sms] provider=aliyun needs",
		"[sms]\nendpoint=dysmsapi":                  "[sms] endpoint",
	} {
		if _, err := loadConfig(ini(t, text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	for _, env := range []string{"SHOP_SERVER_ADR=x", "SHOP_DATABASE_DSN=", "SHOP_SHOP_FREIGHT=ten"} {
		if _, err := loadConfig(ini(t, ""), []string{env}); err == nil {
			t.Errorf("%s is accepted", env)
		}
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "none.ini"), nil); err == nil {
		t.Error("a missing file is accepted")
	}
	secret := "do-not-show-this"
	if _, err := loadConfig(ini(t, "[session]\nkeys="+secret+" # old"), nil); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("the message shows a secret: %v", err)
	}
}

func TestProductionRefuses(t *testing.T) {
	good := map[string]string{
		"SHOP_SERVER_ENV": production, "SHOP_SERVER_BASE_URL": "https://shop.example",
		"SHOP_SESSION_KEYS": "5b3f9a1c7d2e8f604b1a9c3d7e5f2a80", "SHOP_ALIPAY_GATEWAY_URL": "https://openapi.alipay.com/gateway.do",
		"SHOP_ALIPAY_APP_ID": "2021", "SHOP_ALIPAY_SELLER_ID": "2088", "SHOP_ALIPAY_APP_PRIVATE_KEY_FILE": "a.pem",
		"SHOP_ALIPAY_ALIPAY_PUBLIC_KEY_FILE": "b.pem",
	}
	load := func(key, value string) error {
		var env []string
		for k, v := range good {
			if k != key {
				env = append(env, k+"="+v)
			}
		}
		_, err := loadConfig(ini(t, ""), append(env, key+"="+value))
		return err
	}
	if err := load("SHOP_LOG_LEVEL", "info"); err != nil {
		t.Fatalf("good production settings: %v", err)
	}
	for _, c := range []struct{ key, value, want string }{
		{"SHOP_SERVER_BASE_URL", "http://shop.example", "base_url must be https"},
		{"SHOP_SESSION_KEYS", "", "[session] keys must be set"},
		{"SHOP_SESSION_KEYS", strings.Repeat("change-", 6), "easy to guess"},
		{"SHOP_SESSION_KEYS", strings.Repeat("0", 64), "easy to guess"},
		{"SHOP_SANDBOX_ENABLED", "true", "[sandbox] enabled must be false"},
		{"SHOP_ALIPAY_GATEWAY_URL", "http://127.0.0.1:8001/gateway.do", "not Alipay's own"},
		{"SHOP_ALIPAY_GATEWAY_URL", "https://openapi.alipay.com.evil.example/gateway.do", "not Alipay's own"},
		{"SHOP_ALIPAY_APP_ID", "", "needs all"},
	} {
		if err := load(c.key, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: %v, want %q", c.key, c.value, err, c.want)
		}
	}
}
