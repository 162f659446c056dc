package demo

import (
	"errors"
	"slices"
	"time"
)

// hiddenPlaces are places whose advertisements promise what the shop cannot honour yet.
var hiddenPlaces = []string{
	"home_flash_sale", // prices for a time only
	"home_course",     // virtual goods
	"home_free",       // goods for nothing
}

// hidden are single advertisements, by id, that promise what the shop cannot honour yet.
var hidden = []int64{
	5,      // banner: free open lessons
	9,      // notice: after-sales within seven days
	10,     // notice: a free course
	11,     // notice: free removal of an old sofa, which no order can carry
	20,     // quick entry: courses
	87, 91, // hot words that find only a course and e-books
}

// shop is the demo shop as rows, in the order in which they are written.
type shop struct {
	tables []*table
	spus   []int64

	now        time.Time
	launchable map[int64]bool                // products by id: physical, with a SKU on sale
	places     map[int64]string              // of advertisements, by id
	words      map[int64][2]string           // chosen options by SKU, in both languages
	ratings    map[string]map[int64][6]int64 // by spu or sku and id: how many reviews gave each score
}

// read makes the rows from the embedded files.
func read(now time.Time) (*shop, error) {
	s := &shop{now: now, launchable: map[int64]bool{}, places: map[int64]string{}, words: map[int64][2]string{},
		ratings: map[string]map[int64][6]int64{"spu": {}, "sku": {}}}
	return s, errors.Join(
		s.areas(), s.categories(), s.channels(), s.brands(),
		s.findLaunchable(), s.rate(), s.products(), s.skus(), s.specs(), s.ads(), s.reviews(), s.coupons(), s.flashSales())
}

func (s *shop) table(name string) *table {
	t := newTable(name)
	s.tables = append(s.tables, t)
	return t
}

func (s *shop) ago(r record) time.Time {
	return s.now.AddDate(0, 0, -int(r.int("created_days_ago")))
}

func (s *shop) areas() error {
	t := s.table("areas (id, parent_id, name)")
	return each("areas.csv", func(r record) {
		t.add(r.int("id"), r.int("parent_id"), r.text("name"))
	})
}

func (s *shop) categories() error {
	t := s.table("categories (id, parent_id, level, name, name_en, icon, sequence)")
	return each("categories.csv", func(r record) {
		t.add(r.int("id"), r.int("parent_id"), r.int("level"), r.text("name"), r.text("name_en"), r.text("icon"), r.int("sequence"))
	})
}

func (s *shop) channels() error {
	groups := s.table("channel_groups (id, name, name_en, sequence)")
	channels := s.table("channels (id, group_id, category_id, sequence)")
	return errors.Join(
		each("channel_groups.csv", func(r record) {
			groups.add(r.int("id"), r.text("name"), r.text("name_en"), r.int("sequence"))
		}),
		each("channels.csv", func(r record) {
			channels.add(r.int("id"), r.int("group_id"), r.int("category_id"), r.int("sequence"))
		}))
}

func (s *shop) brands() error {
	t := s.table("brands (id, name, name_en, first_letter, logo, intro, intro_en)")
	return each("brands.csv", func(r record) {
		t.add(r.int("id"), r.text("name"), r.text("name_en"), r.text("first_letter"), r.text("logo"), r.text("intro"), r.text("intro_en"))
	})
}

// launched says whether a SKU goes on sale. Virtual goods and goods for nothing wait until the shop can deliver them.
func launched(r record) bool {
	return r.int("is_launched") == 1 && r.int("is_virtual") == 0 && r.int("price") > 0
}

func (s *shop) findLaunchable() error {
	return each("skus.csv", func(r record) {
		if launched(r) {
			s.launchable[r.int("spu_id")] = true
		}
	})
}

