package storefront

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// RegisterForm shows the page to get an account on: GET /register.
func (p Pages) RegisterForm(c *fiber.Ctx) error {
	if u := session.Of(c).User(); u != nil {
		return respond.SeeOther(c, afterLogin(*u, c.Query("next")))
	}
	return p.showRegister(c, http.StatusOK, nil)
}

// Register makes an account and logs it in: POST /register. That somebody has read a captcha shows in the code, which
// is sent for no less.
func (p Pages) Register(c *fiber.Ctx) error {
	u, err := p.Store.Account.Register(c.UserContext(), account.Registration{
		Username: form.Value(c, "username"), Mobile: form.Value(c, "mobile"), SMSCode: form.Value(c, "sms_code"),
		Password: form.Value(c, "password"), Password2: form.Value(c, "password2"), Allow: form.Value(c, "allow") != "",
	})
	if err != nil {
		f := fault.Of(err)
		if status, ok := refusal(c, f); ok {
			return p.showRegister(c, status, f)
		}
		return err
	}
	return p.enter(c, u, false, form.Value(c, "next"))
}

func (p Pages) showRegister(c *fiber.Ctx, status int, f *fault.Error) error {
	d, err := p.signInPage(c, registerForm, f)
	if err != nil {
		return err
	}
	return p.show(c, status, d, true, page.Register)
}

// CheckNew says below a field whether a name or a number can be had: GET /register/check.
func (p Pages) CheckNew(c *fiber.Ctx) error {
	ctx, client := c.UserContext(), session.Of(c).Client()
	v := respond.View(c)
	var field ui.Input
	var free string
	var err error
	if mobile := c.Query("mobile"); mobile != "" {
		field, free = page.NewMobileField(v), v.T("这个手机号可以注册")
		err = p.Store.Account.CheckMobile(ctx, mobile, client)
	} else {
		field, free = page.UsernameField(v), v.T("这个名字可以用")
		err = p.Store.Account.CheckUsername(ctx, c.Query("username"), client)
	}
	switch f := fault.Of(err); {
	case err == nil:
		field.Hint, field.Good = free, true
	case f.Kind == fault.Invalid: // the answer to the question, not a fault of it
		field.Wrong = v.Wrong(f, field.Name)
	default:
		return err
	}
	return respond.Part(c, ui.FieldNote(field))
}
