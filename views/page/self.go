package page

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mileusna/useragent"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/ui"
)

// Self is what the pages show on which people look after their own account.
type Self struct {
	User  account.User
	Typed url.Values // what was sent of a form, never a password
	Fault *fault.Error

	Identities []account.Identity
	Providers  []string
	Devices    []account.Device

	Proof, OldProof ui.Proof // of the new and the old mobile
	Sent, OldSent   string
}

func (s Self) mobile() string {
	if s.User.Mobile == nil {
		return ""
	}
	return *s.User.Mobile
}

func (s Self) field(v ui.View, in ui.Input) ui.Input {
	in.Wrong = v.Wrong(s.Fault, in.Name)
	if in.Type == "password" {
		in.Required, in.MaxLength = true, 128
	} else if s.Typed.Has(in.Name) {
		in.Value = s.Typed.Get(in.Name)
	}
	if in.Reveal {
		in.RevealLabel = v.T("显示密码")
	}
	return in
}

func (s Self) nickname(v ui.View) ui.Input {
	return s.field(v, ui.Input{Name: "nickname", Label: v.T("昵称"), Value: s.User.Nickname, Required: true, MaxLength: 20,
		Autocomplete: "nickname"})
}

func (s Self) password(v ui.View, name, label, autocomplete string) ui.Input {
	return s.field(v, ui.Input{Name: name, Label: label, Type: "password", Autocomplete: autocomplete, Reveal: true})
}

// bound is a user's identity at a provider, or nil.
func (s Self) bound(provider string) *account.Identity {
	for i := range s.Identities {
		if s.Identities[i].Provider == provider {
			return &s.Identities[i]
		}
	}
	return nil
}

// boundAs is who a user is at a provider, as far as that tells.
func boundAs(v ui.View, i account.Identity) string {
	if i.Nickname == "" {
		return v.T("已绑定")
	}
	return i.Nickname
}

// proof and oldProof are the codes for the new and the old number.
func (s Self) proof(v ui.View) ui.Proof {
	p := s.Proof
	p.Code, p.SentTo = s.Typed.Get("sms_code"), ui.HideMobile(s.Sent)
	p.WrongCaptcha, p.WrongCode = v.Wrong(s.Fault, "captcha"), v.Wrong(s.Fault, "sms_code")
	return p
}

func (s Self) oldProof(v ui.View) ui.Proof {
	p := s.OldProof
	p.Code, p.SentTo, p.WrongCode = s.Typed.Get("old_sms_code"), ui.HideMobile(s.OldSent), v.Wrong(s.Fault, "old_sms_code")
	return p
}

func (s Self) newMobile(v ui.View) ui.Input {
	in := NewMobileField(v)
	in.Label, in.Required = v.T("新手机号"), true
	return s.field(v, in)
}

// deviceName says which browser on which system it is, as far as it tells.
func deviceName(v ui.View, d account.Device) string {
	ua := useragent.Parse(d.UserAgent)
	name := strings.TrimSpace(ua.Name)
	switch {
	case name == "":
		return v.T("未知浏览器")
	case utf8.RuneCountInString(name) > 40: // nobody's browser is called so
		name = string([]rune(name)[:40]) + "…"
	}
	if ua.OS == "" {
		return name
	}
	return name + " · " + ua.OS
}

func deviceIcon(d account.Device) string {
	if useragent.Parse(d.UserAgent).Mobile {
		return "smartphone"
	}
	return "globe"
}
