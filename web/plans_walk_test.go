package web_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/job"
	"dashop/store/order"
	"dashop/web"
	"dashop/web/webtest"
)

// walker walks a whole shop, page by page and form by form.
type walker struct {
	*webtest.Shop
	t       *testing.T
	table   []web.Route
	forms   map[string]sample
	owner   *webtest.Browser
	shopper *webtest.Browser
	path    *strings.Replacer
}

// walkShop looks at every page as a stranger, a shopper and the owner, sends every form, and does the work behind the pages.
func walkShop(t *testing.T, s *webtest.Shop) {
	t.Helper()
	table, err := web.Table(s.Deps)
	wantNone(t, err)
	w := walker{Shop: s, t: t, table: table, forms: samples(s), owner: s.Login("owner"), shopper: s.Login("xiaoming")}
	running, _ := promotions(s)
	w.path = strings.NewReplacer(":promotion", itoa(running), ":coupon", "1", "/admin/products/:spu/skus/:sku", "/admin/products/1005/skus/100501", ":category", "5", ":brand", "1",
		":group", "1", ":ad", "1", ":no", s.Order(xiaoming, 100102, 2),
		":id", itoa(s.Int("SELECT MAX(id) FROM addresses WHERE user_id = ?", xiaoming)),
		":spu", "1001", ":sku", "100101", ":provider", "alipay", ":after", "0", "*", "images/products/1001-1.webp")
	for _, step := range []func(){w.look, w.work, w.send, w.changeGoods, w.searchAnew, w.fillUp, w.useCoupons, w.useCredits, w.usePromotions, w.useCourses, w.keepHouse, w.work, w.look} {
		step()
	}
}

