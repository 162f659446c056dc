package storefront

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Devices shows where one is logged in: GET /account/sessions.
func (p Pages) Devices(c *fiber.Ctx) error {
	s := self(c, nil)
	var err error
	if s.Devices, err = p.Store.Account.Devices(c.UserContext(), s.User.ID, session.Of(c).ID()); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Devices(v, s) }, "")
}

// EndDevices ends one session, or without an id all but this one: POST /account/sessions.
func (p Pages) EndDevices(c *fiber.Ctx) error {
	s := session.Of(c)
	id := form.Value(c, "id")
	if id == "" {
		if err := p.Store.Account.EndSessions(c.UserContext(), s.UserID(), s.ID()); err != nil {
			return err
		}
		s.Flash("ok", "其他设备都已退出")
		return respond.SeeOther(c, "/account/sessions")
	}
	if account.DeviceID(s.ID()) == id {
		s.Logout()
		return respond.SeeOther(c, loginForm)
	}
	if err := p.Store.Account.EndDevice(c.UserContext(), s.UserID(), id); err != nil {
		return err
	}
	s.Flash("ok", "那台设备已退出")
	return respond.SeeOther(c, "/account/sessions")
}

// PasswordForm shows where one changes the password: GET /account/password.
func (p Pages) PasswordForm(c *fiber.Ctx) error { return showPassword(c, http.StatusOK, nil) }

func showPassword(c *fiber.Ctx, status int, f *fault.Error) error {
	s := self(c, f)
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Password(v, s) }, "")
}

// ChangePassword changes the password, ends all other sessions and gives this one another id: POST /account/password.
func (p Pages) ChangePassword(c *fiber.Ctx) error {
	s := session.Of(c)
	err := p.Store.Account.ChangePassword(c.UserContext(), s.UserID(), account.PasswordChange{
		Old: form.Value(c, "old_password"), New: form.Value(c, "password"), New2: form.Value(c, "password2"),
	}, s.ID())
	if err != nil {
		return again(c, err, func(status int, f *fault.Error) error { return showPassword(c, status, f) })
	}
	s.Renew()
	s.Flash("ok", "密码已改好，其他设备都已退出")
	return respond.SeeOther(c, "/account/sessions")
}
