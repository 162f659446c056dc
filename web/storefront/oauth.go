package storefront

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// StartOAuth leads to a provider to log in there: GET /oauth/{provider}/start.
func (p Pages) StartOAuth(c *fiber.Ctx) error {
	provider, err := p.provider(c)
	if err != nil {
		return err
	}
	s := session.Of(c)
	client, err := s.ClientWithToken()
	if err != nil {
		return err
	}
	to, err := p.Store.Account.BeginOAuth(c.UserContext(), provider, client, s.UserID(), respond.Next(c.Query("next")))
	if err != nil {
		return err
	}
	return respond.SeeOther(c, to)
}

// OAuthCallback is where a provider leads back to: GET /oauth/{provider}/callback. Somebody who is known is logged in,
// somebody who is logged in has one more way in, and a stranger is asked for an account.
func (p Pages) OAuthCallback(c *fiber.Ctx) error {
	provider, err := p.provider(c)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return fault.New(fault.Invalid, 0, "登录没有成功，请重新开始")
	}
	s := session.Of(c)
	a, err := p.Store.Account.EndOAuth(c.UserContext(), provider, s.Client(), s.UserID(), query)
	if err != nil {
		return p.noArrival(c, err)
	}
	switch {
	case a.Linked:
		s.Flash("ok", "绑定好了，以后可以用它登录")
		return respond.SeeOther(c, respond.Next(a.Next))
	case a.User != nil:
		return p.enter(c, *a.User, false, a.Next)
	}
	s.KeepStranger(*a.Stranger)
	return respond.SeeOther(c, bindForm)
}

// noArrival leads back to where a login by a provider began, with what went wrong.
func (p Pages) noArrival(c *fiber.Ctx, err error) error {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.Unavailable:
	default:
		return err
	}
	s := session.Of(c)
	s.FlashFault(f.First())
	if s.User() != nil {
		return respond.SeeOther(c, "/account/profile")
	}
	return respond.SeeOther(c, loginForm)
}

// provider is the one named in the path; an unknown one leads nowhere.
func (p Pages) provider(c *fiber.Ctx) (string, error) {
	name := c.Params("provider")
	if !slices.Contains(p.Store.Account.Providers(), name) {
		return "", fault.Missing()
	}
	return name, nil
}

// BindForm asks a stranger for an account: GET /oauth/bind.
func (p Pages) BindForm(c *fiber.Ctx) error {
	if session.Of(c).Stranger() == nil {
		return respond.SeeOther(c, loginForm)
	}
	return p.showBind(c, http.StatusOK, nil)
}

// Bind finds or makes the account of a stranger, and logs in: POST /oauth/bind.
func (p Pages) Bind(c *fiber.Ctx) error {
	s := session.Of(c)
	who := s.Stranger()
	if who == nil {
		s.Flash("err", "登录已过期，请重新开始")
		return respond.SeeOther(c, loginForm)
	}
	u, err := p.Store.Account.Bind(c.UserContext(), *who, account.Binding{
		Mobile: form.Value(c, "mobile"), Password: form.Value(c, "password"), SMSCode: form.Value(c, "sms_code"),
	}, s.Client())
	if err != nil {
		f := fault.Of(err)
		if status, ok := refusal(c, f); ok {
			return p.showBind(c, status, f)
		}
		return err
	}
	return p.enter(c, u, false, who.Next)
}

func (p Pages) showBind(c *fiber.Ctx, status int, f *fault.Error) error {
	d, err := p.signInPage(c, bindForm, f)
	if err != nil {
		return err
	}
	if d.Stranger = session.Of(c).Stranger(); d.Stranger == nil {
		return respond.SeeOther(c, loginForm)
	}
	return p.show(c, status, d, true, page.Bind)
}
