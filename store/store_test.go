package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	"dashop/store/sms"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const (
	mobile   = "13912345678"
	password = "correct horse"
)

var home = account.Client{Browser: "home", Address: "203.0.113.1"}

// phone keeps what is sent, or fails, or does not answer.
type phone struct {
	sent []sms.Message
	fail error
	mute chan string // gets each message that is begun and never answered
}

func (p *phone) Send(ctx context.Context, m sms.Message) error {
	if p.mute != nil {
		p.mute <- m.Mobile
		<-ctx.Done()
		return ctx.Err()
	}
	if p.fail == nil {
		p.sent = append(p.sent, m)
	}
	return p.fail
}

func each(t *testing.T, test func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		p := &phone{}
		test(t, newStore(d, clock, p, nil), clock, p)
	})
}

func newStore(d *db.DB, clock *storetest.Clock, p *phone, trouble func() error) *store.Store {
	return store.New(store.Config{
		DB: d, Clock: clock.Now, Log: slog.New(slog.DiscardHandler), Trouble: trouble, Providers: gateway.List{alipayName{}},
		Prices: promo.Rules{Freight: 1000, FreeFrom: 19900}, Orders: order.Rules{PayTimeout: payTimeout, AutoReceipt: autoReceipt},
		Accounts: account.Options{CaptchaAnswer: func() string { return "12345" }, SMS: p},
	})
}

// alipayName is a way to pay that is only asked for its name.
type alipayName struct{ gateway.Provider }

func (alipayName) About() gateway.About { return gateway.About{ID: "alipay"} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code asks for a code, has it sent, and reads it from the phone.
func code(t *testing.T, s *store.Store, p *phone, purpose account.Purpose, mobile string, userID int64) string {
	t.Helper()
	id, err := s.Account.NewCaptcha(ctx, home)
	must(t, err)
	_, err = s.Account.SendCode(ctx, account.CodeRequest{
		Purpose: purpose, Mobile: mobile, UserID: userID, Captcha: account.Proof{ID: id, Answer: "12345"}, Client: home,
	})
	must(t, err)
	must(t, s.RunJobs(ctx))
	if len(p.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return p.sent[len(p.sent)-1].Code
}

func TestRunJobs(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		got := code(t, s, p, account.ForRegister, mobile, 0)
		u, err := s.Account.Register(ctx, account.Registration{Username: "daming", Mobile: mobile, SMSCode: got, Password: password,
			Password2: password, Allow: true})
		must(t, err)
		clock.Advance(time.Minute)
		old := code(t, s, p, account.ForOldMobile, "", u.ID)
		fresh := code(t, s, p, account.ForMobile, "13700137000", u.ID)
		p.fail = errors.New("time-out")
		must(t, s.Account.ChangeMobile(ctx, u.ID, account.MobileChange{OldCode: old, Mobile: "13700137000", Code: fresh}))
		must(t, s.RunJobs(ctx)) // fails, and is due again later
		p.fail, p.sent = nil, nil
		must(t, s.RunJobs(ctx))
		if len(p.sent) != 0 {
			t.Errorf("tried again at once: %+v", p.sent)
		}
		clock.Advance(time.Minute)
		must(t, s.RunJobs(ctx))
		if len(p.sent) != 1 || p.sent[0].Kind != sms.MobileChanged || p.sent[0].Mobile != mobile {
			t.Errorf("sent %+v", p.sent)
		}
		var left int
		must(t, s.DB.Get(ctx, &left, "SELECT COUNT(*) FROM jobs WHERE kind IN ('send_sms', 'mobile_changed')"))
		if left != 0 {
			t.Errorf("%d jobs left", left)
		}
	})
}

