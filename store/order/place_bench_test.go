package order_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// BenchmarkPlace places orders of three cart lines, by one buyer and by many at once, on both databases. Filling the carts
// and pricing the pages does not count.
func BenchmarkPlace(b *testing.B) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		for _, buyers := range []int{1, 8, 32, 128} {
			b.Run(fmt.Sprintf("%s/%d", driver, buyers), func(b *testing.B) { benchPlace(b, driver, buyers) })
		}
	}
}

func benchPlace(b *testing.B, driver string, buyers int) {
	d := storetest.Open(b, storetest.Config(b, driver))
	goods := catalog.New(d, db.SystemClock)
	prices := promo.New(d, goods, promo.NoHoldings{}, time.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
	carts := cart.New(d, goods, prices, db.SystemClock)
	orders := order.New(d, account.New(d, db.SystemClock, account.Options{}), prices, carts, goods.Finder(), alipayAlone{}, db.SystemClock,
		order.Rules{PayTimeout: time.Hour})
	skus := []int64{storetest.SKU(b, d, 12400, 1e6), storetest.SKU(b, d, 5000, 1e6), storetest.SKU(b, d, 900, 1e6)}
	users, addresses := make([]int64, buyers), make([]int64, buyers)
	for i := range users {
		users[i] = storetest.User(b, d, fmt.Sprint("buyer", i))
		addresses[i] = storetest.Address(b, d, users[i])
	}
	forms := make([]order.Placing, buyers)
	for b.Loop() {
		b.StopTimer()
		for i, user := range users {
			for _, sku := range skus {
				if err := carts.Add(ctx, cart.UserOwner(user), sku, 1); err != nil {
					b.Fatal(err)
				}
			}
			c, err := orders.Checkout(ctx, user, nil, 0)
			if err != nil {
				b.Fatal(err)
			}
			forms[i] = order.Placing{
				UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: addresses[i], PayMethod: "alipay",
				Lines: c.Quote.Ask.Items,
			}
		}
		b.StartTimer()
		var all sync.WaitGroup
		var failed atomic.Pointer[error]
		for _, in := range forms {
			all.Go(func() {
				if _, err := orders.Place(ctx, in); err != nil {
					failed.Store(&err)
				}
			})
		}
		all.Wait()
		if err := failed.Load(); err != nil {
			b.Fatal(*err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*buyers), "ns/order")
}
