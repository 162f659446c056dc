package alipay

import (
	"testing"

	"dashop/views/locale"
	views "dashop/views/sandbox"
	"dashop/web/sandbox/desk"
)

func TestRefusalsHaveEnglish(t *testing.T) {
	english := views.View{Lang: locale.En}
	for _, r := range []*desk.Refusal{
		refusedPaid, refusedClosed, refusedExpired, refusedChanged, refusedAbsent, refusedState, refusedArgument,
	} {
		if english.T(r.Text) == r.Text {
			t.Errorf("no English for %q", r.Text)
		}
	}
}
