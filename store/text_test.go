package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/limit"
	"dashop/store/recent"
	"dashop/store/search"
	"dashop/store/storetest"
)

// textPair is two texts that differ.
type textPair struct{ name, a, b string }

// textPairs are such that some collation or other takes as the same.
var textPairs = []textPair{
	{"emoji", "🍊橘", "🍎橘"},
	{"rare characters", "𠮷野", "𡈽野"},
	{"case", "s码", "S码"},
	{"case of a word", "iphone", "iPhone"},
	{"case beyond ASCII", "éclair", "Éclair"},
	{"accent", "café", "cafe"},
	{"composed", "caf\u00e9", "cafe\u0301"},
	{"circled", "①号", "1号"},
	{"sharp s", "straße", "strasse"},
	{"full width", "ａ型", "a型"},
	{"kana", "茶の", "茶ノ"},
	{"half-width kana", "ﾊ茶", "ハ茶"},
	{"zero width", "a\u200bb茶", "ab茶"},
	{"blank at the end", "茶", "茶 "},
	{"ideographic blank at the end", "茶", "茶\u3000"},
	{"hyphens", "a-b", "a‐b"},
}

// patternPairs are such that a search takes as the same which does not quote what was typed.
var patternPairs = []textPair{
	{"any characters", "a%b茶", "axxb茶"},
	{"any character", "a_b茶", "axb茶"},
	{"a pattern", "a.*b[茶]?", "axb茶"},
	{"backslash", `a\b茶`, "ab茶"},
	{"escape", "a!b茶", "ab茶"},
	{"quotes", "a'b\"茶", "ab茶"},
}

// textPlace is a place where one text is asked for with another.
type textPlace struct {
	name string
	same func(b *textBench, put, asked string) bool // whether what was put in is found, or refused as a double, by what is asked
	want func(put, asked string) bool               // nil: they are never the same
}

// trimmed says that texts are the same which differ in the blanks around them: forms take these away.
func trimmed(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// contains is what the merchant's lists find: b within a, A to Z in either case.
func contains(a, b string) bool {
	lower := func(s string) string {
		return strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			return r
		}, strings.TrimSpace(s))
	}
	return strings.Contains(lower(a), lower(b))
}

// found says that a form trims what it keeps, and nobody trims what is asked.
func found(put, asked string) bool { return strings.TrimSpace(put) == asked }

// textBench is a shop with a category and a brand to put texts into.
type textBench struct {
	t               *testing.T
	s               *store.Store
	clock           *storetest.Clock
	category, brand int64
	n               int
}

func (b *textBench) must(err error) {
	b.t.Helper()
	must(b.t, err)
}

// newCategory makes a fresh lowest category, so that the products of one question are not found by another.
func (b *textBench) newCategory() int64 {
	b.t.Helper()
	b.n++
	parent := int64(0)
	for level := range 3 {
		id, err := b.s.Desk.SaveCategory(ctx, 1, 0, desk.CategoryInput{ParentID: parent, Name: fmt.Sprintf("类%d-%d", b.n, level)})
		b.must(err)
		parent = id
	}
	return parent
}

// product makes a launched product with one spec of two values, one SKU each, and returns its id.
func (b *textBench) product(name string, category int64, spec string, values ...string) int64 {
	b.t.Helper()
	in := desk.SpecInput{Name: spec}
	for _, v := range values {
		in.Options = append(in.Options, desk.OptionInput{Value: v})
	}
	product := desk.ProductInput{Name: name, CategoryID: category, BrandID: b.brand}
	id, err := b.s.Desk.NewProduct(ctx, 1, product, []desk.SpecInput{in})
	b.must(err)
	_, err = b.s.Desk.AddSKUs(ctx, 1, id, desk.NewSKUs{Price: 1000, Launched: true})
	b.must(err)
	storetest.Exec(b.t, b.s.DB, "UPDATE spus SET is_launched = 1 WHERE id = ?", id)
	return id
}

