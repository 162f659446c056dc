package stock_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/stock"
	"dashop/store/storetest"
)

// The merchant's hand keeps the ledger true: pieces that come in add up, a count replaces only what was seen, and who did
// it is on record.
func TestKeeper(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		k, ctx := stock.NewKeeper(d, clock.Now), context.Background()
		sku := storetest.SKU(t, d, 1000, 5)
		left := func() (n int64) {
			t.Helper()
			if err := d.Get(ctx, &n, "SELECT quantity FROM stocks WHERE sku_id = ?", sku); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := k.Receive(ctx, 7, "", sku, 10); err != nil || left() != 15 {
			t.Errorf("received: %d, %v", left(), err)
		}
		if err := k.Correct(ctx, 7, sku, 15, 12, "三件破损"); err != nil || left() != 12 {
			t.Errorf("corrected: %d, %v", left(), err)
		}
		if err := k.Correct(ctx, 7, sku, 15, 20, "按旧的数量"); !fault.HasCode(err, fault.CodeTooFast) || left() != 12 {
			t.Errorf("corrected from an old number: %d, %v", left(), err)
		}
		if err := k.Correct(ctx, 7, sku, 12, 12, "一样"); err != nil || left() != 12 {
			t.Errorf("nothing to correct: %d, %v", left(), err)
		}
		for what, err := range map[string]error{
			"nothing received":   k.Receive(ctx, 7, "", sku, 0),
			"less than nothing":  k.Receive(ctx, 7, "", sku, -3),
			"too much at once":   k.Receive(ctx, 7, "", sku, stock.MostPieces+1),
			"too much together":  k.Receive(ctx, 7, "", sku, stock.MostPieces),
			"fewer than none":    k.Correct(ctx, 7, sku, 12, -1, "x"),
			"without a reason":   k.Correct(ctx, 7, sku, 12, 11, ""),
			"more than there is": k.Correct(ctx, 7, sku, 12, stock.MostPieces+1, "x"),
		} {
			if !fault.Is(err, fault.Invalid) || left() != 12 {
				t.Errorf("%s: %d, %v", what, left(), err)
			}
		}
		if err := k.Receive(ctx, 7, "", 999999, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such SKU: %v", err)
		}
		var logged int
		if err := d.Get(ctx, &logged, "SELECT COUNT(*) FROM audit_log WHERE actor_id = 7"); err != nil || logged != 2 {
			t.Errorf("on record: %d, %v", logged, err)
		}
		storetest.CheckBooks(t, d)
	})
}

// Of many who correct from the same number, one is heard; receiving meanwhile loses nothing.
func TestKeeperRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		k, ctx := stock.NewKeeper(d, clock.Now), context.Background()
		sku := storetest.SKU(t, d, 1000, 100)
		var wg sync.WaitGroup
		var mu sync.Mutex
		heard := 0
		for i := range 20 {
			wg.Go(func() {
				err := k.Correct(ctx, 7, sku, 100, int64(50+i), "盘点")
				if err != nil && !fault.HasCode(err, fault.CodeTooFast) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					heard++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if heard != 1 {
			t.Errorf("%d corrections from one number", heard)
		}
		for range 20 {
			wg.Go(func() {
				if err := k.Receive(ctx, 7, "", sku, 3); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		storetest.CheckBooks(t, d)
	})
}

// A fault at any statement leaves stock, ledger and record as they were.
func TestKeeperFaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		k := stock.NewKeeper(d, clock.Now)
		sku := storetest.SKU(t, d, 1000, 5)
		for at := 1; ; at++ {
			n := 0
			ctx := db.InjectFaults(context.Background(), func(string) error {
				if n++; n == at {
					return fault.New(fault.Internal, 0, "planted")
				}
				return nil
			})
			err := k.Receive(ctx, 7, "x", sku, 4)
			storetest.CheckBooks(t, d)
			if err == nil {
				if at < 4 {
					t.Fatalf("only %d statements", at-1)
				}
				break
			}
		}
		var left, logged int64
		if err := d.Get(context.Background(), &left, "SELECT quantity FROM stocks WHERE sku_id = ?", sku); err != nil {
			t.Fatal(err)
		}
		if err := d.Get(context.Background(), &logged, "SELECT COUNT(*) FROM audit_log"); err != nil {
			t.Fatal(err)
		}
		if left != 5+4*logged {
			t.Errorf("%d pieces, %d on record", left, logged)
		}
	})
}

