package staff

import (
	"net/url"

	"dashop/store/catalog/desk"
	"dashop/views/ui"
)

// GoodsPage is the merchant's list of products.
type GoodsPage struct {
	Q    string
	List desk.GoodsList
}

// GoodsHref leads to the list, with a search and from after a product on.
func GoodsHref(q string, after int64) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	if after > 0 {
		v.Set("after", ui.ID(after))
	}
	if len(v) == 0 {
		return "/admin/products"
	}
	return "/admin/products?" + v.Encode()
}

// ProductHref leads to the form of a product.
func ProductHref(spu int64) string { return "/admin/products/" + ui.ID(spu) }
