package account

import (
	"context"
	"time"
)

// Purpose is what a verification code is for; a code for one is worth nothing for another.
type Purpose string

// The purposes of codes.
const (
	ForRegister  Purpose = "register"
	ForReset     Purpose = "reset"
	ForBind      Purpose = "bind"       // to an account, at the first login by a provider
	ForMobile    Purpose = "mobile"     // to the new number of a user
	ForOldMobile Purpose = "mobile_old" // to the number that the user has
)

// CodeRequest asks for a verification code. UserID is who is logged in, or 0.
type CodeRequest struct {
	Purpose Purpose
	Mobile  string
	UserID  int64
	Captcha Proof
	Visit   Visit
}

// SendCode has a code of six digits sent, valid five minutes, and says how long until another may be asked for and where
// it went. Wrong fields are named mobile, captcha, purpose; too many codes are fault.TooMany. For ForOldMobile the number
// is the user's own and Mobile is not read. The captcha is used up by right and wrong answers alike.
func (s *Service) SendCode(ctx context.Context, r CodeRequest) (SentCode, error) {
	return SentCode{}, errStub
}

// SentCode tells what became of a request for a code.
type SentCode struct {
	Mobile string
	Wait   time.Duration
}

// CodeWait is how long until another code may be sent to a mobile; 0 is now.
func (s *Service) CodeWait(ctx context.Context, mobile string) (time.Duration, error) {
	return 0, errStub
}
