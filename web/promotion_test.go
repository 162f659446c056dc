package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/promo"
	"dashop/web/webtest"
)

// publishReduction has the merchant take off so much from so much on, of everything, from now on for two hours.
func publishReduction(s *webtest.Shop, from, off int64) {
	s.T.Helper()
	ctx, now := context.Background(), s.Clock.Now()
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		promo.Changed(ctx, tx)
		id, err := tx.Insert(ctx, `INSERT INTO promotions (kind, name, scope, starts_at, ends_at, is_published, created_at)
			VALUES ('reduction', '满减', 'all', ?, ?, 1, ?)`, now, now.Add(2*time.Hour), now)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO promotion_steps (promotion_id, from_fen, off_fen) VALUES (?, ?, ?)", id, from, off)
		return err
	})
	if err != nil {
		s.T.Fatal(err)
	}
}

// A reduction that begins while a shopper looks at the confirmation is in no order by surprise: the new price is shown, and that is what
// the order then costs.
func TestReductionBeginsBeforePlacing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Get("/checkout?sku_id=100102&count=1")
		before := b.Page.Attr("#payable", "data-fen")
		publishReduction(s, 100, 500)
		b.Press("提交订单")
		wantPage(t, b, http.StatusConflict, "/orders")
		if !b.Page.Has("[role=alert][data-code='50106']") {
			t.Errorf("the page does not say that the price has moved: %s", b.Page.Text("main"))
		}
		now := b.Page.Attr("#payable", "data-fen")
		if now == before || s.Int("SELECT COUNT(*) FROM orders") != 0 {
			t.Fatalf("payable %s, before %s", now, before)
		}
		b.Press("提交订单")
		if got := itoa(s.Int("SELECT payable_fen FROM orders")); got != now || s.Int("SELECT discount_fen FROM orders") != 500 {
			t.Errorf("the order costs %s, the page said %s", got, now)
		}
	})
}
