package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dashop/store"
	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/review"
	"dashop/store/storetest"
)

// What fails in the catalogue, at its desk, in reviews and in interest says in the log what was being done, and keeps its cause.
func TestErrorsSayWhatWasDone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, _ *phone) {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		c, d, r, i := s.Catalog, s.Desk, s.Reviews, s.Interest
		for want, call := range map[string]func() error{
			"read product 5":            func() error { _, err := c.Product(ended, 5); return err },
			"list category 5":           func() error { _, err := c.Category(ended, 5, catalog.Ask{Page: 1}); return err },
			"search for":                func() error { _, err := c.Search(ended, "x", catalog.Ask{Page: 1}); return err },
			"suggest for":               func() error { _, err := c.Suggest(ended, "x"); return err },
			"read home page":            func() error { _, err := c.Home(ended); return err },
			"read popular products":     func() error { _, err := c.Popular(ended, 5); return err },
			"read categories":           func() error { _, err := c.Menu(ended); return err },
			"read SKUs":                 func() error { _, err := c.SKUs(ended, s.DB, []int64{5}); return err },
			"refresh card figures":      func() error { return c.RefreshCards(ended, []int64{5}) },
			"refresh the cards":         func() error { _, err := c.RefreshChanged(ended); return err },
			"refresh facets":            func() error { return c.RefreshFacets(ended) },
			"read products of the site": func() error { _, err := c.SitemapProducts(ended, 0); return err },
			"list ads of":               func() error { _, err := d.EditingAds(ended, "x"); return err },
			"read ad 5":                 func() error { _, err := d.EditingAd(ended, 5); return err },
			"list brands":               func() error { _, err := d.EditingBrands(ended, "", 0); return err },
			"read brand 5":              func() error { _, err := d.EditingBrand(ended, 5); return err },
			"read category 5":           func() error { _, err := d.EditingCategory(ended, 5); return err },
			"read channel groups":       func() error { _, err := d.EditingGroups(ended); return err },
			"list products":             func() error { _, err := d.GoodsList(ended, "", 0); return err },
			"read product 5 for":        func() error { _, err := d.Editing(ended, 5); return err },
			"look for uses of picture":  func() error { _, err := d.PictureUsed(ended, "x"); return err },
			"product_deleted by staff":  func() error { return d.DeleteProduct(ended, 9, 5, 0) },
			"product_saved by staff": func() error {
				return d.SaveProduct(ended, 9, 5, desk.ProductInput{Name: "x", CategoryID: 5}, nil)
			},
			"list reviews of product 5": func() error { _, err := r.OfProduct(ended, 5, "", review.Page{}); return err },
			"list reviews by user 5":    func() error { _, err := r.ByUser(ended, 5, review.Page{}); return err },
			"list reviews:":             func() error { _, err := r.ForStaff(ended, review.StaffFilter{}, review.Page{}); return err },
			"reply to review 5":         func() error { return r.Reply(ended, 9, 5, "x") },
			"review.hide 5":             func() error { return r.Hide(ended, 9, 5, "x") },
			"add favourite 7":           func() error { return i.AddFavourite(ended, 5, 7) },
			"remove favourite 7":        func() error { return i.RemoveFavourite(ended, 5, 7) },
			"list favourites":           func() error { _, err := i.Favourites(ended, 5, 1); return err },
			"write browsing histories":  func() error { i.RecordView(5, 7); return i.WriteViews(ended) },
			"read browsing history":     func() error { _, err := i.History(ended, 5); return err },
			"clear browsing history":    func() error { return i.ClearHistory(ended, 5) },
			"recommend":                 func() error { _, err := i.Recommend(ended, []int64{7}); return err },
		} {
			if err := call(); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want it to begin with %q", err, want)
			}
		}
	})
}