// What came in of several SKUs is booked together or not at all; a SKU that never had stock gets its row.
func TestReceiveAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		k, ctx := stock.NewKeeper(d, clock.Now), context.Background()
		one, two := storetest.SKU(t, d, 1000, 5), storetest.SKU(t, d, 1000, 0)
		storetest.Exec(t, d, "DELETE FROM stocks WHERE sku_id = ?", two)
		for what, err := range map[string]error{
			"a bad one":      k.ReceiveAll(ctx, 7, "", []stock.Piece{{SKUID: one, Count: 1}, {SKUID: two, Count: 0}}),
			"one too many":   k.ReceiveAll(ctx, 7, "", []stock.Piece{{SKUID: two, Count: 1}, {SKUID: one, Count: stock.MostPieces}}),
			"an unknown one": k.ReceiveAll(ctx, 7, "", []stock.Piece{{SKUID: one, Count: 1}, {SKUID: 999999, Count: 1}}),
		} {
			var booked int
			if e := d.Get(ctx, &booked, "SELECT COUNT(*) FROM stock_ledger"); err == nil || e != nil || booked != 1 {
				t.Errorf("%s: %d entries, %v, %v", what, booked, err, e)
			}
		}
		if err := k.ReceiveAll(ctx, 7, "", []stock.Piece{{SKUID: two, Count: 8}, {SKUID: one, Count: 3}}); err != nil {
			t.Fatal(err)
		}
		var left []int64
		if err := d.Select(ctx, &left, "SELECT quantity FROM stocks ORDER BY sku_id"); err != nil || len(left) != 2 || left[0] != 8 ||
			left[1] != 8 {
			t.Errorf("%v, %v", left, err)
		}
		storetest.CheckBooks(t, d)
	})
}

// A form with which goods are booked in counts once, however often and fast it is sent; one that was refused can be sent again.
func TestDeliveryIsBookedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		k, ctx := stock.NewKeeper(d, clock.Now), context.Background()
		one, two := storetest.SKU(t, d, 1000, 5), storetest.SKU(t, d, 1000, 5)
		form := stock.NewDelivery()
		if err := k.Receive(ctx, 7, form, one, stock.MostPieces); !fault.Is(err, fault.Invalid) {
			t.Fatalf("too much: %v", err)
		}
		var clicks sync.WaitGroup
		for range 20 {
			clicks.Go(func() {
				if err := k.Receive(ctx, 7, form, one, 3); err != nil {
					t.Error(err)
				}
			})
		}
		clicks.Wait()
		form = stock.NewDelivery()
		for range 2 {
			if err := k.ReceiveAll(ctx, 7, form, []stock.Piece{{SKUID: one, Count: 1}, {SKUID: two, Count: 10}}); err != nil {
				t.Error(err)
			}
		}
		for range 2 { // another form each time
			if err := k.Receive(ctx, 7, stock.NewDelivery(), two, 100); err != nil {
				t.Error(err)
			}
		}
		var left []int64
		if err := d.Select(ctx, &left, "SELECT quantity FROM stocks ORDER BY sku_id"); err != nil || !slices.Equal(left, []int64{9, 215}) {
			t.Errorf("%v, %v; want 9 and 215", left, err)
		}
		storetest.CheckBooks(t, d)
		if _, err := d.DeleteExpired(ctx, clock.Now(), stock.Expired); err != nil || deliveries(t, d) != 4 {
			t.Errorf("%d deliveries known, %v", deliveries(t, d), err)
		}
		clock.Advance(31 * 24 * time.Hour)
		if _, err := d.DeleteExpired(ctx, clock.Now(), stock.Expired); err != nil || deliveries(t, d) != 0 {
			t.Errorf("%d deliveries known after a month, %v", deliveries(t, d), err)
		}
	})
}

func deliveries(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Get(context.Background(), &n, "SELECT COUNT(*) FROM stock_deliveries"); err != nil {
		t.Fatal(err)
	}
	return n
}
