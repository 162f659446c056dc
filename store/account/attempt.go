package account

import (
	"context"
	"time"

	"dashop/store/db"
	"dashop/store/limit"
)

// What failing at a password costs.
const (
	failWindow   = 15 * time.Minute
	captchaAfter = 3  // failures at an account, or from an address: from then on a captcha is required
	pairFree     = 5  // failures from one address at one account, after which each further one starts a pause
	addressFree  = 49 // the same from one address at any accounts
	longestPause = time.Minute
)

// attempt is one try of a password, as the names under which its failure is counted; those that are zero are not counted. The count
// of an account only ever requires a captcha: anybody can raise it, and nobody shall lock another user out.
type attempt struct{ account, address, pair, device limit.Name }

// loginAttempt is an attempt to log in under a name, which is that of userID, or of no user if that is 0.
func loginAttempt(name string, userID int64, v Client) attempt {
	key := accountKey(name, userID)
	return attempt{
		account: loginAccountLimit(key), address: loginAddressLimit(v), pair: loginPairLimit(v, key), device: loginDeviceLimit(v, userID),
	}
}

// ownAttempt is one of a logged-in user who repeats the password. Only sessions of that user can fail here.
func ownAttempt(userID int64) attempt { return attempt{pair: ownPasswordLimit(userID)} }

// verify checks a password against a hash, if the limits allow the attempt. captcha, if not nil, checks the captcha when one is
// required. stale says that the hash should be renewed.
func (s *Service) verify(ctx context.Context, a attempt, password, hash string, captcha func() (bool, error)) (ok, stale bool, err error) {
	a, err = s.begin(ctx, a, captcha)
	if err != nil {
		return false, false, err
	}
	ok, stale, err = s.hasher.matches(ctx, password, hash)
	// The counts have to be corrected even when the browser has disconnected.
	if endErr := s.end(context.WithoutCancel(ctx), a, ok, err != nil); err == nil {
		err = endErr
	}
	return ok && err == nil, stale, err
}

// begin counts an attempt as failed before the password is checked, so that concurrent ones cannot exceed the limits. It returns the
// attempt as it was counted: a known browser that has failed too often counts like an unknown one.
func (s *Service) begin(ctx context.Context, a attempt, captcha func() (bool, error)) (attempt, error) {
	if a.device != (limit.Name{}) {
		wait, err := s.limits.Take(ctx, a.device, deviceRule)
		if err != nil || wait == 0 {
			return attempt{device: a.device}, err
		}
		a.device = limit.Name{}
	}
	// First a read: an attempt that has to wait should not use up a captcha.
	for _, name := range []limit.Name{a.pair, a.address} {
		if wait, err := s.limits.Wait(ctx, pauseLimit(name), limit.Rule{Max: 1}); err != nil {
			return a, err
		} else if wait > 0 {
			return a, limit.TooMany(wait)
		}
	}
	proved, err := s.checkCaptcha(ctx, a, captcha)
	if err != nil {
		return a, err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error { return countAttempt(ctx, tx, a, proved, now) })
	return a, err
}

// captchaRequired says whether there were so many failures that an attempt needs a captcha.
func (s *Service) captchaRequired(ctx context.Context, a attempt) (bool, error) {
	for _, name := range []limit.Name{a.account, a.address} {
		if n, err := s.limits.Count(ctx, name); err != nil || n >= captchaAfter {
			return err == nil, err
		}
	}
	return false, nil
}

// checkCaptcha checks the captcha if one is required. proved says that the attempt needs none any more.
func (s *Service) checkCaptcha(ctx context.Context, a attempt, captcha func() (bool, error)) (proved bool, err error) {
	if captcha == nil {
		return true, nil
	}
	if required, err := s.captchaRequired(ctx, a); err != nil || !required {
		return false, err
	}
	ok, err := captcha()
	if err == nil && !ok {
		return false, wrongCaptcha()
	}
	return ok, err
}

// countAttempt counts an attempt for its account and its pair. The address is charged with failures only, since many people may log
// in from one at the same moment.
func countAttempt(ctx context.Context, tx *db.Tx, a attempt, proved bool, now time.Time) error {
	if a.account != (limit.Name{}) {
		n, err := limit.Add(ctx, tx, a.account, failWindow, now)
		if err != nil {
			return err
		}
		if n > captchaAfter && !proved { // others were counted at the same moment
			return wrongCaptcha()
		}
	}
	n, err := limit.Add(ctx, tx, a.pair, failWindow, now)
	if err != nil {
		return err
	}
	if err := startPause(ctx, tx, a.pair, n-pairFree, now); err != nil || a.address == (limit.Name{}) {
		return err
	}
	n, err = limit.CountIn(ctx, tx, a.address, now)
	if err != nil {
		return err
	}
	return startPause(ctx, tx, a.address, n+1-addressFree, now)
}

// startPause allows the n-th attempt too many and makes the next one wait: one second, then two, then four, up to a minute.
func startPause(ctx context.Context, tx *db.Tx, name limit.Name, n int, now time.Time) error {
	if n < 1 {
		return nil
	}
	pause := min(time.Second<<min(n-1, 10), longestPause)
	wait, err := limit.Take(ctx, tx, pauseLimit(name), limit.Rule{Max: 1, Window: pause}, now)
	if err == nil && wait > 0 {
		return limit.TooMany(wait)
	}
	return err
}

// end corrects what begin counted: a right password was no failure, and a password that could not be checked (unknown) was no attempt.
func (s *Service) end(ctx context.Context, a attempt, ok, unknown bool) error {
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		switch {
		case unknown:
			return each(func(name limit.Name) error { return limit.GiveBack(ctx, tx, name, now) }, a.account, a.pair, a.device)
		case ok:
			if err := each(func(name limit.Name) error { return limit.GiveBack(ctx, tx, name, now) }, a.account); err != nil {
				return err
			}
			return each(func(name limit.Name) error {
				if err := limit.Reset(ctx, tx, name); err != nil {
					return err
				}
				return limit.Reset(ctx, tx, pauseLimit(name))
			}, a.pair, a.device)
		case a.address != (limit.Name{}):
			_, err := limit.Add(ctx, tx, a.address, failWindow, now)
			return err
		}
		return nil
	})
}

// each calls f with those names that are not zero.
func each(f func(name limit.Name) error, names ...limit.Name) error {
	for _, name := range names {
		if name == (limit.Name{}) {
			continue
		}
		if err := f(name); err != nil {
			return err
		}
	}
	return nil
}
