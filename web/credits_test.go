package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dashop/store/account"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/views/ui"
	"dashop/web/webtest"
)

// A shopper sees what an order has earned, on its page and among all that made the balance.
func TestCreditsAreEarnedAndShown(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		id := s.User("earner", account.Shopper)
		b := s.Login("earner")
		b.Get("/account/credits")
		if text := b.Page.Text("main"); b.Page.Attr("[data-credits]", "data-credits") != "0" || !strings.Contains(text, "还没有积分") ||
			!strings.Contains(text, "100 积分抵 ¥1") {
			t.Errorf("before the first: %s", text)
		}
		s.Exec(`INSERT INTO addresses (user_id, receiver, mobile, province_id, city_id, district_id, place, is_default, created_at)
			SELECT ?, receiver, mobile, province_id, city_id, district_id, place, is_default, created_at FROM addresses WHERE user_id = ?`,
			id, xiaoming)
		no := s.Order(id, 100102, 2)
		s.Pay(id, no)
		wantNone(t, s.Store.Order.Ship(t.Context(), ownerID, no, "sf", "SF100200300"))
		b.Get("/orders/" + no)
		b.Press("确认收货")
		earned := s.Int("SELECT payable_fen - freight_fen FROM orders WHERE order_no = ?", no) / 100
		want := ui.Number(earned)
		b.Get("/orders/" + no)
		if text := b.Page.Text("main"); !strings.Contains(text, "已确认收货，获得 "+itoa(earned)+" 积分") {
			t.Errorf("the order's page does not say %s credits: %s", want, text)
		}
		b.Get("/account")
		if b.Page.Text("a[href='/account/credits'] small") != want {
			t.Errorf("not on one's own page: %s", b.Page.Text("a[href='/account/credits'] small"))
		}
		b.Get("/account/credits")
		if b.Page.Attr("[data-credits]", "data-credits") != itoa(earned) || b.Page.Count(".ledger__line") != 1 {
			t.Errorf("balance %s: %s", b.Page.Attr("[data-credits]", "data-credits"), b.Page.Text("main"))
		}
		b.Click(no)
		if !b.Page.Has("#order[data-order='" + no + "']") {
			t.Errorf("the entry does not lead to its order: %s", b.Page.At())
		}
	})
}

// The merchant finds a shopper by name, gives credits and corrects them, each with a reason, which the shopper sees.
func TestMerchantChangesCredits(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		id := s.User("earner", account.Shopper)
		owner := s.Login("owner")
		owner.Get("/admin/credits")
		owner.Press("查找", "username", "nobody")
		if owner.Page.Status != http.StatusUnprocessableEntity || owner.Page.Attr("[name=username]", "value") != "nobody" {
			t.Errorf("somebody who is not there: %d %s", owner.Page.Status, brief(owner.Page))
		}
		owner.Press("查找", "username", " Earner ")
		balance := func(want string) {
			t.Helper()
			if got := owner.Page.Attr("[data-credits]", "data-credits"); owner.Page.Status != http.StatusOK || got != want {
				t.Fatalf("%d, %s credits, want %s: %s", owner.Page.Status, got, want, brief(owner.Page))
			}
		}
		balance("0")
		for _, bad := range [][4]string{
			{"amount", "0", "reason", "amount"}, {"amount", "1.5", "reason", "amount"},
			{"amount", "-5", "reason", "amount"}, {"amount", "1000001", "reason", "amount"}, {"reason", "", "amount", "reason"},
		} {
			fields := map[string]string{"kind": "granted", "amount": "70", "reason": "补偿破损"}
			fields[bad[0]] = bad[1]
			owner.Press("保存", "kind", fields["kind"], "amount", fields["amount"], "reason", fields["reason"])
			refusedForm(t, owner.Page, map[string]string{bad[2]: fields[bad[2]], "username": "earner"}, bad[3])
		}
		form := owner.Get("/admin/credits?username=earner").Form("#change-credits")
		form.Set("amount", "70")
		form.Set("reason", "补偿破损")
		for range 2 { // a double click
			owner.Post("/admin/credits", form)
			balance("70")
		}
		owner.Press("保存", "kind", "corrected", "amount", "-71", "reason", "多给了")
		refusedForm(t, owner.Page, map[string]string{"amount": "-71", "reason": "多给了"}, "amount")
		owner.Press("保存", "kind", "corrected", "amount", "−20", "reason", "多给了")
		balance("50")
		if n := s.Int("SELECT COUNT(*) FROM audit_log WHERE action IN ('credits_granted', 'credits_corrected') AND subject = ?",
			"user "+itoa(id)); n != 2 {
			t.Errorf("%d entries in the audit log", n)
		}
		b := s.Login("earner")
		b.Get("/account/credits")
		text := b.Page.Text(".ledger")
		for _, want := range []string{"商家赠送", "补偿破损", "+70", "商家更正", "多给了", "−20", "余额 50"} {
			if !strings.Contains(text, want) {
				t.Errorf("the shopper does not see %s: %s", want, text)
			}
		}
		s.User("helper", account.Support)
		for _, who := range []string{"helper", "earner"} {
			other := s.Login(who)
			if p, _ := other.Send(http.MethodPost, "/admin/credits", form); p.Status != http.StatusForbidden {
				t.Errorf("%s gives credits: %d", who, p.Status)
			}
			if p, _ := other.Send(http.MethodGet, "/admin/credits?username=earner", url.Values{}); p.Status != http.StatusForbidden {
				t.Errorf("%s looks at credits: %d", who, p.Status)
			}
		}
	})
}

// useCredits has a shopper earn, spend, get back and lose credits, and leave.
func (w walker) useCredits() {
	ctx, now, order := w.t.Context(), w.Clock.Now(), int64(1)<<40
	user := storetest.User(w.t, w.DB, "with-credits")
	wantNone(w.t, w.DB.Tx(ctx, func(tx *db.Tx) error {
		return errors.Join(credits.Earn(ctx, tx, user, order, 100, now), credits.Spend(ctx, tx, user, order, 50, now),
			credits.GiveBack(ctx, tx, user, order, 20, "", now), w.Store.Credits.Forget(ctx, tx, user))
	}))
}