func wantNone(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// nextPage finds links to further pages of a list.
var nextPage = regexp.MustCompile(`href="(/[^"]*[?&;](?:after|page)=[^"]*)"`)

// look opens every page, with each of its queries, and the first links to further pages on it.
func (w walker) look() {
	for _, r := range w.table {
		if r.Method != http.MethodGet {
			continue
		}
		for _, b := range []*webtest.Browser{w.Visitor(), w.shopper, w.owner} {
			for _, query := range append(queries[r.Path], "") {
				p, err := b.Send(http.MethodGet, w.path.Replace(r.Path)+query, nil)
				wantNone(w.t, err)
				for _, link := range nextPage.FindAllStringSubmatch(p.Body, 2) {
					_, err := b.Send(http.MethodGet, strings.ReplaceAll(link[1], "&amp;", "&"), nil)
					wantNone(w.t, err)
				}
			}
		}
	}
}

// work does what is due.
func (w walker) work() {
	w.Store.Sweep(w.t.Context())
	wantNone(w.t, errors.Join(w.Store.RunJobs(w.t.Context()), w.Store.Search.WriteMissed(w.t.Context()),
		w.Store.Interest.WriteViews(w.t.Context())))
}

// send sends the sample of every form.
func (w walker) send() {
	for _, r := range w.table {
		key := r.Method + " " + r.Path
		f, known := w.forms[key]
		if r.Method != http.MethodPost || !known {
			continue
		}
		b := w.Visitor()
		if f.as != "" {
			b = w.Login(f.as)
		}
		to, form := cmp.Or(f.at, r.Path), url.Values{}
		if f.page != "" {
			form = b.Get(f.page).Form("form[action='" + to + "'][method=post]")
		}
		for name, value := range f.set {
			form.Set(name, value)
		}
		if p, err := b.Send(http.MethodPost, to, form); err != nil || p.Status != f.status {
			w.t.Errorf("%s: %d, want %d (%v)", key, p.Status, f.status, err)
		}
	}
}

// ownerID is the demo's owner.
const ownerID = 2

// changeGoods moves a product to another category and brand, removes options and specs, and moves a category with its products.
func (w walker) changeGoods() {
	ctx, d := w.t.Context(), w.Store.Desk
	form := w.owner.Get("/admin/products/1006").Form("form[action='/admin/products/1006'][method=post]")
	form.Set("category_id", "10102")
	form.Set("brand_id", "2")
	w.owner.Post("/admin/products/1006", form)

	fresh, err := d.NewProduct(ctx, ownerID, desk.ProductInput{Name: "新", CategoryID: 10101, BrandID: 1},
		[]desk.SpecInput{{Name: "色", Options: []desk.OptionInput{{Value: "一"}, {Value: "二"}}}})
	wantNone(w.t, err)
	for _, spu := range []int64{fresh, 1001} {
		spec := w.Int("SELECT MIN(id) FROM specs WHERE spu_id = ?", spu)
		w.saveSpec(spu, desk.SpecInput{ID: spec, Name: "颜色", Options: []desk.OptionInput{
			{ID: w.Int("SELECT MIN(id) FROM spec_options WHERE spec_id = ?", spec), Value: "留"},
			{ID: w.Int("SELECT MAX(id) FROM spec_options WHERE spec_id = ?", spec), Value: "去", Remove: true}}})
		w.saveSpec(spu, desk.SpecInput{Name: "新", Options: []desk.OptionInput{{Value: "一"}, {Value: "二"}}})
		w.saveSpec(spu, desk.SpecInput{ID: w.Int("SELECT MAX(id) FROM specs WHERE spu_id = ?", spu), Name: "新", Remove: true})
	}
	w.Exec("UPDATE categories SET parent_id = 102 WHERE id = 10101")
	for _, changed := range []string{"category1_id 1", "category2_id 101", "category3_id 10101", "brand_id 1"} {
		wantNone(w.t, d.FollowJob(ctx, changed+" 0"))
	}
	w.Exec("UPDATE categories SET parent_id = 101 WHERE id = 10101")
	wantNone(w.t, d.FollowJob(ctx, "category3_id 10101 0"))
	w.Exec("DELETE FROM category_facets WHERE category_id = 10101")
	w.Exec("INSERT INTO category_facets (category_id, facets) VALUES (999, '{}')")
	wantNone(w.t, errors.Join(w.Store.Catalog.RefreshFacets(ctx),
		w.Store.Stock.Correct(ctx, ownerID, 100301, w.Int("SELECT quantity FROM stocks WHERE sku_id = 100301"), 7, "盘点")))
}

func (w walker) saveSpec(spu int64, in desk.SpecInput) {
	w.t.Helper()
	_, err := w.Store.Desk.SaveSpecs(w.t.Context(), ownerID, spu, w.Int("SELECT version FROM spus WHERE id = ?", spu), []desk.SpecInput{in})
	wantNone(w.t, err)
}

// searchAnew makes the index of searches anew, in each of the ways there are.
func (w walker) searchAnew() {
	ctx, search := w.t.Context(), w.Store.Search
	w.Exec("UPDATE settings SET value = 'old' WHERE name = 'search_version'")
	wantNone(w.t, errors.Join(search.Ensure(ctx, nil), search.Reindex(ctx, nil)))
	for _, table := range []string{"search_docs", "search_terms", "search_counts"} {
		w.Exec("DELETE FROM " + table)
	}
	wantNone(w.t, search.Build(ctx, func(string, int, int) {}))
}

// fillUp makes what is bounded full, so that the oldest goes: searches in vain and a history. It also buys from a cart in which goods are gone.
func (w walker) fillUp() {
	var misses, views []string
	for i := range 1100 {
		misses = append(misses, fmt.Sprintf("('miss %d', 1, '2026-03-01 00:00:00')", i))
	}
	for i := range 150 {
		views = append(views, fmt.Sprintf("(%d, %d, '2026-03-01 00:00:00')", xiaoming, 900_000+i))
	}
	w.Exec("INSERT INTO search_misses (words, times, last_at) VALUES " + strings.Join(misses, ", "))
	w.owner.Get("/search?q=xyzzyxyzzy")
	w.Exec("INSERT INTO browse_history (user_id, spu_id, seen_at) VALUES " + strings.Join(views, ", "))
	b := w.Login("xiaoming")
	b.Get("/products/1003")
	for _, sku := range []string{"100401", "100301"} {
		b.Post("/cart/items", url.Values{"sku_id": {sku}, "count": {"1"}})
	}
	w.Exec("UPDATE skus SET is_launched = 0 WHERE id = 100401")
	b.Post("/cart/gone/remove", nil)
	b.Post("/orders", b.Get("/checkout").Form("form#place"))
}

// keepHouse runs what commands, metrics and sweeps ask, and finds jobs of nodes that died or had a wrong clock.
func (w walker) keepHouse() {
	ctx, now, s := w.t.Context(), w.Clock.Now(), w.Store
	support := w.User("the-support", account.Support)
	_, errName := s.Account.UserByName(ctx, "owner")
	_, errDemo := s.Account.DemoAccounts(ctx)
	_, _, errBacklog := s.Jobs.Backlog(ctx)
	_, errPublisher := s.Order.StaffList(ctx, order.Filter{Publisher: 4}, 1)
	_, errOverdue := s.Order.Overdue(ctx, now, order.Due{ID: 1, PayDeadline: now.Add(-time.Hour)}, 100)
	_, errMethod := s.Order.LastMethod(ctx, xiaoming)
	wantNone(w.t, errors.Join(errName, errDemo, errBacklog, errPublisher, errOverdue, errMethod, s.Account.SetRole(ctx, support, account.Staff),
		s.Account.Disable(ctx, support, true), s.Account.EnsureDemoAccounts(ctx)))
	for i, status := range []job.Status{job.StatusDead, job.StatusRunning, job.StatusReady} {
		w.Exec("INSERT INTO jobs (kind, job_key, payload, status, run_at, lease_token, created_at) VALUES (?, ?, 'brand_id 1 0', ?, ?, 'x', ?)",
			desk.FollowKind, fmt.Sprint("strange ", i), status, now.Add(time.Duration(i-1)*1000*time.Hour), now)
	}
	wantNone(w.t, w.DB.Tx(ctx, func(tx *db.Tx) error {
		return job.Enqueue(ctx, tx, desk.FollowKind, "strange 0", "brand_id 1 0", now, now)
	}))
	running, stop := context.WithTimeout(ctx, 500*time.Millisecond)
	defer stop()
	s.Jobs.Run(running)
}

// queries are what the addresses of pages may say besides.
var queries = pageQueries()

func pageQueries() map[string][]string {
	asked := map[string][]string{
		"/admin/coupons":    {"?after=3"},
		"/admin/ads":        {"?place=home_banner"},
		"/admin/brands":     {"?q=a", "?after=3"},
		"/admin/categories": {"?parent=1"},
		"/admin/credits":    {"?username=xiaoming", "?username=nobody"},
		"/admin/jobs":       {"?state=running", "?state=waiting", "?after=1772596800000-1", "?state=waiting&after=1772596800000-1"},
		"/admin/products":   {"?q=" + url.QueryEscape("手机"), "?q=1001", "?after=1010"},
		"/admin/promotions": {"?state=draft", "?state=draft&kind=flash", "?state=ended&after=1772596800000-1", "?state=ended&kind=price&after=1772596800000-1",
			"?state=upcoming"},
		"/admin/reviews":         {"?score=5", "?state=hidden", "?state=unanswered", "?state=unanswered&score=5", "?page=2"},
		"/account/favourites":    {"?page=2"},
		"/account/reviews":       {"?page=2"},
		"/account/coupons":       {"?state=used", "?state=expired", "?page=2"},
		"/coupons":               {"?spu=1005", "?spu=999999"},
		"/areas":                 {"?parent=0", "?parent=330000"},
		"/checkout":              {"?sku_id=100101&count=1", "?sku_id=100101&count=1&address_id=1"},
		"/promotions/:promotion": {"?sort=price", "?sort=sales", "?gap=2300"},
		"/products/:spu":         {"?sku=100103"},
		"/register/check":        {"?username=xiaoming", "?mobile=13800135621"},
	}
	lists := []string{"?sort=price", "?sort=-price", "?sort=sales", "?sort=new", "?page=2", "?brand=1&brand=2", "?min=1&max=100000", "?stock=1",
		"?sort=price&min=1&max=100000", "?spec=" + url.QueryEscape("颜色:黑色")}
	asked["/categories/:id"] = lists
	for _, q := range []string{"手机", "shouji", "shou", "nova 7", "手", "咖啡机器人", "xyzzy", "手机壳"} {
		q = "q=" + url.QueryEscape(q)
		asked["/search/suggest"] = append(asked["/search/suggest"], "?"+q)
		for _, list := range append([]string{"?"}, lists...) {
			asked["/search"] = append(asked["/search"], list+"&"+q)
		}
	}
	for _, rate := range []string{"good", "medium", "poor", "pictured"} {
		asked["/products/:spu/reviews"] = append(asked["/products/:spu/reviews"], "?rate="+rate, "?page=2&rate="+rate)
	}
	for status := range 6 {
		for _, more := range []string{"", "&range=today", "&range=older", "&range=yesterday", "&page=2", "&spu=1001",
			"&q=" + url.QueryEscape("手机"), "&q=13800135621", "&q=20260304123412341234", "&q=2026030400000000000000000001", "&q=2026030412341"} {
			query := fmt.Sprintf("?status=%d%s", status, more)
			asked["/orders"] = append(asked["/orders"], query)
			asked["/admin/orders"] = append(asked["/admin/orders"], query)
		}
	}
	return asked
}
