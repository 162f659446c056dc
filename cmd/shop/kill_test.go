package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// demoIn makes the demo shop in dir, as the first start of the program does, and gives its database. The demo's goods were
// sold before the first order, which the books would miss.
func demoIn(t *testing.T, dir string) db.Config {
	t.Helper()
	c := db.Config{Driver: db.SQLite, DSN: filepath.Join(dir, "shop.db")}
	_, _, stop := begin(t, dir)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	d := storetest.Open(t, c)
	storetest.Exec(t, d, "UPDATE stocks SET sold = 0")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// shopper is xiaoming at a shop that runs as a process and may be gone at any moment.
type shopper struct {
	*webtest.Browser
	sku    int64
	begun  *webtest.Order // a confirmation whose order may have been placed, or not
	placed []string       // the orders that he was told of
}

func newShopper(t *testing.T, at string, sku int64) *shopper {
	t.Helper()
	s := &shopper{Browser: (&webtest.Shop{T: t, URL: at, Wire: &http.Transport{}}).Visitor(), sku: sku}
	p, err := s.Send(http.MethodPost, "/login", url.Values{"username": {"xiaoming"}, "password": {account.DemoPassword}})
	if err != nil || p.Status != http.StatusSeeOther {
		t.Fatalf("login: %v %v", p, err)
	}
	return s
}

// buy places an order, or learns what became of the one that was begun.
func (s *shopper) buy() (err error) {
	if s.begun == nil {
		if s.begun, err = s.Confirm(s.sku); err != nil {
			return err
		}
	}
	no, err := s.Place(s.begun)
	if err == nil {
		s.begun, s.placed = nil, append(s.placed, no)
	}
	return err
}

// The program is killed again and again while orders are placed on SQLite. Each order of which somebody was told is there, no
// order is there twice, the file is sound and the books hold. (A process that is killed is no power cut: what the operating
// system has been given, it still writes. That each commit waits for the disk is a test of package db.)
func TestKilledWhileOrdersArePlaced(t *testing.T) {
	rounds := 10
	if storetest.Long() {
		rounds = 500
	}
	dir := t.TempDir()
	c := demoIn(t, dir)
	random := rand.New(rand.NewPCG(1, 2))
	var shoppers []*shopper
	for round := range rounds {
		address, kill := launch(t, c, dir)
		at := address()
		if round == 0 {
			for _, sku := range []int64{100101, 100102} {
				shoppers = append(shoppers, newShopper(t, at, sku))
			}
		}
		var group sync.WaitGroup
		bought := make(chan struct{}, 100)
		for _, s := range shoppers {
			s.Shop.URL = at
			group.Go(func() {
				for {
					err := s.buy()
					var refused *webtest.Refused
					if errors.As(err, &refused) && refused.Status != http.StatusServiceUnavailable {
						t.Error(err)
					}
					if err != nil {
						return
					}
					bought <- struct{}{}
				}
			})
		}
		gone := make(chan struct{})
		go func() {
			group.Wait()
			close(gone)
		}()
		for range 1 + random.IntN(6) {
			select {
			case <-bought:
			case <-gone:
				t.Fatalf("round %d: nobody could buy", round+1)
			}
		}
		time.Sleep(time.Duration(random.IntN(10000)) * time.Microsecond) // at any moment of the next order
		kill()
		<-gone
		sound(t, c, shoppers)
		if t.Failed() {
			t.Fatalf("after %d times", round+1)
		}
	}
	address, kill := launch(t, c, dir)
	at := address()
	orders := 0
	for _, s := range shoppers {
		s.Shop.URL = at
		if err := s.buy(); err != nil {
			t.Errorf("after the last start: %v", err)
		}
		orders += len(s.placed)
	}
	kill()
	sound(t, c, shoppers)
	d := storetest.Open(t, c)
	var there int
	if err := d.Get(context.Background(), &there, "SELECT COUNT(*) FROM orders"); err != nil || there != orders {
		t.Errorf("%d orders are there, %d were placed: %v", there, orders, err)
	}
	t.Logf("killed %d times during %d orders", rounds, orders)
}

// sound checks the file, the books, and that no order is missing.
func sound(t *testing.T, c db.Config, shoppers []*shopper) {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var verdict string
	if err := d.Get(context.Background(), &verdict, "PRAGMA integrity_check"); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s %v", verdict, err)
	}
	storetest.CheckBooks(t, d)
	for _, s := range shoppers {
		for _, no := range s.placed {
			var there int
			if err := d.Get(context.Background(), &there, "SELECT COUNT(*) FROM orders WHERE order_no = ?", no); err != nil || there != 1 {
				t.Errorf("order %s, of which the shopper was told, is there %d times: %v", no, there, err)
			}
		}
	}
}
