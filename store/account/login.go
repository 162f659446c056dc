package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strconv"
)

// LoginTry is a filled-in login form.
type LoginTry struct {
	Name, Password string
	Captcha        Proof // read only where one is asked for
	Visit          Visit
}

// LoginAsksCaptcha says whether the next login under this name from this browser has to answer a captcha.
func (s *Service) LoginAsksCaptcha(ctx context.Context, name string, v Visit) (bool, error) {
	return false, errStub
}

// DeviceMark is what a browser keeps, signed by the server, after a login of this user, so that strangers who fail at the
// same account or at the same address do not hold its owner up. It opens nothing by itself.
func DeviceMark(userID int64) string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return strconv.FormatInt(userID, 10) + "." + base64.RawURLEncoding.EncodeToString(b[:])
}
