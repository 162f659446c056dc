package account

import (
	"context"
	"strconv"
	"strings"
	"time"

	"dashop/store/limit"
)

// The rules of what is limited, except for pauses after wrong passwords, which are in attempt.go.
var (
	captchaRule = limit.Rule{Max: 120, Window: 15 * time.Minute} // of an address: people who misread some need more
	checkRule   = limit.Rule{Max: 60, Window: time.Minute}       // of an address, asking whether a user name or mobile is taken
	oauthRule   = limit.Rule{Max: 120, Window: 15 * time.Minute} // of an address, starting logins with a provider
	visitorRule = limit.Rule{Max: 600, Window: 10 * time.Minute} // of an address, of unknown browsers to remember: many people may share it
	deviceRule  = limit.Rule{Max: 5, Window: failWindow}         // failures of a known browser before it counts like any other
)

// The rules for SMS codes. Each message costs money and disturbs somebody, so the whole shop has a limit too.
var (
	codePauseRule  = limit.Rule{Max: 1, Window: time.Minute}
	codeMobileRule = limit.Rule{Max: 10, Window: 24 * time.Hour}
	codeHourRule   = limit.Rule{Max: 60, Window: time.Hour}
	codeDayRule    = limit.Rule{Max: 200, Window: 24 * time.Hour}
	codeShopRule   = limit.Rule{Max: 5000, Window: 24 * time.Hour}
)

// The names of all counts of this package; a test checks that no two are the same. An account is given as accountKey has it.

func captchaLimit(v Client) limit.Name { return limit.NewName("captcha", v.network()) }
func checkLimit(v Client) limit.Name   { return limit.NewName("check", v.network()) }
func oauthLimit(v Client) limit.Name   { return limit.NewName("oauth", v.network()) }
func visitorLimit(v Client) limit.Name { return limit.NewName("visitor", v.network()) }

func codePauseLimit(mobile string) limit.Name  { return limit.NewName("code:pause", mobile) }
func codeMobileLimit(mobile string) limit.Name { return limit.NewName("code:mobile", mobile) }
func codeHourLimit(v Client) limit.Name        { return limit.NewName("code:hour", v.network()) }
func codeDayLimit(v Client) limit.Name         { return limit.NewName("code:day", v.network()) }
func codeShopLimit() limit.Name                { return limit.NewName("code:shop") }

func loginAccountLimit(account string) limit.Name { return limit.NewName("login:account", account) }
func loginAddressLimit(v Client) limit.Name       { return limit.NewName("login:address", v.network()) }
func loginPairLimit(v Client, account string) limit.Name {
	return limit.NewName("login:pair", v.network(), account)
}

// loginDeviceLimit counts failures of a browser that carries the mark of this user; for any other it is zero.
func loginDeviceLimit(v Client, userID int64) (none limit.Name) {
	if id, nonce, ok := strings.Cut(v.Device, "."); ok && nonce != "" && userID != 0 && id == strconv.FormatInt(userID, 10) {
		return limit.NewName("login:device", v.Device)
	}
	return none
}

// ownPasswordLimit counts failures of a logged-in user to repeat the password.
func ownPasswordLimit(userID int64) limit.Name {
	return limit.NewName("login:own", strconv.FormatInt(userID, 10))
}

// pauseLimit is the pause that follows too many failures under a name.
func pauseLimit(failures limit.Name) limit.Name { return failures.Under("pause") }

// accountKey is the same whether the user name or the mobile was typed. A name that no user has is a key as well.
func accountKey(name string, userID int64) string {
	if userID != 0 {
		return "u" + strconv.FormatInt(userID, 10)
	}
	if m := digits(name); mobileForm.MatchString(m) {
		return "n" + m
	}
	return "n" + normalName(name)
}

// allow counts once under a name; what the rule does not allow is fault.TooMany.
func (s *Service) allow(ctx context.Context, name limit.Name, r limit.Rule) error {
	wait, err := s.limits.Take(ctx, name, r)
	if err == nil && wait > 0 {
		return limit.TooMany(wait)
	}
	return err
}

// AdmitVisitor counts one more unknown browser that is to be remembered, with a session or a cart, for an address. Too many are
// fault.TooMany.
func (s *Service) AdmitVisitor(ctx context.Context, address string) error {
	return s.allow(ctx, visitorLimit(Client{Address: address}), visitorRule)
}