func (s *shop) products() error {
	t := s.table(`spus (id, name, name_en, brand_id, category1_id, category2_id, category3_id, caption, caption_en,
		description, description_en, image, is_launched, is_virtual, created_at, score_1, score_2, score_3, score_4, score_5)`)
	return each("spus.csv", func(r record) {
		id := r.int("id")
		rated := s.ratings["spu"][id]
		s.spus = append(s.spus, id)
		t.add(id, r.text("name"), r.text("name_en"), r.int("brand_id"), r.int("category1_id"), r.int("category2_id"), r.int("category3_id"),
			r.text("caption"), r.text("caption_en"), r.text("description"), r.text("description_en"), r.text("default_image"),
			s.launchable[id], r.text("kind") != "physical", s.ago(r), rated[1], rated[2], rated[3], rated[4], rated[5])
	})
}

func (s *shop) skus() error {
	skus := s.table("skus (id, spu_id, name, name_en, price_fen, cost_fen, market_fen, image, is_launched, validity_days, created_at, " +
		"score_1, score_2, score_3, score_4, score_5)")
	stocks := s.table("stocks (sku_id, quantity, sold)")
	ledger := s.table("stock_ledger (sku_id, kind, delta, created_at)")
	err := each("skus.csv", func(r record) {
		id, stock := r.int("id"), r.int("stock")
		rated := s.ratings["sku"][id]
		var validity any // NULL: goods that do not expire because they are things
		if r.text("validity_days") != "" {
			validity = r.int("validity_days")
		}
		skus.add(id, r.int("spu_id"), r.text("name"), r.text("name_en"), r.int("price"), r.int("cost_price"), r.int("market_price"),
			r.text("default_image"), launched(r), validity, s.ago(r), rated[1], rated[2], rated[3], rated[4], rated[5])
		stocks.add(id, stock, r.int("sales"))
		if stock > 0 {
			ledger.add(id, "received", stock, s.now)
		}
	})
	images := s.table("sku_images (id, sku_id, image, sequence)")
	return errors.Join(err, each("sku_images.csv", func(r record) {
		images.add(r.int("id"), r.int("sku_id"), r.text("image"), r.int("sequence"))
	}))
}

func (s *shop) specs() error {
	specs := s.table("specs (id, spu_id, name, name_en, sequence)")
	options := s.table("spec_options (id, spec_id, value, value_en, color, sequence)")
	chosen := s.table("sku_specs (sku_id, spec_id, option_id)")
	return errors.Join(
		each("specs.csv", func(r record) {
			specs.add(r.int("id"), r.int("spu_id"), r.text("name"), r.text("name_en"), r.int("sequence"))
		}),
		each("spec_options.csv", func(r record) {
			options.add(r.int("id"), r.int("spec_id"), r.text("value"), r.text("value_en"), r.text("color"), r.int("sequence"))
		}),
		each("sku_specs.csv", func(r record) {
			chosen.add(r.int("sku_id"), r.int("spec_id"), r.int("option_id"))
		}))
}

// ads keeps all advertisements, those that promise too much switched off. The url column is a suggestion; type and id say the same.
func (s *shop) ads() error {
	err := each("ad_categories.csv", func(r record) { s.places[r.int("id")] = r.text("key") })
	t := s.table("ads (id, place, title, title_en, text, text_en, image, target_type, target_id, sequence, is_shown)")
	return errors.Join(err, each("ads.csv", func(r record) {
		id, place := r.int("id"), s.places[r.int("category_id")]
		kind, target := r.text("target_type"), r.maybe("target_id")
		shown := r.int("status") == 1 && !slices.Contains(hidden, id) && !slices.Contains(hiddenPlaces, place)
		switch kind {
		case "sku":
			kind, target = "spu", target/100 // the SKU ids of the demo
			shown = shown && s.launchable[target]
		case "url":
			kind, target = "", 0 // a page that the shop does not have
		}
		t.add(id, place, r.text("title"), r.text("title_en"), r.text("text"), r.text("text_en"), r.text("image"), kind, target,
			r.int("sequence"), shown)
	}))
}
