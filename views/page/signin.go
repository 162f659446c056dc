package page

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/ui"
)

// SignIn is what the pages have in common through which people come in: registering, logging in, a forgotten password, the
// first login by a provider. Typed are the values of the form as they were sent, never a password.
type SignIn struct {
	Typed url.Values
	Next  string // where to go on to
	Fault *fault.Error
	Proof ui.Proof
	Sent  string         // the mobile that a code went to, or ""
	Picks []catalog.Card // some goods to look at
	Demo  bool           // tell of the demo account

	Providers []string          // the other ways to log in
	Stranger  *account.Stranger // who is to be bound
}

// field is a field of the form with what was typed and what is wrong with it.
func (d SignIn) field(v ui.View, in ui.Input) ui.Input {
	in.Required = true
	in.Wrong = v.Wrong(d.Fault, in.Name)
	if in.Type != "password" {
		in.Value = d.Typed.Get(in.Name)
	} else if in.MaxLength == 0 {
		in.MaxLength = 64
	}
	if in.Reveal {
		in.RevealLabel = v.T("显示密码")
	}
	return in
}

func (d SignIn) username(v ui.View) ui.Input {
	in := UsernameField(v)
	return d.field(v, in)
}

// UsernameField is the field for a new user name, which is checked when one leaves it.
func UsernameField(v ui.View) ui.Input {
	return ui.Input{
		Name: "username", Label: v.T("用户名"), Hint: v.T("5 到 20 个字母、数字或下划线"), Autocomplete: "username", MaxLength: 20, Live: true,
		Attrs: checks("username"),
	}
}

// NewMobileField is the field for a mobile that nobody has registered yet.
func NewMobileField(v ui.View) ui.Input {
	in := mobileField(v)
	in.Hint = v.T("用来登录和接收验证码") // so that nothing moves when it is checked
	in.Attrs = checks("mobile")
	return in
}

func mobileField(v ui.View) ui.Input {
	return ui.Input{
		Name: "mobile", Label: v.T("手机号"), Type: "tel", Autocomplete: "tel-national", InputMode: "numeric", MaxLength: 20, Live: true,
	}
}

func checks(name string) templ.Attributes {
	return templ.Attributes{"hx-get": "/register/check", "hx-trigger": "change", "hx-target": "#" + ui.NoteID(name), "hx-swap": "innerHTML"}
}

func (d SignIn) newPassword(v ui.View) ui.Input {
	return d.field(v, ui.Input{
		Name: "password", Label: v.T("密码"), Type: "password", Hint: v.T("8 到 64 位，任何字符都可以"), Autocomplete: "new-password", Reveal: true,
	})
}

func (d SignIn) passwordAgain(v ui.View) ui.Input {
	return d.field(v, ui.Input{Name: "password2", Label: v.T("再输一次密码"), Type: "password", Autocomplete: "new-password"})
}

func (d SignIn) name(v ui.View) ui.Input {
	return d.field(v, ui.Input{
		Name: "username", Label: v.T("用户名或手机号"), Autocomplete: "username", MaxLength: 40, Attrs: focusIf(d.Typed.Get("username") == ""),
	})
}

func (d SignIn) password(v ui.View) ui.Input {
	return d.field(v, ui.Input{
		Name: "password", Label: v.T("密码"), Type: "password", Autocomplete: "current-password", MaxLength: 128, Reveal: true,
		Aside: v.T("忘记密码"), AsideHref: "/password/forgot", Attrs: focusIf(d.Typed.Get("username") != ""),
	})
}

// proof is what the form asks for, with what is wrong with it.
func (d SignIn) proof(v ui.View) ui.Proof {
	p := d.Proof
	p.SentTo = ui.HideMobile(d.Sent)
	p.WrongCaptcha, p.WrongCode = v.Wrong(d.Fault, "captcha"), v.Wrong(d.Fault, "sms_code")
	return p
}

func (d SignIn) withNext(path string) string {
	if d.Next == "" || d.Next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(d.Next)
}

func (d SignIn) toLogin(v ui.View) *ui.Aside {
	return &ui.Aside{Text: v.T("已有账号？"), Link: ui.Link{Label: v.T("登录"), Href: d.withNext("/login")}}
}

func (d SignIn) toRegister(v ui.View) *ui.Aside {
	return &ui.Aside{Text: v.T("还没有账号？"), Link: ui.Link{Label: v.T("注册"), Href: d.withNext("/register")}}
}

func (d SignIn) startHref(provider string) string { return d.withNext("/oauth/" + provider + "/start") }

// ProviderName is what people call a provider of logins.
func ProviderName(v ui.View, provider string) string {
	switch provider {
	case "alipay":
		return v.T("支付宝")
	case "qq":
		return "QQ"
	}
	return strings.ToUpper(provider)
}

func providerMark(provider string) string {
	if provider == "alipay" {
		return "img/pay-alipay.svg"
	}
	return "img/login-" + provider + ".svg"
}

func focusIf(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"autofocus": true}
}
