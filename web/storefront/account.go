package storefront

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
	"dashop/web/upload"
)

// Account shows a shopper's own page: GET /account.
func (p Pages) Account(c *fiber.Ctx) error {
	u := session.Of(c).User()
	counts, err := p.Store.Order.Counts(c.UserContext(), u.ID)
	if err != nil {
		return err
	}
	coupons, err := p.Store.Coupon.CountUsable(c.UserContext(), u.ID)
	if err != nil {
		return err
	}
	a := page.AccountPage{Username: u.Username, Counts: counts, Coupons: coupons}
	if a.Credits, err = p.Store.Credits.Balance(c.UserContext(), p.Store.DB, u.ID); err != nil {
		return err
	}
	if u.Mobile != nil {
		a.Mobile = *u.Mobile
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Account(v, a) }, "")
}

// self is what the pages of one's own account have in common.
func self(c *fiber.Ctx, f *fault.Error) page.Self {
	return page.Self{User: *session.Of(c).User(), Fault: f}
}

// again shows a form of the account again because of f, or passes on what is no fault of the form's.
func again(c *fiber.Ctx, err error, show func(status int, f *fault.Error) error) error {
	f := fault.Of(err)
	if status, ok := refusal(c, f); ok {
		return show(status, f)
	}
	return err
}

// Profile shows who one is and how one logs in: GET /account/profile.
func (p Pages) Profile(c *fiber.Ctx) error { return p.showProfile(c, http.StatusOK, nil, nil) }

func (p Pages) showProfile(c *fiber.Ctx, status int, f *fault.Error, typed url.Values) error {
	s := self(c, f)
	s.Typed = typed
	var err error
	if s.Identities, err = p.Store.Account.Identities(c.UserContext(), s.User.ID); err != nil {
		return err
	}
	s.Providers = p.Store.Account.Providers()
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Profile(v, s) }, "")
}

// SaveProfile keeps a nickname, and a picture if one is sent, or neither: POST /account.
func (p Pages) SaveProfile(c *fiber.Ctx) error {
	u := session.Of(c).User()
	picture, err := p.sentFace(c)
	if err == nil {
		var replaced string
		if replaced, err = p.Store.Account.SaveProfile(c.UserContext(), u.ID, form.Value(c, "nickname"), picture); err == nil {
			p.Store.Media.Remove(replaced) // which leaves the demo's pictures alone
		}
	}
	if err != nil {
		if !fault.Is(err, fault.Unknown) { // else the profile may show it
			p.Store.Media.Remove(picture)
		}
		typed := url.Values{"nickname": {strings.ToValidUTF8(form.Value(c, "nickname"), "")}}
		return again(c, err, func(status int, f *fault.Error) error { return p.showProfile(c, status, f, typed) })
	}
	session.Of(c).Flash("ok", "资料已保存")
	return respond.SeeOther(c, "/account/profile")
}

// sentFace stores the picture that the form sends, and is "" if it sends none.
func (p Pages) sentFace(c *fiber.Ctx) (string, error) {
	files, err := upload.Files(c, "avatar")
	if err != nil || len(files) == 0 {
		return "", err
	}
	names, err := upload.Keep(c, p.Store.Media, media.Face, "avatar", files[:1])
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// Unbind takes a way to log in away: POST /account/identities/{provider}/remove.
func (p Pages) Unbind(c *fiber.Ctx) error {
	provider := c.Params("provider")
	if !slices.Contains(p.Store.Account.Providers(), provider) {
		return fault.Missing()
	}
	s := session.Of(c)
	if err := p.Store.Account.Unbind(c.UserContext(), s.UserID(), provider); err != nil {
		return again(c, err, func(status int, f *fault.Error) error { return p.showProfile(c, status, f, nil) })
	}
	s.Flash("ok", "已解除绑定")
	return respond.SeeOther(c, "/account/profile")
}

// LeaveForm says what deleting the account means: GET /account/delete.
func (p Pages) LeaveForm(c *fiber.Ctx) error { return showLeave(c, http.StatusOK, nil) }

func showLeave(c *fiber.Ctx, status int, f *fault.Error) error {
	s := self(c, f)
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Leave(v, s) }, "")
}

// Leave deletes the account: POST /account/delete.
func (p Pages) Leave(c *fiber.Ctx) error {
	s := session.Of(c)
	u := s.User()
	err := error(fault.Field("sure", "请先确认注销不能撤销"))
	if form.Value(c, "sure") == "true" {
		err = p.Store.Account.DeleteUser(c.UserContext(), u.ID, form.Value(c, "password"))
	}
	if err != nil {
		return again(c, err, func(status int, f *fault.Error) error { return showLeave(c, status, f) })
	}
	p.Store.Media.Remove(u.Avatar)
	s.Logout()
	s.Flash("ok", "账号已注销，谢谢您来过")
	return respond.SeeOther(c, "/")
}

// MobileForm shows where one gets another mobile: GET /account/mobile.
func (p Pages) MobileForm(c *fiber.Ctx) error { return p.showMobile(c, http.StatusOK, nil) }

func (p Pages) showMobile(c *fiber.Ctx, status int, f *fault.Error) error {
	s := self(c, f)
	s.Typed = typed(c, mobileForm)
	if c.Method() != fiber.MethodPost {
		for name, value := range session.Of(c).Draft(mobileForm) {
			switch name {
			case "sent:sms_code":
				s.Sent = value
			case "sent:old_sms_code":
				s.OldSent = value
			default:
				s.Typed.Set(name, value)
			}
		}
	}
	s.Proof = ui.Proof{Form: mobileForm, Purpose: string(account.ForMobile)}
	s.OldProof = ui.Proof{Form: mobileForm, Purpose: string(account.ForOldMobile)}
	var err error
	if s.Proof.Captcha, err = p.newCaptcha(c); err != nil {
		return err
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Mobile(v, s) }, "")
}

// ChangeMobile gives the account another mobile: POST /account/mobile.
func (p Pages) ChangeMobile(c *fiber.Ctx) error {
	s := session.Of(c)
	err := p.Store.Account.ChangeMobile(c.UserContext(), s.UserID(), account.MobileChange{
		OldCode: form.Value(c, "old_sms_code"), Password: form.Value(c, "password"), Mobile: form.Value(c, "mobile"),
		Code: form.Value(c, "sms_code"),
	})
	if err != nil {
		return again(c, err, func(status int, f *fault.Error) error { return p.showMobile(c, status, f) })
	}
	s.DropDraft()
	s.Renew() // another number may open the account from now on
	s.Flash("ok", "手机号已更换")
	return respond.SeeOther(c, "/account/profile")
}
