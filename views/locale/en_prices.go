package locale

// The words that explain a price.
var _ = add(map[string]string{
	"使用 %d 积分":   "%d credits used",
	"原价":         "Ordinary price",
	"其中 %d 件":    "%d of them",
	"原价 %s × %d": "Ordinary price %s × %d",
	"价格明细":       "Price details",
	"分摊运费":       "Share of the delivery",
	"优惠后小计":      "After discounts",

	// Coupons and credits on the confirmation page
	"每单可用一张券":     "One coupon an order",
	"没有可用的优惠券。":   "You have no coupon to use.",
	"去领券":         "Get coupons",
	"可省 %s，%s 到期": "Saves %s, until %s",
	"；用后运费多 %s":   "; delivery then costs %s more",
	"不使用优惠券":      "Use no coupon",
	"使用积分":        "Credits to use",
	"重新计算":        "Calculate again",
	"共 %s 积分，本单最多可用 %s；100 积分 = ¥1": "You have %s credits and can use up to %s here; 100 credits = ¥1",
	"积分要填整数": "Credits are a whole number",
	"这笔订单无需支付，提交后即完成付款。": "There is nothing to pay: the order is paid as soon as it is placed.",
	"已优惠 %s":      "You save %s",
	"满 %s，最多减 %s": "from %s, up to %s off",
	"满 %s 可用":     "from %s",
	"总金额（含运费）":    "Total, delivery included",
	"下单成功，无需支付":   "Your order is placed, and there is nothing to pay",
	"无需支付":        "Nothing to pay",
})