func (b *textBench) listed(category int64, f catalog.Filter) bool {
	b.t.Helper()
	page, err := b.s.Catalog.Category(ctx, category, catalog.Ask{Page: 1, Filter: f})
	b.must(err)
	return len(page.List.Cards) > 0
}

// double says whether err refuses something as there already.
func (b *textBench) double(err error) bool {
	b.t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		b.t.Fatal(err)
	}
	return err != nil
}

// key says whether the database takes two rows of a table as the same. The statement has one text.
func key(table, insert string) func(b *textBench, put, asked string) bool {
	return func(b *textBench, a, c string) bool {
		b.t.Helper()
		storetest.Exec(b.t, b.s.DB, "DELETE FROM "+table)
		storetest.Exec(b.t, b.s.DB, insert, a)
		err := b.s.DB.Tx(ctx, func(tx *db.Tx) error {
			tx.Changed(recent.Everything())
			_, err := tx.Exec(ctx, insert, c)
			return err
		})
		if err != nil && !db.IsDuplicate(err) {
			b.t.Fatal(err)
		}
		return err != nil
	}
}

const (
	someTime   = "'2026-03-04 04:00:00.000'"
	insertUser = "INSERT INTO users (username, nickname, password_hash, created_at) VALUES (?, '', '', " + someTime + ")"
)

