package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/account/oauth"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// fake is a provider that says who came back as the query does.
type fake struct {
	name string
	mu   sync.Mutex
	ask  int
	err  error
	left time.Duration // until the deadline it was given
}

func (f *fake) Name() string  { return f.name }
func (f *fake) AppID() string { return "app-" + f.name }

func (f *fake) AuthURL(state, redirect string) string {
	return "https://" + f.name + ".example/?state=" + url.QueryEscape(state) + "&redirect=" + url.QueryEscape(redirect)
}

func (f *fake) Person(ctx context.Context, q url.Values, redirect string) (oauth.Person, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ask++
	end, _ := ctx.Deadline()
	f.left = time.Until(end)
	if redirect != "https://shop.example/oauth/"+f.name+"/callback" {
		return oauth.Person{}, fmt.Errorf("redirect %q", redirect)
	}
	return oauth.Person{Subject: q.Get("who"), Nickname: q.Get("nickname")}, f.err
}

func providers(t *testing.T, test func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		qq := &fake{name: "qq"}
		test(t, account.New(d, clock.Now, account.Options{
			CaptchaAnswer: func() string { return answer }, BaseURL: "https://shop.example/",
			Providers: []oauth.Provider{&fake{name: "alipay"}, qq},
		}), d, clock, qq)
	})
}

// begin starts a login and returns the query that the provider would lead back with.
func begin(t *testing.T, s *account.Service, provider string, v account.Client, userID int64, next, who string) url.Values {
	t.Helper()
	link, err := s.BeginOAuth(ctx, provider, v, userID, next)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"state": {u.Query().Get("state")}, "who": {who}, "nickname": {" 企鹅\u202e<b>\n" + strings.Repeat("鹅", 80)}}
}

func TestStrangerArrives(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		if names := s.Providers(); !slices.Equal(names, []string{"alipay", "qq"}) {
			t.Errorf("providers %v", names)
		}
		q := begin(t, s, "qq", home, 0, "/orders?status=1", "penguin")
		if state := q.Get("state"); len(state) < 22 {
			t.Errorf("state %q", state)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM oauth_states WHERE state_hash = ? OR browser = ?", q.Get("state"),
			home.Browser); n != 0 {
			t.Error("the state or the browser's token is in the database")
		}
		got, err := s.EndOAuth(ctx, "qq", home, 0, q)
		if err != nil || got.User != nil || got.Linked || got.Next != "/orders?status=1" || got.Stranger == nil {
			t.Fatalf("arrived %+v, %v", got, err)
		}
		who := *got.Stranger
		if who.Provider != "qq" || who.AppID != "app-qq" || who.Subject != "penguin" || who.Next != got.Next ||
			!who.Until.After(clock.Now()) {
			t.Errorf("stranger %+v", who)
		}
		if n := []rune(who.Nickname); len(n) != 20 || !strings.HasPrefix(who.Nickname, "企鹅<b> 鹅") {
			t.Errorf("nickname %q", who.Nickname)
		}
		if qq.left <= 0 || qq.left > 6*time.Second {
			t.Errorf("the provider has %v to answer", qq.left)
		}
		wants(t, "no such provider", second(s.BeginOAuth(ctx, "wechat", home, 0, "")), fault.NotFound)
		wants(t, "no such provider", second(s.EndOAuth(ctx, "wechat", home, 0, q)), fault.NotFound)
		long := begin(t, s, "qq", home, 0, "/"+strings.Repeat("x", 600), "penguin")
		if got, err := s.EndOAuth(ctx, "qq", home, 0, long); err != nil || got.Next != "" {
			t.Errorf("an endless next: %q, %v", got.Next, err)
		}
	})
}

