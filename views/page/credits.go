package page

import "dashop/views/ui"

func creditsHref(page int) string {
	if page <= 1 {
		return "/account/credits"
	}
	return "/account/credits?page=" + ui.ID(page)
}

// creditRules are how credits are earned and spent.
func creditRules(v ui.View) []string {
	return []string{
		v.T("确认收货后，实付的商品金额（不含运费）每满 1 元得 1 积分。"),
		v.T("提交订单时可以用积分抵扣：100 积分抵 ¥1，最多抵优惠后商品金额的一半。"),
		v.T("订单取消，用掉的积分全部退回；部分退款按比例退回，所退商品得到的积分同时扣回。"),
	}
}
