package locale

// The words that explain a price.
var _ = add(map[string]string{
	"使用 %d 积分":       "%d credits used",
	"原价":             "Ordinary price",
	"其中 %d 件":        "%d of them",
	"原价 %s × %d":     "Ordinary price %s × %d",
	"价格明细":           "Price details",
	"分摊运费":           "Share of the delivery",
	"优惠后小计":          "After discounts",
	"这笔订单最多可用 %d 积分": "At most %d credits can be used for this order",
})