// A state is good for one callback of the browser that began, at that provider, for ten minutes, whatever comes of it.
func TestStateIsGoodOnce(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		end := func(provider string, v account.Client, userID int64, q url.Values) error {
			return second(s.EndOAuth(ctx, provider, v, userID, q))
		}
		refused := func(what string, err error) {
			t.Helper()
			if wants(t, what, err, fault.Invalid); fault.Of(err).Text.Msg != "登录已过期，请重新开始" {
				t.Errorf("%s: %v", what, err)
			}
		}
		q := begin(t, s, "qq", home, 0, "", "penguin")
		refused("another browser", end("qq", from(1), 0, q))
		refused("no browser", end("qq", account.Client{}, 0, q))
		refused("another provider", end("alipay", home, 0, q))
		refused("no state", end("qq", home, 0, url.Values{"who": {"penguin"}}))
		refused("a made-up state", end("qq", home, 0, url.Values{"who": {"penguin"}, "state": {"x"}}))
		if qq.ask != 0 {
			t.Error("the provider was asked without a state")
		}
		if err := end("qq", home, 0, q); err != nil {
			t.Errorf("the browser that began: %v", err)
		}
		refused("a replay", end("qq", home, 0, q))

		q = begin(t, s, "qq", home, 0, "", "penguin")
		clock.Advance(10 * time.Minute)
		refused("ten minutes old", end("qq", home, 0, q))

		id := person(t, d, "xiaoming", mobile)
		refused("logged in meanwhile", end("qq", home, id, begin(t, s, "qq", home, 0, "", "penguin")))
		refused("logged out meanwhile", end("qq", home, 0, begin(t, s, "qq", home, id, "", "penguin")))
		refused("another user meanwhile", end("qq", home, id+1, begin(t, s, "qq", home, id, "", "penguin")))

		for _, c := range []struct {
			err  error
			kind fault.Kind
		}{{oauth.ErrCancelled, fault.Invalid}, {fmt.Errorf("bad code: %w", oauth.ErrRefused), fault.Invalid},
			{errors.New("time-out"), fault.Unavailable}} {
			q = begin(t, s, "qq", home, 0, "", "penguin")
			qq.err = c.err
			wants(t, c.err.Error(), end("qq", home, 0, q), c.kind)
			qq.err = nil
			refused("again after "+c.err.Error(), end("qq", home, 0, q))
		}
		wants(t, "nobody came back", end("qq", home, 0, begin(t, s, "qq", home, 0, "", "")), fault.Invalid)

		q = begin(t, s, "qq", home, 0, "", "penguin")
		if n := passed(t, atOnce(10, func(int) error { return end("qq", home, 0, q) })); n != 1 {
			t.Errorf("%d of 10 callbacks at once passed", n)
		}
		if _, err := s.BeginOAuth(ctx, "qq", account.Client{Address: "203.0.113.1"}, 0, ""); err == nil {
			t.Error("a login of no browser")
		}
	})
}

func stranger(s *account.Service, clock *storetest.Clock, subject string) account.Stranger {
	return account.Stranger{Provider: "qq", AppID: "app-qq", Subject: subject, Nickname: "企鹅", Until: clock.Now().Add(time.Minute)}
}

