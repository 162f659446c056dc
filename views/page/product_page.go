package page

import (
	"fmt"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/store/entitlement"
	"dashop/store/promo"
	"dashop/views/ui"
)

// ProductPage is what the page of a product shows: one of its SKUs chosen, and the first of its reviews.
type ProductPage struct {
	Product catalog.Product
	SKU     catalog.SKU
	Sale    *promo.Sale // that the SKU is in, or nil
	Reviews ReviewsPage
	Offers  []promo.Promotion // of baskets, that the SKU is in
}

// Mine is what View.Mine of a product page may be: what the product is to who looks at it.
type Mine struct {
	Favourite bool
	Has       entitlement.Holding // of a course or a download
}

// heart is the way to keep a product or to let it go, as it is with the person.
func heart(spu, sku int64) ui.Fill {
	return func(v ui.View) templ.Component {
		mine, _ := v.Mine.(Mine)
		kept := mine.Favourite
		return ui.Shared{Component: Favourite(ui.View{Lang: v.Lang}, spu, sku, kept), Key: fmt.Sprintf("heart %d %d %t", spu, sku, kept)}
	}
}

// owned tells who has the product already.
func owned(spu int64) ui.Fill {
	return func(v ui.View) templ.Component {
		mine, _ := v.Mine.(Mine)
		if mine.Has.Valid == 0 {
			return templ.NopComponent
		}
		return productOwned(v, spu, mine.Has)
	}
}

func (s ProductPage) layout(v ui.View) ui.Page {
	p := s.Product
	page := ui.Page{
		Title: v.Pick(p.Name, p.NameEN), Description: v.Pick(p.Caption, p.CaptionEN), Nav: navOf(p.Path),
		Back: categoryAbove(p), ActionBar: true, Preload: s.SKU.Images[0], Sizes: ui.GallerySizes,
	}
	if p.Launched { // what is not launched is nobody else's to know
		page.Canonical, page.Image, page.Kind, page.Data = ui.ProductHref(p.ID), s.SKU.Image, "product", s.data(v)
	}
	return page
}

// data is the product in the words of schema.org, with an offer for each SKU on sale.
func (s ProductPage) data(v ui.View) map[string]any {
	p, here := s.Product, v.Base+ui.ProductHref(s.Product.ID)
	data := map[string]any{
		"@context": "https://schema.org", "@type": "Product", "@id": here, "url": here, "sku": ui.ID(s.SKU.ID),
		"name": v.Pick(p.Name, p.NameEN), "description": v.Pick(p.Caption, p.CaptionEN),
	}
	var pictures []string
	for _, image := range s.SKU.Images {
		pictures = append(pictures, v.Base+ui.Picture(image))
	}
	data["image"] = pictures
	if p.Brand != "" {
		data["brand"] = map[string]any{"@type": "Brand", "name": v.Pick(p.Brand, p.BrandEN)}
	}
	var offers []any
	for _, k := range p.SKUs {
		state := "OutOfStock"
		if k.Sellable(1) {
			state = "InStock"
		}
		offers = append(offers, map[string]any{
			"@type": "Offer", "sku": ui.ID(k.ID), "name": v.Pick(k.Name, k.NameEN), "url": v.Base + ui.SKUHref(p.ID, k.ID),
			"priceCurrency": "CNY", "price": k.Now().String(), "availability": "https://schema.org/" + state,
		})
	}
	data["offers"] = offers
	if p.Count() > 0 {
		data["aggregateRating"] = map[string]any{
			"@type": "AggregateRating", "ratingValue": ui.Score(p.Average()), "reviewCount": p.Count(), "bestRating": 5, "worstRating": 1,
		}
	}
	return data
}
