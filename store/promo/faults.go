package promo

import (
	"dashop/store/catalog"
	"dashop/store/fault"
)

// CheckCount refuses a count that no order may hold of any SKU. The wrong field is named count.
func CheckCount(count int64) error {
	if count < 1 || count > catalog.MostPerOrder {
		return badCount(catalog.MaxPerOrder)
	}
	return nil
}

// CheckLimit refuses more pieces of a SKU than one order may hold of it; that one of a virtual one is enough is a matter of the person who
// buys, not of the price. The wrong field is named count.
func CheckLimit(sku catalog.SKU, count int64) error {
	switch own := sku.MaxPerOrder; {
	case own > 0 && count > own:
		return fault.Field("count", "%s 每单限购 %d 件", sku.Name, own)
	case own == 0 && count > catalog.MaxPerOrder:
		return badCount(catalog.MaxPerOrder)
	}
	return nil
}

func badCount(most int) error { return fault.Field("count", "数量要在 1 到 %d 之间", most) }

// Short is 50103 for goods of which only that many pieces are left.
func Short(name string, left int64) error {
	if left <= 0 {
		return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 已售罄", name)
	}
	return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 只剩 %d 件", name, left)
}

// OffSale is 50103 for goods that are not sold any more.
func OffSale(name string) error {
	return fault.New(fault.Conflict, fault.CodeShortStock, "%s 已下架", name)
}

// PriceChanged is 50106: something of what the shopper has agreed to costs something else now.
func PriceChanged() error {
	return fault.New(fault.Conflict, fault.CodePriceChanged, "价格有变动，请核对后再提交")
}

// BadCoupon is 50107: the coupon is none of the shopper's, or it does not fit.
func BadCoupon() error {
	return codedField("coupon_id", fault.CodeBadCoupon, "这张优惠券现在不能用")
}

// ShortCredits is 50108: the shopper has fewer credits than are to be spent.
func ShortCredits() error {
	return codedField("credits", fault.CodeShortCredits, "积分不够")
}

// NoCredits is 50108: what was typed is no number of credits.
func NoCredits() error {
	return codedField("credits", fault.CodeShortCredits, "积分要填整数")
}

// TooManyCredits is 50108: only half of what is left of the goods can be paid with credits.
func TooManyCredits(most int64) error {
	return codedField("credits", fault.CodeShortCredits, "这笔订单最多可用 %d 积分", most)
}

// codedField is Invalid, about a field of the form, with a code.
func codedField(field string, code int, msg string, args ...any) error {
	return fault.New(fault.Invalid, code, msg, args...).With(field, msg, args...)
}

func tooMuch() error {
	return fault.New(fault.Invalid, 0, "金额超出了一笔订单的上限")
}