var textPlaces = []textPlace{
	{"filter of a category by option", func(b *textBench, a, c string) bool {
		category := b.newCategory()
		b.product("滤", category, "颜色", a, "其他")
		return b.listed(category, catalog.Filter{Specs: []catalog.SpecValue{{Name: "颜色", Value: c}}})
	}, found},
	{"filter of a category by spec", func(b *textBench, a, c string) bool {
		category := b.newCategory()
		b.product("滤", category, a, "一", "二")
		return b.listed(category, catalog.Filter{Specs: []catalog.SpecValue{{Name: c, Value: "一"}}})
	}, found},
	{"facets", func(b *textBench, a, c string) bool {
		category := b.newCategory()
		b.product("甲", category, "颜色", a, "其他")
		b.product("乙", category, "颜色", c, "其他")
		b.must(b.s.Catalog.RefreshFacets(ctx))
		page, err := b.s.Catalog.Category(ctx, category, catalog.Ask{Page: 1})
		b.must(err)
		return len(page.Facets.Specs) != 1 || len(page.Facets.Specs[0].Values) != 3
	}, trimmed},
	{"options of a product", func(b *textBench, a, c string) bool {
		_, err := b.s.Desk.NewProduct(ctx, 1, desk.ProductInput{Name: "项", CategoryID: b.category, BrandID: b.brand},
			[]desk.SpecInput{{Name: "颜色", Options: []desk.OptionInput{{Value: a}, {Value: c}}}})
		return b.double(err)
	}, trimmed},
	{"name of a brand", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM brands WHERE id <> ?", b.brand)
		_, err := b.s.Desk.SaveBrand(ctx, 1, 0, desk.BrandInput{Name: a + "牌"})
		b.must(err)
		_, err = b.s.Desk.SaveBrand(ctx, 1, 0, desk.BrandInput{Name: c + "牌"})
		return b.double(err)
	}, nil},
	{"name of a category", func(b *textBench, a, c string) bool {
		parent, err := b.s.Desk.SaveCategory(ctx, 1, 0, desk.CategoryInput{Name: fmt.Sprint("上", time.Now().UnixNano())})
		b.must(err)
		_, err = b.s.Desk.SaveCategory(ctx, 1, 0, desk.CategoryInput{ParentID: parent, Name: a})
		b.must(err)
		_, err = b.s.Desk.SaveCategory(ctx, 1, 0, desk.CategoryInput{ParentID: parent, Name: c})
		return b.double(err)
	}, trimmed},
	{"the merchant's search for products", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "UPDATE spus SET name = ''")
		b.product("礼盒 "+a+" 装", b.category, "颜色", "一", "二")
		list, err := b.s.Desk.GoodsList(ctx, c, 0)
		b.must(err)
		return len(list.Goods) > 0
	}, contains},
	{"the merchant's search for brands", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM brands WHERE id <> ?", b.brand)
		_, err := b.s.Desk.SaveBrand(ctx, 1, 0, desk.BrandInput{Name: a + "牌"})
		b.must(err)
		list, err := b.s.Desk.EditingBrands(ctx, c, 0)
		b.must(err)
		return len(list.Brands) > 0
	}, contains},
	{"what shoppers search for", func(b *textBench, a, c string) bool {
		id := b.product(a, b.category, "颜色", "一", "二")
		b.must(b.s.DB.Tx(ctx, func(tx *db.Tx) error { return search.Index(ctx, tx, id) }))
		defer func() { b.must(b.s.DB.Tx(ctx, func(tx *db.Tx) error { return search.Remove(ctx, tx, id) })) }()
		q, err := search.Parse(c)
		b.must(err)
		found, err := b.s.Search.Exact(ctx, q, 10)
		b.must(err)
		return len(found.Hits) > 0
	}, nil},
	{"searches in vain", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM search_misses")
		for _, text := range []string{a, c} {
			q, err := search.Parse(text)
			b.must(err)
			b.s.Search.Missed(q)
			b.must(b.s.Search.WriteMissed(ctx))
		}
		misses, err := b.s.Search.Misses(ctx)
		b.must(err)
		return len(misses) < 2
	}, nil},
	{"user name at login", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM users")
		storetest.Exec(b.t, b.s.DB, insertUser, loginName(a))
		_, err := b.s.Account.UserByName(ctx, c)
		if err != nil && !fault.Is(err, fault.NotFound) {
			b.t.Fatal(err)
		}
		return err == nil
	}, func(a, b string) bool {
		return loginName(a) == loginName(b)
	}},
	{"a new user's name", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM users")
		storetest.Exec(b.t, b.s.DB, insertUser, a)
		b.n++
		err := b.s.Account.CheckUsername(ctx, c, account.Client{Browser: fmt.Sprint(b.n), Address: fmt.Sprintf("203.0.113.%d", b.n%250)})
		return err != nil && strings.Contains(err.Error(), "已经有人用了")
	}, func(put, asked string) bool { return put == "iphone" && asked == "iPhone" }}, // names are a to z, 0 to 9 and _
	{"setting", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM settings")
		b.must(b.s.DB.Tx(ctx, func(tx *db.Tx) error { return db.SetSetting(ctx, tx, a, "1") }))
		_, err := db.Setting(ctx, b.s.DB, c)
		return err == nil
	}, nil},
	{"limit", func(b *textBench, a, c string) bool {
		counter := limit.New(b.s.DB, b.clock.Now)
		b.must(counter.Reset(ctx, limit.NewName(c)))
		_, err := counter.Take(ctx, limit.NewName(a), limit.Rule{Max: 5, Window: time.Minute})
		b.must(err)
		n, err := counter.Count(ctx, limit.NewName(c))
		b.must(err)
		b.must(counter.Reset(ctx, limit.NewName(a)))
		return n > 0
	}, nil},
	{"job", func(b *textBench, a, c string) bool {
		storetest.Exec(b.t, b.s.DB, "DELETE FROM jobs")
		b.must(b.s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, k := range []string{a, c} {
				if err := job.Enqueue(ctx, tx, "send_sms", k, "", b.clock.Now(), b.clock.Now()); err != nil {
					return err
				}
			}
			return nil
		}))
		var n int
		b.must(b.s.DB.Get(ctx, &n, "SELECT COUNT(*) FROM jobs"))
		return n < 2
	}, nil},
	{"token of an order", key("orders", `INSERT INTO orders (order_no, user_id, status, checkout_token, digest,
		goods_fen, freight_fen, payable_fen, item_count, pay_method, receiver, mobile, area, place, created_at, pay_deadline)
		SELECT 1 + COUNT(*), 1, 6, ?, '', 0, 0, 0, 0, '', '', '', '', '', `+someTime+`, `+someTime+` FROM orders`), nil},
	{"token of a delivery", key("stock_deliveries", "INSERT INTO stock_deliveries (token, created_at) VALUES (?, "+someTime+")"), nil},
	{"digest of a notice", func(b *textBench, put, asked string) bool {
		// A CHAR column keeps no blanks at the end on MySQL; a digest has none.
		return key("notices", `INSERT INTO notices (method, source, digest, verified, outcome, body, created_at)
			VALUES ('', '', ?, 1, '', '', `+someTime+`)`)(b, put+".", asked+".")
	}, nil},
	{"parcel", key("shipments", "INSERT INTO shipments (order_id, carrier, tracking_no, created_at) VALUES (1, 'sf', ?, "+someTime+")"),
		nil},
	{"person at a provider", key("identities", `INSERT INTO identities (user_id, provider, app_id, subject, created_at)
		SELECT 1 + COUNT(*), 'qq', '1', ?, `+someTime+` FROM identities`), nil},
	{"owner of a cart", key("cart_lines", "INSERT INTO cart_lines (owner, sku_id, count, created_at) VALUES (?, 1, 1, "+someTime+")"), nil},
}

