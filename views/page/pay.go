package page

import (
	"slices"

	"dashop/store/payment/gateway"
	"dashop/views/ui"
)

// lastFirst are the ways to pay with the one used last in front.
func lastFirst(methods []gateway.About, last string) []gateway.About {
	list := slices.Clone(methods)
	slices.SortStableFunc(list, func(a, b gateway.About) int {
		switch {
		case a.ID == last && b.ID != last:
			return -1
		case b.ID == last && a.ID != last:
			return 1
		}
		return 0
	})
	return list
}

// going is what the button says once it is pressed.
func going(v ui.View) string {
	if len(v.PayMethods) == 1 {
		return v.T("正在前往%s…", v.Words(v.PayMethods[0].Name))
	}
	return v.T("正在打开付款页面…")
}

// paysElsewhere says that the shop sees nothing of the paying.
func paysElsewhere(v ui.View) string {
	if len(v.PayMethods) == 1 {
		return v.T("付款在%s的页面进行，我们不接触您的密码。", v.Words(v.PayMethods[0].Name))
	}
	return v.T("付款由您选择的平台进行，我们不接触您的密码。")
}
