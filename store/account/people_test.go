package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/sms"
	"dashop/store/storetest"
)

const (
	mobile   = "13800135621"
	other    = "13900139000"
	password = "correct horse"
	answer   = "12345" // of each captcha in these tests
)

var home = account.Client{Browser: "browser-at-home", Address: "203.0.113.1"}

// from is a client at the n-th of many addresses, with a browser of its own.
func from(n int) account.Client {
	return account.Client{Browser: "browser-" + strconv.Itoa(n), Address: fmt.Sprintf("198.51.%d.%d", n/250, n%250+1)}
}

// phone is a sender that keeps what is sent.
type phone struct {
	mu   sync.Mutex
	sent []sms.Message
	fail error
}

func (p *phone) Send(_ context.Context, m sms.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.sent = append(p.sent, m)
	return nil
}

// people runs a test on each database with a shop whose captchas are all the same.
func people(t *testing.T, test func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, p *phone)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		p := &phone{}
		test(t, account.New(d, clock.Now, account.Options{CaptchaAnswer: func() string { return answer }, SMS: p}), d, clock, p)
	})
}

var cheapHash = sync.OnceValue(func() string {
	h, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 8, KeyLength: 16})
	if err != nil {
		panic(err)
	}
	return h
})

// person adds a shopper whose password, "correct horse", is quickly checked.
func person(t *testing.T, d *db.DB, username, mobile string) int64 {
	t.Helper()
	id := storetest.User(t, d, username)
	storetest.Exec(t, d, "UPDATE users SET password_hash = ?, mobile = ? WHERE id = ?", cheapHash(), orNull(mobile), id)
	return id
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func proof(t *testing.T, s *account.Service, v account.Client) account.Proof {
	t.Helper()
	id, err := s.NewCaptcha(ctx, v)
	if err != nil {
		t.Fatal(err)
	}
	return account.Proof{ID: id, Answer: answer}
}

// ask asks for a code as a person does.
func ask(t *testing.T, s *account.Service, p account.Purpose, mobile string, userID int64, v account.Client) error {
	t.Helper()
	_, err := s.SendCode(ctx, account.CodeRequest{Purpose: p, Mobile: mobile, UserID: userID, Captcha: proof(t, s, v), Client: v})
	return err
}

// newCode puts a code into the table without all that asking for one takes, and returns it.
func newCode(t *testing.T, d *db.DB, clock *storetest.Clock, p account.Purpose, mobile string) string {
	t.Helper()
	clock.Advance(1000 * 1000) // a millisecond, so that the newest is known
	now := clock.Now()
	storetest.Exec(t, d, "INSERT INTO sms_codes (mobile, purpose, code, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		mobile, p, "246813", now, now.Add(5*60*1000*1000*1000))
	return "246813"
}

// wants fails unless err is a fault of a kind, and where fields are named, about those exactly.
func wants(t *testing.T, what string, err error, k fault.Kind, fields ...string) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: want a fault of kind %d, got %v", what, k, err)
		return
	}
	var named []string
	for f := range fault.Of(err).Fields {
		named = append(named, f)
	}
	slices.Sort(named)
	slices.Sort(fields)
	if !slices.Equal(named, fields) {
		t.Errorf("%s: want faults of %v, got %v", what, fields, err)
	}
}

func one[T any](t *testing.T, d *db.DB, query string, args ...any) (v T) {
	t.Helper()
	if err := d.Get(ctx, &v, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// atOnce calls f n times at once and returns the errors.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f(i)
		}()
	}
	wg.Wait()
	return errs
}

// passed counts those without a fault; any error that is no fault fails the test.
func passed(t *testing.T, errs []error) (n int) {
	t.Helper()
	for _, err := range errs {
		var f *fault.Error
		switch {
		case err == nil:
			n++
		case !errors.As(err, &f), f.Kind == fault.Internal, f.Kind == fault.Unavailable:
			t.Error(err)
		}
	}
	return n
}

// faultText is all that a person is told.
func faultText(err error) string {
	f := fault.Of(err)
	words := []string{f.Text.Msg}
	for name, text := range f.Fields {
		words = append(words, name+": "+text.Msg)
	}
	slices.Sort(words[1:])
	return strings.Join(words, "; ")
}
