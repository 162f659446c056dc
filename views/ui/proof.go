package ui

import (
	"time"

	"github.com/a-h/templ"
)

// Proof is what a form asks of somebody whom the shop does not know: a captcha to read, and a code sent by SMS.
type Proof struct {
	Form    string // path of the page with the form, such as /register
	Captcha string // id of the captcha; "" asks for none
	Purpose string // of the code

	Code   string // what was typed
	SentTo string // where a code went, masked; "" while none was sent
	Again  time.Duration

	WrongCaptcha, WrongCode string
}

func (p Proof) captcha(v View) Input {
	return Input{
		Name: "captcha", Label: v.T("图形验证码"), InputMode: "numeric", Autocomplete: "off", MaxLength: 12, Wrong: p.WrongCaptcha,
	}
}

// code is the field for the code; its name is another where a form asks for two codes.
func (p Proof) code(v View, name string) Input {
	in := Input{
		Name: name, Label: p.codeLabel(v, name), Value: p.Code, InputMode: "numeric", Autocomplete: "one-time-code", MaxLength: 12,
		Wrong: p.WrongCode,
	}
	if p.SentTo != "" {
		in.Hint, in.Good = v.T("验证码已发送到 %s，5 分钟内有效", p.SentTo), true
	}
	return in
}

// ask are the attributes of the button that has a code sent. The same form goes to another address, so that nothing
// typed is lost without a script either.
func (p Proof) ask(v View, name string) templ.Attributes {
	a := templ.Attributes{
		"hx-post": "/sms-codes", "hx-target": "#sms-" + name, "hx-swap": "outerHTML", "data-wait": v.T("发送中…"),
	}
	if seconds := int((p.Again + time.Second - 1) / time.Second); seconds > 0 {
		a["data-again"] = ID(seconds)
		a["data-again-text"] = v.T("秒后重发")
	}
	return a
}

func (p Proof) codeLabel(v View, name string) string {
	switch {
	case name == "old_sms_code":
		return v.T("原手机号的验证码")
	case p.Purpose == "mobile":
		return v.T("新手机号的验证码")
	}
	return v.T("短信验证码")
}

// HideMobile shows a number to the person it belongs to, but not to one who looks over the shoulder.
func HideMobile(m string) string {
	if len(m) != 11 {
		return m
	}
	return m[:3] + "****" + m[7:]
}
