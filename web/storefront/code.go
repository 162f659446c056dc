package storefront

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Captcha is a captcha as a picture, or with ?audio=1 read aloud: GET /captcha/{id}.
func (p Pages) Captcha(c *fiber.Ctx) error {
	client, id := session.Of(c).Client(), c.Params("id")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	if c.Query("audio") == "" {
		picture, err := p.Store.Account.CaptchaPicture(c.UserContext(), client, id)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "image/png")
		return c.Send(picture)
	}
	lang := "zh"
	if respond.Lang(c) == locale.En {
		lang = "en"
	}
	sound, err := p.Store.Account.CaptchaSound(c.UserContext(), client, id, lang)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "audio/wav")
	return c.Send(sound)
}

// NewCaptcha gives a form another captcha: POST /captcha. Without htmx the whole form was sent, and its page shows it again.
func (p Pages) NewCaptcha(c *fiber.Ctx) error {
	path := form.Value(c, "form")
	if _, known := typedFields[path]; !known {
		return fault.Missing()
	}
	if !respond.IsFragment(c) {
		keepDraft(c, path, "", "")
		return respond.SeeOther(c, path)
	}
	proof, err := p.freshProof(c, path)
	if err != nil {
		return err
	}
	return respond.Part(c, ui.CaptchaFields(respond.View(c), proof))
}

// newCaptcha makes a captcha for this browser and gives its id.
func (p Pages) newCaptcha(c *fiber.Ctx) (string, error) {
	client, err := session.Of(c).ClientWithToken()
	if err != nil {
		return "", err
	}
	return p.Store.Account.NewCaptcha(c.UserContext(), client)
}

func (p Pages) freshProof(c *fiber.Ctx, path string) (ui.Proof, error) {
	id, err := p.newCaptcha(c)
	return ui.Proof{Form: path, Captcha: id}, err
}

// codeForms are the pages on which codes are asked for, by the purpose, with the name of the field for the code.
var codeForms = map[account.Purpose]struct{ form, field string }{
	account.ForRegister:  {registerForm, "sms_code"},
	account.ForBind:      {bindForm, "sms_code"},
	account.ForReset:     {forgotForm, "sms_code"},
	account.ForMobile:    {mobileForm, "sms_code"},
	account.ForOldMobile: {mobileForm, "old_sms_code"},
}

// SendCode has a code sent: POST /sms-codes. The button for it stands in a form, which without htmx is sent whole and
// shown again by its page; with htmx only the field and the captcha are swapped.
func (p Pages) SendCode(c *fiber.Ctx) error {
	purpose := account.Purpose(form.Value(c, "purpose"))
	at, known := codeForms[purpose]
	if !known {
		return fault.Field("purpose", "请从页面上的按钮获取验证码")
	}
	s := session.Of(c)
	sent, err := p.Store.Account.SendCode(c.UserContext(), account.CodeRequest{
		Purpose: purpose, Mobile: form.Value(c, "mobile"), UserID: s.UserID(), Captcha: proof(c), Client: s.Client(),
	})
	f := fault.Of(err)
	status, shown := http.StatusOK, true
	if err != nil {
		if status, shown = refusal(c, f); !shown {
			return err
		}
	}
	if err == nil {
		keepDraft(c, at.form, at.field, sent.Mobile)
	}
	switch {
	case respond.IsFragment(c):
		return p.codePart(c, status, purpose, sent, f)
	case err != nil:
		return p.refuseCode(c, at.form, status, f)
	}
	return respond.SeeOther(c, at.form)
}

// codePart is the field for a code with what became of it, and a captcha for the next one.
func (p Pages) codePart(c *fiber.Ctx, status int, purpose account.Purpose, sent account.SentCode, f *fault.Error) error {
	at := codeForms[purpose]
	captcha, err := p.freshProof(c, at.form)
	if err != nil {
		return err
	}
	v := respond.View(c)
	code := ui.Proof{Form: at.form, Purpose: string(purpose), Code: form.Value(c, at.field)}
	mobile := ui.Input{Name: "mobile"}
	switch {
	case f == nil:
		code.SentTo, code.Again = ui.HideMobile(sent.Mobile), sent.Wait
	case len(f.Fields) > 0:
		captcha.WrongCaptcha, mobile.Wrong = v.Wrong(f, "captcha"), v.Wrong(f, "mobile")
	default:
		code.WrongCode, code.Again = v.Text(f.Text), f.RetryAfter
	}
	return respond.PartStatus(c, status, templ.Join(
		ui.SMSCode(v, code, at.field), ui.CaptchaSwap(v, captcha), ui.NoteSwap(mobile)))
}

// refuseCode shows the page of a form again with why no code was sent.
func (p Pages) refuseCode(c *fiber.Ctx, form string, status int, f *fault.Error) error {
	switch form {
	case registerForm:
		return p.showRegister(c, status, f)
	case bindForm:
		return p.showBind(c, status, f)
	case forgotForm:
		return p.showForgot(c, status, f)
	}
	return p.showMobile(c, status, f)
}
