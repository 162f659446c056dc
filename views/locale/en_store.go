package locale

// What the rooms of the store say when something cannot be done.
var _ = add(map[string]string{
	// Cart and stock
	"%s 已下架":                          "%s is no longer on sale",
	"商品库存不足：%s 只剩 %d 件":               "Not enough stock: only %[2]d left of %[1]s",
	"商品库存不足：%s 已售罄":                   "Not enough stock: %s is sold out",
	"商品库存不足：%s 刚刚被抢先买走":               "Not enough stock: somebody was faster and bought %s",
	"商品库存不足：%s 最多可买 %d 件":             "Not enough stock: at most %[2]d of %[1]s",
	"商品库存不足：%s 最多可买 %d 件，购物车里已有 %d 件": "Not enough stock: at most %[2]d of %[1]s, and %[3]d are in your cart already",
	"购物车刚刚有变动，请核对后再提交":                "Your cart has just changed. Please check and place again",
	"购物车里的 %s 刚刚有变动，请核对后再提交":          "%s in your cart has just changed. Please check and place again",
	"一笔订单最多 %d 种商品，请分几次结算":            "One order takes at most %d kinds of goods. Please order in parts",
	"这张优惠券现在不能用":                      "This coupon cannot be used now",
	"积分不够":                            "Not enough credits",
	"数量要在 1 到 %d 之间":                  "Enter a number from 1 to %d",
	"购物车最多放 %d 种商品":                   "The cart holds at most %d different products",
	"金额超出了一笔订单的上限":                    "The amount is over the limit of one order",
	"操作太快，请再试一次":                      "That was too fast. Please try again",

	// Placing an order
	"请先勾选要结算的商品":         "Tick what you want to buy first",
	"请选择收货地址":            "Choose a delivery address",
	"还没有收货地址，请先添加一个":     "There is no delivery address yet. Please add one",
	"请选择支付方式":            "Choose how to pay",
	"价格有变动，请核对后再提交":      "The price has changed. Please check it and submit again",
	"备注最多 %d 个字":         "The note may have at most %d characters",
	"确认页已失效，请重新确认订单":     "This page has expired. Please review the order again",
	"这张确认页已经提交过订单，请重新确认": "This page has placed its order already. Please review again",

	// States of an order
	"此订单已付款":                   "This order is paid",
	"此订单已付款，无法取消":              "This order is paid and cannot be cancelled",
	"此订单已付款，正在等待发货":            "This order is paid and waits to be shipped",
	"此订单还没有付款":                 "This order is not paid yet",
	"此订单已经发货":                  "This order has been shipped",
	"此订单已确认收货":                 "This order has been received",
	"此订单已取消":                   "This order is cancelled",
	"此订单已取消，不能再付款":             "This order is cancelled and can no longer be paid",
	"今天已经提醒过商家了":               "The shop has been reminded today already",
	"请选择快递公司":                  "Choose a carrier",
	"请填写运单号：5 到 40 位字母、数字或短横线": "Enter the tracking number: 5 to 40 letters, digits or hyphens",

	// Paying
	"已超过付款时间，请重新下单":              "The time to pay is over. Please order again",
	"付款尝试次数太多，请重新下单":             "Too many tries to pay. Please order again",
	"这次返回的支付结果无法核实，请到“我的订单”查看":   "The payment result that came back cannot be verified. Please look in My orders",
	"这笔订单收到的金额不对，商家正在核对，请不要再次付款": "The amount received for this order is not right. The shop is checking it; please do not pay again",
})
