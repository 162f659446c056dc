package page

import (
	"fmt"

	"dashop/store/catalog"
	"dashop/store/entitlement"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/views/ui"
)

// CoursePage is what a shopper has of one product, with what it consists of while it may be used.
type CoursePage struct {
	entitlement.Owning
	Materials []catalog.Material
	Chapter   *catalog.Material // the one to read
	Links     map[int64]string  // to the downloads, by the ids of the materials
	Fault     *fault.Error
}

// Choose opens a chapter, or the first one where the address names none.
func (c *CoursePage) Choose(id int64) {
	for i, m := range c.Materials {
		if m.Kind == catalog.KindChapter && (c.Chapter == nil || m.ID == id) {
			c.Chapter = &c.Materials[i]
		}
	}
}

// next is the chapter after the one that is open, or nil.
func (c CoursePage) next() *catalog.Material {
	found := false
	for i, m := range c.Materials {
		if m.Kind != catalog.KindChapter {
			continue
		}
		if found {
			return &c.Materials[i]
		}
		found = c.Chapter != nil && m.ID == c.Chapter.ID
	}
	return nil
}

func (c CoursePage) downloads() (list []catalog.Material) {
	for _, m := range c.Materials {
		if m.Kind == catalog.KindDownload {
			list = append(list, m)
		}
	}
	return list
}

func purchaseHref(spu int64) string { return "/account/purchases/" + ui.ID(spu) }

func purchasesHref(page int) string { return "/account/purchases?page=" + ui.ID(page) }

func chapterHref(m catalog.Material) string {
	return purchaseHref(m.SPUID) + "?chapter=" + ui.ID(m.ID) + "#chapter"
}

// learnHref leads to what a paid order gave, or is "".
func learnHref(o order.Order) string {
	if o.PaidAt == nil || o.Status == order.StatusCancelled {
		return ""
	}
	to := ""
	for _, it := range o.Items {
		switch {
		case it.Virtual && to == "":
			to = purchaseHref(it.SPUID)
		case it.Virtual:
			to = "/account/purchases"
		}
	}
	return to
}

// validity is how long something may be used that is bought for some days; 0 is for ever.
func validity(v ui.View, days int) string {
	switch {
	case days == 0:
		return v.T("永久有效")
	case days%365 == 0:
		return v.T("%d 年", days/365)
	}
	return v.T("%d 天", days)
}

// lasting says until when somebody may use something, or since when not any more.
func lasting(v ui.View, h entitlement.Holding) string {
	switch {
	case h.Ended():
		return v.T("已退款，不能再用")
	case h.Forever():
		return v.T("永久有效")
	case h.Open(v.Now):
		return v.T("有效期至 %s", v.Time(*h.ExpiresAt))
	}
	return v.T("已于 %s 过期", v.Time(*h.ExpiresAt))
}

// openName is what one does with a product that one has.
func openName(v ui.View, o entitlement.Owning) string {
	if o.Chapters == 0 && o.Downloads > 0 {
		return v.T("下载")
	}
	return v.T("去学习")
}

// fileSize is the size of a file in words.
func fileSize(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", max((n+1023)>>10, 1))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
