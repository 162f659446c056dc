package storefront

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// ForgotForm shows the page of somebody who has forgotten the password: GET /password/forgot.
func (p Pages) ForgotForm(c *fiber.Ctx) error { return p.showForgot(c, http.StatusOK, nil) }

// Forgot has a code sent to the number, if there is an account with it, which the answer does not tell: POST /password/forgot.
func (p Pages) Forgot(c *fiber.Ctx) error {
	s := session.Of(c)
	sent, err := p.Store.Account.SendCode(c.UserContext(), account.CodeRequest{
		Purpose: account.ForReset, Mobile: form.Value(c, "mobile"), Captcha: proof(c), Client: s.Client(),
	})
	if err != nil {
		f := fault.Of(err)
		if status, ok := refusal(c, f); ok {
			return p.showForgot(c, status, f)
		}
		return err
	}
	keepDraft(c, resetForm, "sms_code", sent.Mobile)
	return respond.SeeOther(c, resetForm)
}

func (p Pages) showForgot(c *fiber.Ctx, status int, f *fault.Error) error {
	d, err := p.signInPage(c, forgotForm, f)
	if err != nil {
		return err
	}
	return p.show(c, status, d, true, page.Forgot)
}

// ResetForm shows where a new password is set: GET /password/reset.
func (p Pages) ResetForm(c *fiber.Ctx) error { return p.showReset(c, http.StatusOK, nil) }

// Reset sets a new password and ends all sessions of the account: POST /password/reset.
func (p Pages) Reset(c *fiber.Ctx) error {
	err := p.Store.Account.ResetPassword(c.UserContext(), account.PasswordReset{
		Mobile: form.Value(c, "mobile"), SMSCode: form.Value(c, "sms_code"), New: form.Value(c, "password"),
		New2: form.Value(c, "password2"),
	})
	if err != nil {
		f := fault.Of(err)
		if status, ok := refusal(c, f); ok {
			return p.showReset(c, status, f)
		}
		return err
	}
	s := session.Of(c)
	if s.User() != nil { // whoever was logged in here may be the one whose sessions have just ended
		s.Logout()
	}
	s.DropDraft()
	s.Flash("ok", "密码已经改好，请用新密码登录")
	return respond.SeeOther(c, loginForm)
}

func (p Pages) showReset(c *fiber.Ctx, status int, f *fault.Error) error {
	d, err := p.signInPage(c, resetForm, f)
	if err != nil {
		return err
	}
	return p.show(c, status, d, false, page.Reset)
}