func TestBindMakesAnAccount(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		code := newCode(t, d, clock, account.ForBind, mobile)
		who := stranger(s, clock, "penguin")
		bind := func(mobile, password, code string) error {
			return second(s.Bind(ctx, who, account.Binding{Mobile: mobile, Password: password, SMSCode: code}, home))
		}
		wants(t, "nothing", bind("", "", ""), fault.Invalid, "mobile", "password", "sms_code")
		wants(t, "a wrong code", bind(mobile, password, "000000"), fault.Invalid, "sms_code")
		wants(t, "a code to register", bind(other, password, newCode(t, d, clock, account.ForRegister, other)), fault.Invalid, "sms_code")
		wants(t, "a common password", bind(mobile, "password1", code), fault.Invalid, "password")
		wants(t, "the number as password", bind(mobile, mobile, code), fault.Invalid, "password")
		u, err := s.Bind(ctx, who, account.Binding{Mobile: "138 0013 5621", Password: password, SMSCode: code}, home)
		if err != nil || u.ID == 0 || !regexp.MustCompile(`^u[a-z0-9]{8}$`).MatchString(u.Username) || u.Nickname != "企鹅" ||
			*u.Mobile != mobile || u.Role != account.Shopper {
			t.Fatalf("made %+v, %v", u, err)
		}
		if err := try(t, s, mobile, password, home, false); err != nil {
			t.Errorf("login by mobile: %v", err)
		}
		got, err := s.EndOAuth(ctx, "qq", home, 0, begin(t, s, "qq", home, 0, "/cart", "penguin"))
		if err != nil || got.User == nil || got.User.ID != u.ID || got.Next != "/cart" || got.Linked {
			t.Errorf("later: %+v, %v", got, err)
		}
		if err := s.Disable(ctx, u.ID, true); err != nil {
			t.Fatal(err)
		}
		_, err = s.EndOAuth(ctx, "qq", home, 0, begin(t, s, "qq", home, 0, "", "penguin"))
		if wants(t, "disabled", err, fault.Invalid); fault.Of(err).Text.Msg != "此账号已停用，请联系客服" {
			t.Errorf("disabled: %v", err)
		}
		who.Nickname = " \u202e"
		who.Subject = "nameless"
		if u, err := s.Bind(ctx, who, account.Binding{Mobile: other, Password: password,
			SMSCode: newCode(t, d, clock, account.ForBind, other)}, home); err != nil || u.Nickname != u.Username {
			t.Errorf("without a nickname: %+v, %v", u, err)
		}
		clock.Advance(time.Minute)
		wants(t, "too late", bind("13700137000", password, newCode(t, d, clock, account.ForBind, "13700137000")), fault.Invalid)
		wants(t, "nobody", second(s.Bind(ctx, account.Stranger{}, account.Binding{}, home)), fault.Invalid)
	})
}

func TestBindFindsAnAccount(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		id := person(t, d, "xiaoming", mobile)
		bind := func(who account.Stranger, password, code string) (account.User, error) {
			return s.Bind(ctx, who, account.Binding{Mobile: mobile, Password: password, SMSCode: code}, home)
		}
		code := newCode(t, d, clock, account.ForBind, mobile)
		wants(t, "a wrong password", second(bind(stranger(s, clock, "penguin"), "wrong horse", code)), fault.Invalid, "password")
		u, err := bind(stranger(s, clock, "penguin"), password, code)
		if err != nil || u.ID != id {
			t.Fatalf("bound %+v, %v", u, err)
		}
		wants(t, "the code again", second(bind(stranger(s, clock, "penguin"), password, code)), fault.Invalid, "sms_code")
		wants(t, "a second one of the kind", second(bind(stranger(s, clock, "goose"), password,
			newCode(t, d, clock, account.ForBind, mobile))), fault.Conflict)
		person(t, d, "xiaohong", other)
		_, err = s.Bind(ctx, stranger(s, clock, "penguin"), account.Binding{Mobile: other, Password: password,
			SMSCode: newCode(t, d, clock, account.ForBind, other)}, home)
		wants(t, "another's identity", err, fault.Conflict)
		_, err = s.Bind(ctx, stranger(s, clock, "penguin"), account.Binding{Mobile: "13700137000", Password: password,
			SMSCode: newCode(t, d, clock, account.ForBind, "13700137000")}, home)
		wants(t, "another's identity for somebody new", err, fault.Conflict)
		if n := one[int](t, d, "SELECT COUNT(*) FROM users"); n != 2 {
			t.Error("an account was made all the same")
		}
		// Here as at the login, whoever goes on guessing has to wait, and the account asks others for a captcha.
		for range 5 {
			wants(t, "a guess", second(bind(stranger(s, clock, "gull"), "wrong horse", newCode(t, d, clock, account.ForBind, mobile))),
				fault.Invalid, "password")
		}
		wants(t, "guess after guess", second(bind(stranger(s, clock, "gull"), "wrong horse",
			newCode(t, d, clock, account.ForBind, mobile))), fault.Invalid, "password")
		wants(t, "the seventh", second(bind(stranger(s, clock, "gull"), password, newCode(t, d, clock, account.ForBind, mobile))),
			fault.TooMany)
		if !asks(t, s, "xiaoming", from(1)) {
			t.Error("guesses when binding are not counted at the account")
		}
		clock.Advance(time.Minute)
		if err := s.Disable(ctx, id, true); err != nil {
			t.Fatal(err)
		}
		wants(t, "disabled", second(bind(stranger(s, clock, "gull"), password, newCode(t, d, clock, account.ForBind, mobile))),
			fault.Invalid)
	})
}

