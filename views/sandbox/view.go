// Package sandbox draws the pages of the payment sandbox: the cashier, and what has happened to each trade.
package sandbox

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dashop/store/money"
	"dashop/views/locale"
)

// View is what every page of the sandbox knows.
type View struct {
	Lang   locale.Lang
	Suffix string // "?lang=en" when the language was asked for in the address, so that forms keep it
	CSS    string // address of the style sheet
	Path   string // of this page
	Query  string // of this page, as it came

	Refresh int // seconds until the browser is to fetch the page again; 0 never
}

// Here is the address of this page with its query, for a form that posts back to it.
func (v View) Here() string {
	if v.Query == "" {
		return v.Path
	}
	return v.Path + "?" + v.Query
}

// what says which part of the sandbox this page belongs to.
func (v View) what() string {
	if strings.HasPrefix(v.Path, "/cashier/") || v.Path == "/gateway.do" {
		return v.T("收银台")
	}
	return v.T("沙箱")
}

// with is the address of this page with one parameter changed, or taken out when value is "".
func (v View) with(name, value string) string {
	query, _ := url.ParseQuery(v.Query)
	query.Set(name, value)
	if value == "" {
		query.Del(name)
	}
	if len(query) == 0 {
		return v.Path
	}
	return v.Path + "?" + query.Encode()
}

// T says a Chinese text in the reader's language.
func (v View) T(msg string, args ...any) string { return locale.T(v.Lang, msg, args...) }

// Order is what a buyer is asked to pay.
type Order struct {
	Method     string
	OutTradeNo string
	Subject    string
	Amount     money.Fen
	ExpiresAt  string // Beijing time
	NotifyURL  string
	ReturnURL  string
	Payee      string
	SellerID   string
	AppID      string
}

// Cashier is a step of paying.
type Cashier struct {
	Order
	Visit             string
	Left              time.Duration // until the link expires
	Wrong             string        // what went wrong, a key of T, or ""
	Account, Password string
}

// Refusal is why the gateway does not go on. Text is a key of T; Back leads to the shop, or is "".
type Refusal struct{ Code, Sub, Text, Back string }

// State is the page of all trades.
type State struct {
	Wrong                    string
	AppID, SellerID, Gateway string
	Account, Password        string
	Groups                   []FaultGroup
	Faults                   []Fault
	Trades                   []Trade
}

// FaultGroup is a place with the kinds of faults that can strike there.
type FaultGroup struct {
	On    string
	Kinds []string
}

// Fault is one scripted fault.
type Fault struct {
	On, Kind, OutTradeNo string
	Times                int
}

// Trade is one trade with its notifies. Times are texts in Beijing time, "" for none.
type Trade struct {
	Order
	TradeNo, Status, CreatedAt, PaidAt string
	Notices                            []Notice
}

// Notice is one notify of a trade.
type Notice struct {
	ID            string
	Done, Dropped bool
	Next          string
	Faults        []string
	Attempts      []Attempt
}

// Attempt is one delivery of a notify.
type Attempt struct {
	At     string
	Status int
	Answer string
}

// situation is one thing that can be chosen to happen after paying.
type situation struct{ value, name, text string }

func situations(v View) []situation {
	return []situation{
		{"now", v.T("立即通知"), v.T("异步通知马上发出，然后跳回商城")},
		{"late", v.T("延迟通知"), v.T("先跳回商城，30 秒后才通知")},
		{"copies", v.T("重复通知"), v.T("同一笔通知同时发 3 次")},
		{"silent", v.T("只付款，不通知"), v.T("商城要靠主动查询得知")},
		{"wrong", v.T("金额不符"), v.T("通知里的金额少 1 分")},
		{"stay", v.T("不跳回商城"), v.T("买家付完款就停在这里")},
	}
}

// placeName says where a fault strikes.
func placeName(v View, on string) string {
	switch on {
	case "notify":
		return v.T("异步通知")
	case "return":
		return v.T("同步跳回")
	case "query":
		return v.T("查询接口")
	case "close":
		return v.T("关闭接口")
	case "sms":
		return v.T("短信")
	case "alipay-login":
		return v.T("支付宝登录接口")
	case "qq-login":
		return v.T("QQ 登录接口")
	}
	return on
}

// kindName says what a fault does.
func kindName(v View, kind string) string {
	switch kind {
	case "hang":
		return v.T("挂起不答，然后断开")
	case "5xx":
		return v.T("返回 502")
	case "busy":
		return v.T("返回 20000 系统繁忙")
	case "error-after":
		return v.T("做完后返回 SYSTEM_ERROR")
	case "reset-after":
		return v.T("做完后断开连接")
	case "other-number":
		return v.T("回答另一个订单号")
	case "refused":
		return v.T("拒绝，重试也没用")
	case "pay-first":
		return v.T("关闭前一刻买家付了款")
	case "unsigned":
		return v.T("没有签名")
	case "bad-sign":
		return v.T("签名用错密钥")
	case "tampered":
		return v.T("签名后被篡改")
	case "wrong-amount":
		return v.T("金额不对但签名正确")
	case "drop":
		return v.T("丢弃，不发出")
	case "late":
		return v.T("延迟发出")
	case "copies":
		return v.T("同时发多份")
	case "foreign-app":
		return v.T("别人的 app_id")
	case "foreign-seller":
		return v.T("别人的 seller_id")
	case "unknown-number":
		return v.T("未知的订单号")
	}
	return kind
}

// statusName says how a trade stands.
func statusName(v View, status string) string {
	switch status {
	case "WAIT_BUYER_PAY":
		return v.T("等待买家付款")
	case "TRADE_SUCCESS":
		return v.T("交易支付成功")
	case "TRADE_CLOSED":
		return v.T("交易已关闭")
	}
	return status
}

// methodName is the product that a link was made for.
func methodName(v View, method string) string {
	if method == "alipay.trade.wap.pay" {
		return v.T("模拟支付宝手机网站支付")
	}
	return v.T("模拟支付宝电脑网站支付")
}

// left is a time left as 14:38.
func left(d time.Duration) string {
	seconds := int(max(0, d).Seconds())
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}

// path is an address without its host, which is all there is to say on one machine.
func path(address string) string {
	if u, err := url.Parse(address); err == nil && u.Path != "" {
		return u.Path
	}
	return address
}

// fen is an amount for data-fen.
func fen(amount money.Fen) string { return strconv.FormatInt(int64(amount), 10) }

// times says how often a fault will still strike.
func times(v View, n int) string {
	if n == 0 {
		return v.T("直到清除")
	}
	return v.T("还有 %d 次", n)
}

// status is the HTTP status of an answer, or that none came.
func status(v View, code int) string {
	if code == 0 {
		return v.T("没有回答")
	}
	return strconv.Itoa(code)
}

func faultNames(v View, kinds []string) string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kindName(v, kind)
	}
	return strings.Join(names, v.T("、"))
}

// other is the language that this page is not in.
func (v View) other() (href, name string) {
	if v.Lang == locale.En {
		return v.with("lang", "zh"), "中文"
	}
	return v.with("lang", "en"), "English"
}
