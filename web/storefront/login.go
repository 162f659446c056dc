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

// LoginForm shows the page to log in on: GET /login.
func (p Pages) LoginForm(c *fiber.Ctx) error {
	if u := session.Of(c).User(); u != nil {
		return respond.SeeOther(c, afterLogin(*u, c.Query("next")))
	}
	return p.showLogin(c, http.StatusOK, nil)
}

// Login begins a session for a user: POST /login.
func (p Pages) Login(c *fiber.Ctx) error {
	u, err := p.Store.Account.Login(c.UserContext(), account.LoginTry{
		Name: form.Value(c, "username"), Password: form.Value(c, "password"), Captcha: proof(c), Client: session.Of(c).Client(),
	})
	if err != nil {
		f := fault.Of(err)
		if status, ok := refusal(c, f); ok {
			return p.showLogin(c, status, f)
		}
		return err
	}
	return p.enter(c, u, form.Value(c, "remember") == "true", form.Value(c, "next"))
}

// Logout ends the session: POST /logout.
func (p Pages) Logout(c *fiber.Ctx) error {
	session.Of(c).Logout()
	return respond.SeeOther(c, "/")
}

func (p Pages) showLogin(c *fiber.Ctx, status int, f *fault.Error) error {
	d, err := p.signInPage(c, loginForm, f)
	if err != nil {
		return err
	}
	ask, err := p.Store.Account.LoginAsksCaptcha(c.UserContext(), d.Typed.Get("username"), session.Of(c).Client())
	if err != nil {
		return err
	}
	return p.show(c, status, d, ask, page.Login)
}

// proof is the captcha of a form with its answer.
func proof(c *fiber.Ctx) account.Proof {
	return account.Proof{ID: form.Value(c, "captcha_id"), Answer: form.Value(c, "captcha")}
}

// afterLogin is where a login leads: to where it was asked for, else the merchant's people to their work and shoppers home.
func afterLogin(u account.User, next string) string {
	if next == "" && (u.Role == account.Owner || u.Role == account.Staff) {
		return "/admin"
	}
	return respond.Next(next)
}
