package page

import "dashop/views/ui"

func favouriteHref(spu int64) string { return ui.ProductHref(spu) + "/favourite" }

func favouritesHref(page int) string {
	if page <= 1 {
		return "/account/favourites"
	}
	return "/account/favourites?page=" + ui.ID(page)
}
