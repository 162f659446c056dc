package storefront

import (
	"net/http"
	"net/url"
	"strings"

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

// The pages with forms that ask for a captcha, by their paths, which are also the names of their drafts.
const (
	loginForm    = "/login"
	registerForm = "/register"
	forgotForm   = "/password/forgot"
	resetForm    = "/password/reset"
	bindForm     = "/oauth/bind"
	mobileForm   = "/account/mobile"
)

// typedFields are what a draft keeps of each form. Passwords are not among them.
var typedFields = map[string][]string{
	loginForm:    {"username", "remember"},
	registerForm: {"username", "mobile", "sms_code", "allow"},
	forgotForm:   {"mobile"},
	resetForm:    {"mobile"},
	bindForm:     {"mobile", "sms_code"},
	mobileForm:   {"old_sms_code", "mobile", "sms_code"},
}

// codePurposes are the purposes of the codes that the forms ask for.
var codePurposes = map[string]account.Purpose{registerForm: account.ForRegister, bindForm: account.ForBind}

// typed gathers what was sent of a form, without passwords.
func typed(c *fiber.Ctx, path string) url.Values {
	values := url.Values{}
	for _, name := range typedFields[path] {
		if v := strings.ToValidUTF8(form.Value(c, name), ""); v != "" && len(v) <= 200 {
			values.Set(name, v)
		}
	}
	return values
}

// signInPage makes the page of a form: with what was typed just now, or else what a draft kept of it.
func (p Pages) signInPage(c *fiber.Ctx, path string, f *fault.Error) (page.SignIn, error) {
	d := page.SignIn{Fault: f, Typed: typed(c, path), Picks: p.Picks(c, 4), Demo: p.Demo, Providers: p.Store.Account.Providers()}
	d.Proof = ui.Proof{Form: path, Purpose: string(codePurposes[path])}
	if next := respond.Next(first(form.Value(c, "next"), c.Query("next"))); next != "/" {
		d.Next = next
	}
	p.fromDraft(c, path, &d)
	d.Proof.Code = d.Typed.Get("sms_code")
	if d.Sent == "" || d.Proof.Purpose == "" {
		return d, nil
	}
	// Only of a number to which this very browser had a code sent: who gets codes is nobody else's business.
	var err error
	d.Proof.Again, err = p.Store.Account.CodeWait(c.UserContext(), d.Sent)
	return d, err
}

// fromDraft fills a form with what was typed before a code or another captcha was asked for. What is typed now counts more.
func (p Pages) fromDraft(c *fiber.Ctx, path string, d *page.SignIn) {
	posted := c.Method() == fiber.MethodPost
	for name, value := range session.Of(c).Draft(path) {
		switch {
		case name == "sent:sms_code":
			d.Sent = value
		case posted:
		case name == "next":
			d.Next = value
		default:
			d.Typed.Set(name, value)
		}
	}
	if posted && d.Sent != d.Typed.Get("mobile") {
		d.Sent = ""
	}
}

// keepDraft keeps what was typed into a form for the page that shows it next, and under the name of the field for a code
// where that was sent, if one was.
func keepDraft(c *fiber.Ctx, path, field, sentTo string) {
	draft := map[string]string{}
	if old := session.Of(c).Draft(path)["sent:old_sms_code"]; old != "" { // the form with two codes
		draft["sent:old_sms_code"] = old
	}
	for name, values := range typed(c, path) {
		draft[name] = values[0]
	}
	if next := respond.Next(form.Value(c, "next")); next != "/" {
		draft["next"] = next
	}
	if sentTo != "" {
		draft["sent:"+field] = sentTo
	}
	session.Of(c).KeepDraft(path, draft)
}

// show answers with the page of a form. A captcha that it asks for is a new one each time.
func (p Pages) show(c *fiber.Ctx, status int, d page.SignIn, captcha bool, build func(v ui.View, d page.SignIn) templ.Component) error {
	if captcha {
		var err error
		d.Proof.Captcha, err = p.newCaptcha(c)
		if fault.Is(err, fault.TooMany) { // the form keeps what was typed, and says how long to wait
			status, d.Fault = http.StatusTooManyRequests, fault.Of(err)
			respond.RetryAfter(c, d.Fault)
			session.Of(c).ForgetNew()
		} else if err != nil {
			return err
		}
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return build(v, d) }, "")
}

// refusal is the status of a form that is shown again because of f, and false for what is no fault of the form's.
func refusal(c *fiber.Ctx, f *fault.Error) (status int, ok bool) {
	switch f.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity, true
	case fault.Conflict:
		return http.StatusConflict, true
	case fault.TooMany:
		respond.RetryAfter(c, f)
		return http.StatusTooManyRequests, true
	}
	return 0, false
}

// enter begins the session of a user who has proved to be one, brings cart and history along, and leads on.
func (p Pages) enter(c *fiber.Ctx, u account.User, remember bool, next string) error {
	s := session.Of(c)
	p.claimWanted(c, s, u)
	p.mergeCarts(c, s, u)
	p.mergeSeen(c, u.ID)
	s.Login(u, remember)
	s.MarkDevice(account.DeviceMark(u.ID))
	return respond.SeeOther(c, afterLogin(u, next))
}
