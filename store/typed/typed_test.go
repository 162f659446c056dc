package typed_test

import (
	"testing"

	"dashop/store/typed"
)

func TestLines(t *testing.T) {
	for in, want := range map[string]string{
		" a\tb \r\n\r\n\r\n\nc\r": "a b \n\nc", "a\u202eb\u2066c\x00\ufffd\xff": "abc", "王  小明": "王  小明",
	} {
		if got := typed.Lines(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := typed.Line(" a\tb \r\n\r\nc\u202e  d"); got != "a b c d" {
		t.Errorf("Line: %q", got)
	}
}

func TestClip(t *testing.T) {
	for n, want := range []string{"", "🍊", "🍊a", "🍊a牌", "🍊a牌"} {
		if got := typed.Clip("🍊a牌", n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{"12 34\u3000５\t６": "123456", "１２３４５": "12345", "12a-4": "12a-4", "": ""} {
		if got := typed.Digits(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