func TestLinkAndUnbind(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		ming, hong := person(t, d, "xiaoming", mobile), person(t, d, "xiaohong", other)
		link := func(provider, who string, id int64) (account.Arrival, error) {
			return s.EndOAuth(ctx, provider, home, id, begin(t, s, provider, home, id, "/account", who))
		}
		for range 2 { // again changes nothing
			if got, err := link("qq", "penguin", ming); err != nil || !got.Linked || got.User.ID != ming || got.Next != "/account" {
				t.Fatalf("linked %+v, %v", got, err)
			}
		}
		wants(t, "another's", second(link("qq", "penguin", hong)), fault.Conflict)
		wants(t, "a second of the kind", second(link("qq", "goose", ming)), fault.Conflict)
		clock.Advance(time.Second)
		if _, err := link("alipay", "penguin", ming); err != nil { // the same text at another provider is somebody else
			t.Fatal(err)
		}
		list := must[[]account.Identity](t)(s.Identities(ctx, ming))
		if len(list) != 2 || list[0].Provider != "qq" || list[1].Provider != "alipay" || len([]rune(list[0].Nickname)) != 60 ||
			list[0].CreatedAt.IsZero() {
			t.Errorf("identities %+v", list)
		}
		wants(t, "not there", s.Unbind(ctx, hong, "qq"), fault.NotFound)
		wants(t, "nobody's", s.Unbind(ctx, 4711, "qq"), fault.NotFound)

		// Without a password one of the two has to stay, also when both go at once.
		storetest.Exec(t, d, "UPDATE users SET password_hash = '' WHERE id = ?", ming)
		errs := atOnce(2, func(i int) error { return s.Unbind(ctx, ming, []string{"qq", "alipay"}[i]) })
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d unbound: %v", n, errs)
		}
		left := must[[]account.Identity](t)(s.Identities(ctx, ming))
		if len(left) != 1 {
			t.Fatalf("left %+v", left)
		}
		wants(t, "the only way in", s.Unbind(ctx, ming, left[0].Provider), fault.Conflict)
		storetest.Exec(t, d, "UPDATE users SET password_hash = ? WHERE id = ?", cheapHash(), ming)
		if err := s.Unbind(ctx, ming, left[0].Provider); err != nil {
			t.Errorf("with a password: %v", err)
		}
	})
}

func TestCleanUp(t *testing.T) {
	providers(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, qq *fake) {
		fill := func() {
			proof(t, s, home)
			newCode(t, d, clock, account.ForReset, mobile)
			begin(t, s, "qq", home, 0, "", "penguin")
			if err := s.StartSession(ctx, account.SessionStart{ID: clock.Now().String(), Data: []byte("{}")}); err != nil {
				t.Fatal(err)
			}
		}
		fill()
		clock.Advance(31 * 24 * time.Hour)
		fill()
		if more, err := d.DeleteExpired(ctx, clock.Now(), s.Expired()...); more || err != nil {
			t.Fatal(more, err)
		}
		for _, table := range []string{"captchas", "sms_codes", "oauth_states", "sessions"} {
			if n := one[int](t, d, "SELECT COUNT(*) FROM "+table); n != 1 {
				t.Errorf("%d %s left", n, table)
			}
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM limits WHERE ends_at <= ?", clock.Now()); n != 0 {
			t.Errorf("%d counts that are over", n)
		}
	})
}
