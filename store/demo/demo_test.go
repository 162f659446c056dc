package demo_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/media"
	"dashop/store/promo"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func load(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	if loaded, err := demo.Load(context.Background(), d, nil, now, nil); err != nil || !loaded {
		t.Fatalf("Load = %v, %v", loaded, err)
	}
}

func number(t *testing.T, d *db.DB, query string) int {
	t.Helper()
	var n int
	if err := d.Get(context.Background(), &n, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestWhatIsLoaded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		start := time.Now()
		load(t, d, clock.Now())
		t.Logf("loaded in %v", time.Since(start))
		for query, want := range map[string]int{
			"SELECT COUNT(*) FROM areas":                                  3856,
			"SELECT COUNT(*) FROM categories":                             172,
			"SELECT COUNT(*) FROM channels":                               12,
			"SELECT COUNT(*) FROM brands":                                 43,
			"SELECT COUNT(*) FROM spus":                                   206,
			"SELECT COUNT(*) FROM skus":                                   705,
			"SELECT COUNT(*) FROM sku_specs":                              1075,
			"SELECT COUNT(*) FROM ads":                                    92,
			"SELECT COUNT(*) FROM reviews":                                308,
			"SELECT COUNT(*) FROM reviews WHERE spec = '' OR author = ''": 0,
			// 206 less 15 virtual ones and 2 that the demo keeps back.
			"SELECT COUNT(*) FROM spus WHERE is_launched = 1":                  189,
			"SELECT COUNT(*) FROM spus WHERE is_launched = 1 AND in_stock = 0": 2,
		} {
			if got := number(t, d, query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
		for _, none := range []string{
			"SELECT COUNT(*) FROM stocks s WHERE quantity <> COALESCE((SELECT SUM(delta) FROM stock_ledger l WHERE l.sku_id = s.sku_id), 0)",
			"SELECT COUNT(*) FROM skus k WHERE NOT EXISTS (SELECT 1 FROM stocks s WHERE s.sku_id = k.id)",
			"SELECT COUNT(*) FROM spus p WHERE sales <> (SELECT SUM(sold) FROM skus k JOIN stocks s ON s.sku_id = k.id WHERE k.spu_id = p.id)",
			"SELECT COUNT(*) FROM spus WHERE is_launched = 1 AND (min_price_fen <= 0 OR max_price_fen < min_price_fen OR is_virtual = 1)",
			"SELECT COUNT(*) FROM skus WHERE is_launched = 1 AND (price_fen = 0 OR validity_days IS NOT NULL)",
			"SELECT COUNT(*) FROM ads a WHERE is_shown = 1 AND target_type = 'spu' AND NOT EXISTS (SELECT 1 FROM spus p WHERE p.id = a.target_id " +
				"AND p.is_launched = 1)",
		} {
			if got := number(t, d, none); got != 0 {
				t.Errorf("%s = %d, want 0", none, got)
			}
		}
	})
}

// The demo's shopper gets coupons once: one that can be used at once, two that need more, one that has run out.
func TestGiveShopper(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		give := func() {
			t.Helper()
			if err := demo.GiveShopper(ctx, d, "xiaoming", clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		load(t, d, clock.Now())
		give() // there is no such account yet
		storetest.User(t, d, "xiaoming")
		give()
		give()
		for query, want := range map[string]int{
			"SELECT COUNT(*) FROM coupons":                                                  16,
			"SELECT COUNT(*) FROM user_coupons":                                             4,
			"SELECT SUM(balance) FROM credits":                                              820,
			"SELECT COUNT(*) FROM user_coupons WHERE order_id = 0 AND claimed_at < ends_at": 4,
			"SELECT COUNT(*) FROM coupons c WHERE scope <> 'all' AND NOT EXISTS (SELECT 1 FROM coupon_targets t WHERE t.coupon_id = c.id)": 0,
		} {
			if got := number(t, d, query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
		var usable int
		if err := d.Get(ctx, &usable, "SELECT COUNT(*) FROM user_coupons WHERE ends_at > ?", clock.Now()); err != nil || usable != 3 {
			t.Errorf("%d are usable, %v", usable, err)
		}
		storetest.CheckBooks(t, d, "sold differs from what orders hold") // the demo's goods were sold before the first order
	})
}

// The demo's promotions are made once, and a basket of the demo's goods has them.
func TestPromote(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		load(t, d, clock.Now())
		for range 2 {
			if err := demo.Promote(ctx, d, clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		prices := promo.New(d, catalog.New(d, clock.Now), promo.NoHoldings{}, clock.Now, promo.Rules{})
		quote, err := prices.Quote(ctx, d, promo.Ask{Items: []promo.Item{{SKUID: 100101, Count: 1}}})
		if err != nil || quote.Discount != 13800 || len(quote.Steps) != 1 || quote.Steps[0].Reached.From != 99900 {
			t.Errorf("%+v, %v", quote, err)
		}
		if n := number(t, d, "SELECT COUNT(*) FROM promotions WHERE kind IN ('reduction', 'percent', 'price')"); n != 3 {
			t.Errorf("%d promotions", n)
		}
	})
}

// What stands on the first page promises nothing that an order would not honour.
func TestNothingIsPromised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		load(t, d, clock.Now())
		s := catalog.New(d, clock.Now)
		home, err := s.Home(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		hot, err := s.HotWords(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, ads := range [][]catalog.Ad{home.Banners, home.Notices, home.Entries, hot} {
			if len(ads) == 0 {
				t.Error("a place of the home page is empty")
			}
			for _, a := range ads {
				words = append(words, a.Title, a.Text)
			}
		}
		for _, section := range home.Sections {
			if len(section.Cards) < 5 {
				t.Errorf("section %s has only %d products", section.Key, len(section.Cards))
			}
			for _, c := range section.Cards {
				words = append(words, c.Name, c.Caption)
			}
		}
		all := strings.Join(words, "\n")
		for _, promise := range []string{"免费", "公开课", "课程", "电子书", "抢购", "退换"} {
			if strings.Contains(all, promise) {
				t.Errorf("the home page says %q:\n%s", promise, all)
			}
		}
		for _, a := range hot {
			for _, q := range []string{a.Title, a.TitleEN} {
				if r, err := s.Search(context.Background(), q, catalog.Ask{Page: 1}); err != nil || len(r.List.Cards) == 0 || r.Near {
					t.Errorf("the hot word %q finds %v, %v", q, r.List.Cards, err)
				}
			}
		}
	})
}

func TestSecondLoadChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		load(t, d, clock.Now())
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 1 WHERE id = 100101")
		clock.Advance(time.Hour)
		if loaded, err := demo.Load(context.Background(), d, nil, clock.Now(), nil); err != nil || loaded {
			t.Errorf("second Load = %v, %v; want false", loaded, err)
		}
		if got := number(t, d, "SELECT price_fen FROM skus WHERE id = 100101"); got != 1 {
			t.Errorf("the second load changed a price to %d", got)
		}
	})
}

func TestShopWithGoodsOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		storetest.SKU(t, d, 100, 1)
		if loaded, err := demo.Load(context.Background(), d, nil, clock.Now(), nil); err != nil || loaded {
			t.Errorf("Load into a shop with goods = %v, %v; want false", loaded, err)
		}
	})
}

// A load that breaks off leaves an empty shop, and the next one succeeds.
func TestLoadThatBreaksOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		broken := db.InjectFaults(context.Background(), func(statement string) error {
			if strings.HasPrefix(statement, "INSERT INTO ads") {
				return errors.New("power cut")
			}
			return nil
		})
		if loaded, err := demo.Load(broken, d, nil, clock.Now(), nil); err == nil || loaded {
			t.Fatalf("Load = %v, %v; want an error", loaded, err)
		}
		if got := number(t, d, "SELECT (SELECT COUNT(*) FROM spus) + (SELECT COUNT(*) FROM settings)"); got != 0 {
			t.Errorf("%d rows were left behind", got)
		}
		load(t, d, clock.Now())
	})
}

// Two programs that start at once on one database load the demo once.
func TestTwoLoadsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		type answer struct {
			loaded bool
			err    error
		}
		answers := make(chan answer)
		for range 2 {
			go func() {
				loaded, err := demo.Load(context.Background(), d, nil, clock.Now(), nil)
				answers <- answer{loaded, err}
			}()
		}
		a, b := <-answers, <-answers
		if a.err != nil || b.err != nil || a.loaded == b.loaded {
			t.Errorf("answers %+v and %+v; want one true, one false", a, b)
		}
		if got := number(t, d, "SELECT COUNT(*) FROM spus"); got != 206 {
			t.Errorf("%d products, want 206", got)
		}
	})
}

// Every picture that a row names lies in the media folder.
func TestPictures(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	dir := t.TempDir()
	pictures, err := media.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer pictures.Close()
	var last [2]int
	start := time.Now()
	loaded, err := demo.Load(context.Background(), d, pictures, time.Now(), func(what string, done, total int) {
		if what == "pictures" {
			last = [2]int{done, total}
		}
	})
	if err != nil || !loaded {
		t.Fatalf("Load = %v, %v", loaded, err)
	}
	t.Logf("loaded with pictures in %v", time.Since(start))
	if last[0] != last[1] || last[0] < 1000 {
		t.Errorf("the last progress was %d of %d", last[0], last[1])
	}
	for _, query := range []string{
		"SELECT DISTINCT image FROM spus", "SELECT DISTINCT image FROM skus", "SELECT DISTINCT image FROM sku_images",
		"SELECT DISTINCT REPLACE(image, '/products/', '/thumbs/') FROM spus", "SELECT DISTINCT image FROM ads WHERE image <> ''",
		"SELECT DISTINCT icon FROM categories", "SELECT DISTINCT logo FROM brands",
	} {
		var names []string
		if err := d.Select(context.Background(), &names, query); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			p, err := pictures.Open(name)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			_ = p.Close()
		}
	}
	want, err := os.ReadFile(filepath.Join("..", "..", "sql", "demo", "images", "products", "1001-1.webp"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := pictures.Open("images/products/1001-1.webp")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := io.ReadAll(p)
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("the picture differs from the demo's: %v", err)
	}
}

// Two programs that load the demo into one empty database at once load it once, and both find it there afterwards.
func TestLoadAtOnce(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c := storetest.Config(t, driver)
			var loads atomic.Int64
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					d, err := db.Open(context.Background(), c)
					if err != nil {
						t.Error(err)
						return
					}
					defer d.Close()
					loaded, err := demo.Load(context.Background(), d, nil, storetest.NewClock().Now(), nil)
					if err == nil {
						err = account.New(d, storetest.NewClock().Now, account.Options{}).EnsureDemoAccounts(context.Background())
					}
					if err != nil {
						t.Error(err)
					}
					if loaded {
						loads.Add(1)
					}
					var spus int
					if err := d.Get(context.Background(), &spus, "SELECT COUNT(*) FROM spus"); err != nil || spus == 0 {
						t.Errorf("a program went on with %d products, %v", spus, err)
					}
				})
			}
			group.Wait()
			if loads.Load() != 1 {
				t.Errorf("loaded %d times", loads.Load())
			}
		})
	}
}
