package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"dashop/store/fault"
)

// The lengths of a password in characters. What is typed at a login is measured before hashing, so that nobody can buy
// long work with a long text; it may be longer than what can be chosen, to let in who chose when more was allowed.
const (
	minPassword = 8
	maxPassword = 64
	maxTyped    = 128
)

// checkPassword adds what is wrong with a password that somebody chooses. names are those of the account.
func checkPassword(bad *fault.Error, field, password string, names ...string) {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		bad.With(field, "密码要 %d 到 %d 位", minPassword, maxPassword)
		return
	}
	if isCommon(password) {
		bad.With(field, "这个密码太常见，很容易被猜到，请换一个")
	}
	for _, name := range names {
		if name != "" && strings.EqualFold(name, password) {
			bad.With(field, "密码不能和用户名或手机号一样")
		}
	}
}

// checkRepeat adds a fault when the second typing differs from the first.
func checkRepeat(bad *fault.Error, first, second string) {
	if first != second {
		bad.With("password2", "两次填写的密码不一样")
	}
}

var hashParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummyHash fits no password. It is checked where there is no user, so that a stranger learns nothing from the time an answer takes.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher bounds how many passwords are hashed at once: each takes 19 MiB and a whole core for some time.
type hasher struct{ slots chan struct{} }

func newHasher() hasher { return hasher{slots: make(chan struct{}, 2)} }

func (h hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		e := fault.New(fault.Unavailable, 0, "现在人有点多，请稍后再试").Wrap(ctx.Err())
		e.RetryAfter = 5 * time.Second
		return e
	}
}

func (h hasher) leave() { <-h.slots }

// hash turns a password into the text that is kept of it.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return argon2id.CreateHash(password, hashParams)
}

// matches says whether a password fits a kept hash, and whether the hash was made with other parameters than today's.
// A hash that cannot be read fits nothing, at the same cost.
func (h hasher) matches(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	ok, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		_, _, err = argon2id.CheckHash(password, dummyHash)
		return false, false, err
	}
	return ok, *params != *hashParams, nil
}