// ownRules are places where Go has rules of its own for what is alike: it is enough that both databases agree.
var ownRules = map[string]bool{"what shoppers search for": true, "searches in vain": true}

// Different texts are different on both databases, wherever the shop compares, groups or refuses doubles.
func TestDifferentTextsAreDifferent(t *testing.T) {
	wants := map[string]bool{}
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, _ *phone) {
		b := &textBench{t: t, s: s, clock: clock}
		b.category = b.newCategory()
		var err error
		b.brand, err = s.Desk.SaveBrand(ctx, 1, 0, desk.BrandInput{Name: "无"})
		b.must(err)
		for _, place := range textPlaces {
			if !place.same(b, "teapot1", "teapot1") {
				t.Errorf("%s: a text is not the same as itself", place.name)
			}
			pairs := textPairs
			if strings.HasPrefix(place.name, "the merchant's search") {
				pairs = slices.Concat(textPairs, patternPairs)
			}
			for _, p := range pairs {
				for _, q := range [][2]string{{p.a, p.b}, {p.b, p.a}} {
					got, question := place.same(b, q[0], q[1]), fmt.Sprintf("%s, %s: is %q found by %q?", place.name, p.name, q[0], q[1])
					want, known := wants[question]
					if !known {
						want = place.answer(q[0], q[1], got)
						wants[question] = want
					}
					if got != want {
						t.Errorf("%s got %v", question, got)
					}
				}
			}
		}
	})
}

// answer is what is to be said of two texts, where one database says got.
func (p textPlace) answer(put, asked string, got bool) bool {
	if ownRules[p.name] {
		return got
	}
	return p.want != nil && p.want(put, asked)
}

// Texts stand in the same order on both databases: by their characters' numbers.
func TestTextsAreOrderedByCharacter(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, _ *phone) {
		var want []string
		for _, p := range textPairs {
			want = append(want, p.a, p.b)
		}
		want = append(want, "\uffee", "\U0001F34A", "a", "B", "~", "")
		slices.Sort(want)
		want = slices.Compact(want)
		for i := range want { // put in the other way round
			storetest.Exec(t, s.DB, "INSERT INTO brands (name) VALUES (?)", want[len(want)-1-i])
		}
		brands, err := s.Desk.BrandChoices(ctx)
		must(t, err)
		var got []string
		for _, b := range brands {
			got = append(got, b.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// loginName is a user's name as it is stored and asked for.
func loginName(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }
