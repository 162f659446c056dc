package sandbox

import "strings"

// Phone is the page of the messages that arrived.
type Phone struct {
	Mobile   string // only of this number, or "" for all
	Still    bool   // the page does not fetch itself again
	Limit    int    // how many are kept
	Messages []SMS  // newest first
}

// SMS is one message. Text is what the person reads, in the shop's language, and holds Code, if there is one.
type SMS struct{ Mobile, Kind, Code, Text, At string }

// around is the text before and after the code.
func (m SMS) around() (before, after string) {
	before, after, _ = strings.Cut(m.Text, m.Code)
	return before, after
}

// grouped is a mobile number as people read it: 138 0013 8000.
func grouped(mobile string) string {
	if len(mobile) != 11 {
		return mobile
	}
	return mobile[:3] + " " + mobile[3:7] + " " + mobile[7:]
}

// kindOf says what a message is for.
func kindOf(v View, kind string) string {
	if kind == "mobile_changed" {
		return v.T("换号提醒")
	}
	return v.T("验证码")
}
