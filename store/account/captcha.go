package account

import "context"

// Visit is what the server knows of a browser that asks for something.
type Visit struct {
	Browser string // the token of its session; captchas and logins under way belong to it
	Address string // where it comes from
	Device  string // the mark of a browser on which this user has logged in before, or ""
}

// Proof is an answered captcha.
type Proof struct{ ID, Answer string }

// NewCaptcha makes a captcha for a browser and returns its id. Too many from one address are fault.TooMany.
func (s *Service) NewCaptcha(ctx context.Context, v Visit) (id string, err error) { return "", errStub }

// CaptchaPicture draws a captcha of this browser as a PNG of 132 by 44 (at twice the size); anything else is NotFound.
func (s *Service) CaptchaPicture(ctx context.Context, v Visit, id string) ([]byte, error) {
	return nil, errStub
}

// CaptchaSound reads it out as a WAV, in Chinese or English ("zh", "en").
func (s *Service) CaptchaSound(ctx context.Context, v Visit, id, lang string) ([]byte, error) {
	return nil, errStub
}
