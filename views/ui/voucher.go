package ui

import (
	"dashop/store/promo"
)

// voucherWorth is what a coupon takes off, in the fewest words: ¥10, or 8.5 折.
func voucherWorth(v View, c promo.Coupon) string {
	if c.Percent == 0 {
		return Yuan(c.Off)
	}
	return PercentWords(v, c.Percent)
}

// voucherTerms is from when on a coupon counts, and how much it takes off at most.
func voucherTerms(v View, c promo.Coupon) string {
	switch {
	case c.Percent > 0 && c.Cap > 0 && c.Threshold == 0:
		return v.T("最多减 %s", Yuan(c.Cap))
	case c.Percent > 0 && c.Cap > 0:
		return v.T("满 %s，最多减 %s", Yuan(c.Threshold), Yuan(c.Cap))
	case c.Threshold == 0:
		return v.T("无门槛")
	}
	return v.T("满 %s 可用", Yuan(c.Threshold))
}
