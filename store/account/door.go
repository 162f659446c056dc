package account

import (
	"context"
	"strconv"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/limit"
)

// Figures of the door: what failing at a password costs.
const (
	failWindow   = 15 * time.Minute
	captchaAfter = 3  // failures at an account, or from an address: from then on a captcha is asked for
	pairFree     = 5  // failures from one address at one account, after which each further one begins a pause
	addressFree  = 49 // the same from one address at whatever accounts
	longestPause = time.Minute
)

// deviceRule is how often a known browser may fail at its own account before it counts as a stranger's.
var deviceRule = limit.Rule{Max: 5, Window: failWindow}

// door is where a password is tried: the names under which failures are counted, "" where they are not. The count of an
// account only ever asks for a captcha: anybody can run it up, and nobody shall lock another out.
type door struct{ account, address, pair, device string }

// doorOf is the door of a login. A user has one door whether the user name or the mobile is typed; a name without a user has one as well.
func doorOf(name string, userID int64, v Visit) door {
	who := "u" + strconv.FormatInt(userID, 10)
	if userID == 0 {
		who = "n" + normalName(name)
		if m := digits(name); mobileForm.MatchString(m) {
			who = "n" + m
		}
	}
	d := door{account: "login:account:" + who, address: "login:address:" + v.network(), pair: "login:pair:" + v.network() + " " + who}
	if id, nonce, ok := strings.Cut(v.Device, "."); ok && nonce != "" && userID != 0 && id == strconv.FormatInt(userID, 10) {
		d.device = "login:device:" + v.Device
	}
	return d
}

// ownDoor is where somebody who is logged in gives the password once more. Only that person's sessions can fail there.
func ownDoor(userID int64) door { return door{pair: "login:own:" + strconv.FormatInt(userID, 10)} }

// try looks whether a password fits a hash, if the door lets it. captcha, if not nil, answers the captcha when one is asked for.
func (s *Service) try(ctx context.Context, d door, password, hash string, captcha func() (bool, error)) (ok, stale bool, err error) {
	d, err = s.enter(ctx, d, captcha)
	if err != nil {
		return false, false, err
	}
	ok, stale, err = s.hasher.matches(ctx, password, hash)
	// What was counted has to be settled even when the browser has gone.
	if settleErr := s.settle(context.WithoutCancel(ctx), d, ok, err != nil); err == nil {
		err = settleErr
	}
	return ok && err == nil, stale, err
}

// enter counts a try as failed before the password is looked at, so that many at once are no more than the rules allow.
// It returns the door as it was entered: a known browser that has failed too often enters as a stranger.
func (s *Service) enter(ctx context.Context, d door, captcha func() (bool, error)) (door, error) {
	if d.device != "" {
		wait, err := s.limits.Take(ctx, d.device, deviceRule)
		if err != nil || wait == 0 {
			return door{device: d.device}, err
		}
		d.device = ""
	}
	// First, by reading: a captcha need not be wasted on a try that has to wait.
	for _, name := range []string{d.pair, d.address} {
		if wait, err := s.limits.Wait(ctx, "pause:"+name, limit.Rule{Max: 1}); err != nil {
			return d, err
		} else if wait > 0 {
			return d, tooMany(wait)
		}
	}
	proved, err := s.askCaptcha(ctx, d, captcha)
	if err != nil {
		return d, err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error { return countTry(ctx, tx, d, proved, now) })
	return d, err
}

// asks says whether a captcha stands before this door.
func (s *Service) asks(ctx context.Context, d door) (bool, error) {
	for _, name := range []string{d.account, d.address} {
		if n, err := s.limits.Count(ctx, name); err != nil || n >= captchaAfter {
			return err == nil, err
		}
	}
	return false, nil
}

// askCaptcha says whether it need not be asked for any more.
func (s *Service) askCaptcha(ctx context.Context, d door, captcha func() (bool, error)) (proved bool, err error) {
	if captcha == nil {
		return true, nil
	}
	if asks, err := s.asks(ctx, d); err != nil || !asks {
		return false, err
	}
	ok, err := captcha()
	if err == nil && !ok {
		return false, wrongCaptcha()
	}
	return ok, err
}

// countTry counts a try at the account and of the pair; the address is charged with failures only, since many people may
// log in from one at the same moment.
func countTry(ctx context.Context, tx *db.Tx, d door, proved bool, now time.Time) error {
	if d.account != "" {
		n, err := limit.Add(ctx, tx, d.account, failWindow, now)
		if err != nil {
			return err
		}
		if n > captchaAfter && !proved { // others came in at the same moment
			return wrongCaptcha()
		}
	}
	n, err := limit.Add(ctx, tx, d.pair, failWindow, now)
	if err != nil {
		return err
	}
	if err := beginPause(ctx, tx, d.pair, n-pairFree, now); err != nil || d.address == "" {
		return err
	}
	n, err = limit.CountIn(ctx, tx, d.address, now)
	if err != nil {
		return err
	}
	return beginPause(ctx, tx, d.address, n+1-addressFree, now)
}

// beginPause lets the n-th try too many through and makes the next one wait: one second, then two, then four, up to a minute.
func beginPause(ctx context.Context, tx *db.Tx, name string, n int, now time.Time) error {
	if n < 1 {
		return nil
	}
	pause := min(time.Second<<min(n-1, 10), longestPause)
	wait, err := limit.Take(ctx, tx, "pause:"+name, limit.Rule{Max: 1, Window: pause}, now)
	if err == nil && wait > 0 {
		return tooMany(wait)
	}
	return err
}

// settle makes the count true: a right password was no failure, and what could not be looked at was no try.
func (s *Service) settle(ctx context.Context, d door, ok, unknown bool) error {
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		switch {
		case unknown:
			return each(func(name string) error { return limit.GiveBack(ctx, tx, name, now) }, d.account, d.pair, d.device)
		case ok:
			if err := each(func(name string) error { return limit.GiveBack(ctx, tx, name, now) }, d.account); err != nil {
				return err
			}
			return each(func(name string) error {
				if err := limit.Reset(ctx, tx, name); err != nil {
					return err
				}
				return limit.Reset(ctx, tx, "pause:"+name)
			}, d.pair, d.device)
		case d.address != "":
			_, err := limit.Add(ctx, tx, d.address, failWindow, now)
			return err
		}
		return nil
	})
}

// each calls f with those names that are not empty.
func each(f func(name string) error, names ...string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := f(name); err != nil {
			return err
		}
	}
	return nil
}
