package alipay

import (
	"strings"
	"testing"
)

func TestNotifiesStayOnThisMachine(t *testing.T) {
	client := loopbackClient()
	for _, address := range []string{"http://192.0.2.1/notify", "http://[2001:db8::1]:80/notify", "http://0.0.0.0:1/notify"} {
		status, answer := post(t.Context(), client, address, "a=b")
		if status != 0 || !strings.Contains(answer, "loopback") {
			t.Errorf("%s: %d %s", address, status, answer)
		}
	}
	if status, answer := post(t.Context(), client, "ftp://127.0.0.1/", ""); status != 0 || answer == "" {
		t.Errorf("ftp: %d %s", status, answer)
	}
}
