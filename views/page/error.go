package page

import (
	"net/http"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/ui"
)

// ErrorPage tells of a request that led nowhere.
type ErrorPage struct {
	Status int
	Fault  *fault.Error
	Picks  []catalog.Card // goods to look at instead, or none
}

// title and advice are the words for a status; the fault's own sentence stands between the two where it says more.
func (e ErrorPage) title(v ui.View) string {
	switch e.Status {
	case http.StatusNotFound:
		return v.T("这一页不在了")
	case http.StatusForbidden:
		return v.T("这里不能进")
	case http.StatusConflict:
		return v.T("情况刚刚变了")
	case http.StatusUnprocessableEntity:
		return v.T("这样填不行")
	case http.StatusTooManyRequests:
		return v.T("操作太频繁了")
	case http.StatusServiceUnavailable:
		return v.T("现在有点忙")
	}
	if e.Status < http.StatusInternalServerError {
		return v.T("这个请求没看懂")
	}
	return v.T("我们这边出了点问题")
}

func (e ErrorPage) advice(v ui.View) string {
	switch e.Status {
	case http.StatusNotFound:
		return v.T("可能商品已经下架，或链接少了一截。您可以搜一搜，或从下面几样看起。")
	case http.StatusForbidden:
		return v.T("您的账号没有打开这一页的权限。如果您觉得不对，请联系店主。")
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return v.T("返回上一页，核对后再试一次。")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return v.T("请稍等一会儿再试，您填的内容不会丢。")
	}
	if e.Status < http.StatusInternalServerError {
		return v.T("请从首页重新开始。")
	}
	return v.T("不是您的错。请稍后再试；如果一直这样，请把下面的编号告诉我们。")
}

// said is the fault's own sentence, where the title does not say it already.
func (e ErrorPage) said(v ui.View) string {
	if e.Fault == nil || e.Status == http.StatusNotFound || e.Status == http.StatusForbidden || e.Status >= http.StatusInternalServerError {
		return ""
	}
	return v.Text(e.Fault.First().Text)
}

func (e ErrorPage) ours() bool { return e.Status == http.StatusInternalServerError }

// code is the fault's code, or 0.
func (e ErrorPage) code() int {
	if e.Fault == nil {
		return 0
	}
	return e.Fault.Code
}

func oopsIcon(status int) string {
	switch status {
	case http.StatusNotFound:
		return "search"
	case http.StatusForbidden:
		return "lock"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "clock"
	}
	return "triangle-alert"
}