// While the provider of short messages hangs, with a crowd of codes to send, all other work goes on.
func TestHangingMessagesHoldUpNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		p.mute = make(chan string, 100)
		must(t, s.DB.Tx(ctx, func(tx *db.Tx) error {
			for i := range 30 {
				id, err := tx.Insert(ctx,
					"INSERT INTO sms_codes (mobile, purpose, code, created_at, expires_at) VALUES (?, 'register', '123456', ?, ?)",
					fmt.Sprint(13900000000+i), clock.Now(), clock.Now().Add(time.Hour))
				if err != nil {
					return err
				}
				if err := job.Enqueue(ctx, tx, account.SendCodeKind, fmt.Sprint(id), fmt.Sprint(id), clock.Now(), clock.Now()); err != nil {
					return err
				}
			}
			return nil
		}))
		refunded := make(chan string, 1)
		s.Jobs.Add(job.Kind{Name: "refund", Lane: job.Lane{Name: "money", Workers: 1},
			Do: func(_ context.Context, j job.Job) error { refunded <- j.Key; return nil }})
		working, stop := context.WithCancel(ctx)
		var work sync.WaitGroup
		work.Go(func() { s.Jobs.Run(working) })
		defer work.Wait()
		defer stop()
		for range job.Messages.Workers {
			<-p.mute
		}
		clock.Advance(time.Minute)
		must(t, s.DB.Tx(ctx, func(tx *db.Tx) error { return job.Enqueue(ctx, tx, "refund", "R1", "", clock.Now(), clock.Now()) }))
		<-refunded
		for {
			var again int
			must(t, s.DB.Get(ctx, &again, "SELECT COUNT(*) FROM jobs WHERE kind = 'refresh_cards' AND status = ? AND run_at > ?",
				job.StatusReady, clock.Now()))
			if again == 1 { // it has run since the minute passed
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// After an account is deleted nothing in any table tells who it was.
func TestDeletionLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		got := code(t, s, p, account.ForRegister, mobile, 0)
		u, err := s.Account.Register(ctx, account.Registration{Username: "daming", Mobile: mobile, SMSCode: got, Password: password,
			Password2: password, Allow: true})
		must(t, err)
		must(t, s.Account.StartSession(ctx, account.SessionStart{ID: "one", UserID: u.ID, Data: []byte(`{"mobile":"` + mobile + `"}`)}))
		storetest.Exec(t, s.DB, "INSERT INTO areas (id, parent_id, name) VALUES (110000, 0, '北京市'), (110100, 110000, '北京市'), (110101, 110100, '东城区')")
		address, err := s.Account.AddAddress(ctx, u.ID, account.AddressInput{
			Receiver: "daming", Mobile: mobile, Place: "景山前街 4 号 daming", ProvinceID: 110000, CityID: 110100, DistrictID: 110101,
		})
		must(t, err)
		sku := storetest.SKU(t, s.DB, 12400, 5)
		must(t, s.Cart.Add(ctx, cart.UserOwner(u.ID), sku, 1))
		item := &promo.Item{SKUID: sku, Count: 1}
		page, err := s.Order.Checkout(ctx, u.ID, item, address)
		must(t, err)
		no, err := s.Order.Place(ctx, order.Placing{
			UserID: u.ID, Token: page.Token, Digest: page.Quote.Digest, AddressID: address, PayMethod: "alipay", BuyNow: item,
			Note: "给 daming " + mobile,
		})
		must(t, err)
		if err := s.Account.DeleteUser(ctx, u.ID, password); !fault.Is(err, fault.Conflict) {
			t.Fatalf("deleted with an unpaid order: %v", err)
		}
		if found := find(t, s.DB, mobile); len(found) < 4 {
			t.Fatalf("the search itself is broken: it finds %v", found)
		}
		storetest.Exec(t, s.DB, "UPDATE orders SET status = ? WHERE order_no = ?", order.StatusCompleted, no)
		clock.Advance(time.Minute)
		code(t, s, p, account.ForReset, mobile, 0)
		must(t, s.Account.DeleteUser(ctx, u.ID, password))
		for _, secret := range []string{mobile, "daming"} {
			if found := find(t, s.DB, secret); len(found) != 0 {
				t.Errorf("%s is left in %v", secret, found)
			}
		}
		var lines, orders int
		must(t, s.DB.Get(ctx, &lines, "SELECT COUNT(*) FROM cart_lines"))
		must(t, s.DB.Get(ctx, &orders, "SELECT COUNT(*) FROM orders WHERE order_no = ? AND area <> '' AND payable_fen = 13400", no))
		if lines != 0 || orders != 1 {
			t.Errorf("%d cart lines, %d orders left", lines, orders)
		}
	})
}

// find names the columns of the whole database in which a text occurs.
func find(t *testing.T, d *db.DB, text string) (found []string) {
	t.Helper()
	query := "SELECT m.name AS tab, p.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
	if d.Driver() == db.MySQL {
		query = "SELECT table_name AS tab, column_name AS col FROM information_schema.columns WHERE table_schema = DATABASE()"
	}
	var columns []struct {
		Table  string `db:"tab"`
		Column string `db:"col"`
	}
	must(t, d.Select(ctx, &columns, query))
	if len(columns) < 100 {
		t.Fatalf("only %d columns", len(columns))
	}
	for _, c := range columns {
		var n int
		must(t, d.Get(ctx, &n, fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE CAST(`%s` AS CHAR) LIKE ?", c.Table, c.Column), "%"+text+"%"))
		if n > 0 {
			found = append(found, c.Table+"."+c.Column)
		}
	}
	slices.Sort(found)
	return found
}

func TestCleanUpRuns(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		_, err := s.Account.NewCaptcha(ctx, home)
		must(t, err)
		must(t, s.RunJobs(ctx))
		count := func() (n int) {
			must(t, s.DB.Get(ctx, &n, "SELECT (SELECT COUNT(*) FROM captchas) + (SELECT COUNT(*) FROM limits)"))
			return n
		}
		if count() != 2 {
			t.Fatalf("%d captchas and limits", count())
		}
		clock.Advance(time.Hour)
		must(t, s.RunJobs(ctx))
		if count() != 0 {
			t.Errorf("%d captchas and limits an hour later", count())
		}
		var failed []string
		must(t, s.DB.Select(ctx, &failed, "SELECT last_error FROM jobs WHERE last_error <> ''"))
		if len(failed) != 0 {
			t.Errorf("jobs failed: %s", strings.Join(failed, "; "))
		}
	})
}
