package locale

// Prices: why a coupon or credits do not fit a basket.
var _ = add(map[string]string{
	"还差 ¥%s":         "¥%s more is needed",
	"尚未开始":           "Not yet valid",
	"没有适用的商品":        "Nothing here that it is for",
	"没有可以优惠的金额":      "Nothing left to take off",
	"已过期":            "Expired",
	"已使用":            "Used",
	"最多还有 %d 件":      "At most %d are left",
	"这笔订单最多可用 %d 积分": "This order takes at most %d credits",
})
