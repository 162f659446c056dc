package sms

import (
	"net/url"
	"testing"
)

// The example with fixed values from the page that the rule comes from.
func TestSignatureOfTheDocumentation(t *testing.T) {
	query := canonicalQuery(url.Values{"RegionId": {"cn-shanghai"}, "ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}})
	got := authorization("YourAccessKeyId", "YourAccessKeySecret", "POST", "/", query, map[string]string{
		"host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances",
		"x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"x-acs-date":           "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
		"x-acs-version": "2014-05-26",
	})
	want := "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
		"Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCanonicalQuery(t *testing.T) {
	got := canonicalQuery(url.Values{"b": {"达 达+*~/"}, "B": {""}, "a-_.": {`{"code":"1"}`}})
	if want := "B=&a-_.=%7B%22code%22%3A%221%22%7D&b=%E8%BE%BE%20%E8%BE%BE%2B%2A~%2F"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
