package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/money"
	"dashop/store/payment/alipay"
)

// The methods of the gateway.
const (
	methodPagePay = "alipay.trade.page.pay"
	methodWapPay  = "alipay.trade.wap.pay"
	methodQuery   = "alipay.trade.query"
	methodClose   = "alipay.trade.close"
	methodToken   = "alipay.system.oauth.token"
	methodUser    = "alipay.user.info.share"
)

// knownMethods are those whose answers stand under their own names.
var knownMethods = map[string]bool{methodQuery: true, methodClose: true, methodToken: true, methodUser: true}

// maxSkew is how far a request's timestamp may be off.
const maxSkew = 15 * time.Minute

// maskedBuyer is the buyer's account as a shop may see it.
const maskedBuyer = "buy***@sandbox.test"

// gateway answers /gateway.do. A browser that comes to pay goes on to the cashier; a shop's call gets a signed answer.
func (s *Sandbox) gateway(c *fiber.Ctx) error {
	params, err := requestParams(c)
	method := params.Get("method")
	browser := method == methodPagePay || method == methodWapPay
	var r *refusal
	if err != nil {
		r = invalid("isv.invalid-parameter", "参数重复或无法解析")
	} else if !browser {
		r = s.verify(params, maxSkew)
	}
	switch {
	case browser && r == nil:
		return s.arrive(c, params)
	case browser:
		return s.refuse(c, fiber.StatusBadRequest, r, Order{})
	case r != nil:
		return s.answer(c, method, r.fields(), nil)
	case method == methodQuery:
		return s.call(c, params, OnQuery, s.query)
	case method == methodClose:
		return s.call(c, params, OnClose, s.close)
	case method == methodToken:
		return s.alipayToken(c, params)
	case method == methodUser:
		return s.alipayUser(c, params)
	}
	return s.answer(c, method, invalid("isv.invalid-method", "不存在的方法名").fields(), nil)
}

// requestParams merges what stands in the address and in the form; shops send them either way.
func requestParams(c *fiber.Ctx) (url.Values, error) {
	text := string(c.Context().QueryArgs().QueryString())
	if c.Method() == fiber.MethodPost {
		text += "&" + string(c.Body())
	}
	text = strings.Trim(text, "&")
	if params, err := alipay.ParseParams(text); err == nil {
		return params, nil
	}
	params, _ := url.ParseQuery(text) // good enough to know whether to answer with a page
	return params, errors.New("a parameter comes twice or cannot be read")
}

// arrive lets a verified buyer in at the cashier.
func (s *Sandbox) arrive(c *fiber.Ctx, params url.Values) error {
	o, r := s.order(params)
	if r != nil {
		return s.refuse(c, fiber.StatusBadRequest, r, o)
	}
	v := s.open(o)
	return c.Redirect("/cashier/"+v.id, fiber.StatusSeeOther)
}

// verify checks what all requests have in common. old is how long ago the request may have been made.
func (s *Sandbox) verify(params url.Values, old time.Duration) *refusal {
	missing := func(name string) *refusal {
		return &refusal{"40001", "Missing Required Arguments", "isv.missing-" + name, "缺少必要的参数"}
	}
	for _, need := range [][2]string{{"method", "method"}, {"app_id", "app-id"}, {"timestamp", "timestamp"}, {"sign", "signature"}, {"sign_type", "signature-type"}} {
		if params.Get(need[0]) == "" {
			return missing(need[1])
		}
	}
	if params.Get("app_id") != AppID {
		return invalid("isv.invalid-app-id", "无效的应用")
	}
	if params.Get("sign_type") != "RSA2" {
		return invalid("isv.invalid-signature-type", "签名类型必须是 RSA2")
	}
	if err := alipay.VerifyRequest(&s.keys.app.PublicKey, params); err != nil {
		return invalid("isv.invalid-signature", "验签出错，签名不正确")
	}
	if !strings.EqualFold(params.Get("charset"), "utf-8") {
		return invalid("isv.invalid-charset", "字符集必须是 utf-8")
	}
	if params.Get("version") != "1.0" {
		return invalid("isv.invalid-version", "版本必须是 1.0")
	}
	if f := params.Get("format"); f != "" && !strings.EqualFold(f, "JSON") {
		return invalid("isv.invalid-format", "格式必须是 JSON")
	}
	made, err := alipay.ParseTime(params.Get("timestamp"))
	if age := s.now().Sub(made); err != nil || age > old || age < -maxSkew {
		return invalid("isv.invalid-timestamp", "时间戳无效或相差太多")
	}
	return nil
}

// payContent is the biz_content of a request to pay.
type payContent struct {
	OutTradeNo     string `json:"out_trade_no"`
	TotalAmount    string `json:"total_amount"`
	Subject        string `json:"subject"`
	ProductCode    string `json:"product_code"`
	TimeExpire     string `json:"time_expire"`
	TimeoutExpress string `json:"timeout_express"`
	QuitURL        string `json:"quit_url"`
	RequestFromURL string `json:"request_from_url"`
	Passback       string `json:"passback_params"`
}

// order verifies a request to pay and reads it. A link stays good until its time_expire, however long ago it was made; without one it must
// be as fresh as any other request.
func (s *Sandbox) order(params url.Values) (Order, *refusal) {
	var biz payContent
	jsonErr := json.Unmarshal([]byte(params.Get("biz_content")), &biz)
	old := maxSkew
	if biz.TimeExpire != "" {
		old = 15 * 24 * time.Hour
	}
	if r := s.verify(params, old); r != nil {
		return Order{}, r
	}
	amount, err := money.Parse(biz.TotalAmount)
	product := map[string]string{methodPagePay: "FAST_INSTANT_TRADE_PAY", methodWapPay: "QUICK_WAP_WAY"}[params.Get("method")]
	expires, timeErr := s.expiry(biz)
	switch {
	case jsonErr != nil, err != nil, timeErr != nil, product == "" || biz.ProductCode != product, amount < 1 || amount.String() != biz.TotalAmount,
		!validNumber(biz.OutTradeNo), biz.Subject == "" || biz.Subject != alipay.CleanSubject(biz.Subject),
		!webAddress(params.Get("notify_url")), !webAddress(params.Get("return_url")), !webAddress(biz.QuitURL), !webAddress(biz.RequestFromURL),
		len(biz.Passback) > 512:
		return Order{}, refusedArgument
	}
	quit := biz.QuitURL
	if quit == "" {
		quit = biz.RequestFromURL
	}
	o := Order{
		Method: params.Get("method"), OutTradeNo: biz.OutTradeNo, Subject: biz.Subject, Passback: biz.Passback, Amount: amount, ExpiresAt: expires,
		NotifyURL: params.Get("notify_url"), ReturnURL: params.Get("return_url"), QuitURL: quit,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return o, s.payable(o)
}

// expiry is when a link can no longer be paid: time_expire, else timeout_express from now, else 15 days from now.
func (s *Sandbox) expiry(biz payContent) (time.Time, error) {
	if biz.TimeExpire != "" {
		return alipay.ParseTime(biz.TimeExpire)
	}
	if biz.TimeoutExpress == "" {
		return s.now().Add(15 * 24 * time.Hour), nil
	}
	if biz.TimeoutExpress == "1c" { // the end of today
		y, m, d := s.now().In(alipay.Beijing).Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, alipay.Beijing), nil
	}
	number, unit := biz.TimeoutExpress[:len(biz.TimeoutExpress)-1], biz.TimeoutExpress[len(biz.TimeoutExpress)-1:]
	each := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 21600 || each == 0 || time.Duration(n)*each > 15*24*time.Hour {
		return time.Time{}, fmt.Errorf("timeout_express %q", biz.TimeoutExpress)
	}
	return s.now().Add(time.Duration(n) * each), nil
}

// validNumber says whether a shop may use this out_trade_no.
func validNumber(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") == ""
}

// webAddress takes an absolute http address, or none at all.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// call answers a shop's call with the faults that hit it.
func (s *Sandbox) call(c *fiber.Ctx, params url.Values, on Place, do func(*Trade) map[string]string) error {
	var biz struct {
		OutTradeNo string `json:"out_trade_no"`
		TradeNo    string `json:"trade_no"`
	}
	if json.Unmarshal([]byte(params.Get("biz_content")), &biz) != nil || biz.OutTradeNo == "" && biz.TradeNo == "" {
		return s.answer(c, params.Get("method"), refusedArgument.fields(), nil)
	}
	s.mu.Lock()
	t := s.named(biz.OutTradeNo, biz.TradeNo)
	no := biz.OutTradeNo
	if t != nil {
		no = t.OutTradeNo
	}
	hit := s.strike(on, no)
	if !undone(hit) {
		if _, ok := findFault(hit, PayFirst); ok && t != nil && t.Status == statusWaiting {
			s.take(t)
		}
	}
	var fields map[string]string
	switch {
	case undone(hit):
	case t == nil:
		fields = refusedAbsent.fields()
	default:
		fields = do(t)
	}
	s.mu.Unlock()
	return s.answer(c, params.Get("method"), fields, hit)
}

// named finds a trade by its number at the gateway, which wins, or at the shop. mu must be held.
func (s *Sandbox) named(outTradeNo, tradeNo string) *Trade {
	if tradeNo == "" {
		t, _ := s.find(outTradeNo)
		return t
	}
	for no, t := range s.trades.items {
		if t.TradeNo == tradeNo {
			s.find(no)
			return t
		}
	}
	return nil
}

// query tells what became of a trade. mu must be held.
func (s *Sandbox) query(t *Trade) map[string]string {
	fields := map[string]string{
		"code": "10000", "msg": "Success", "out_trade_no": t.OutTradeNo, "trade_no": t.TradeNo, "trade_status": t.Status,
		"total_amount": t.Amount.String(), "buyer_user_id": BuyerID, "buyer_logon_id": maskedBuyer,
		"buyer_pay_amount": "0.00", "receipt_amount": "0.00", "point_amount": "0.00", "invoice_amount": "0.00",
	}
	if !t.PaidAt.IsZero() {
		fields["send_pay_date"] = alipay.FormatTime(t.PaidAt)
		fields["buyer_pay_amount"], fields["receipt_amount"], fields["invoice_amount"] = t.Amount.String(), t.Amount.String(), t.Amount.String()
	}
	return fields
}

// close closes an unpaid trade. mu must be held.
func (s *Sandbox) close(t *Trade) map[string]string {
	if t.Status != statusWaiting {
		return refusedState.fields()
	}
	t.Status, t.ClosedAt = statusClosed, s.now()
	s.keep(t)
	return map[string]string{"code": "10000", "msg": "Success", "out_trade_no": t.OutTradeNo, "trade_no": t.TradeNo}
}

func (r *refusal) fields() map[string]string {
	return map[string]string{"code": r.code, "msg": r.msg, "sub_code": r.sub, "sub_msg": r.text}
}

// undone says whether a fault keeps the gateway from doing anything.
func undone(hit []Fault) bool {
	for _, f := range hit {
		if f.Kind == Hang || f.Kind == Broken || f.Kind == Busy || f.Kind == Refused {
			return true
		}
	}
	return false
}

// answer writes a signed envelope as Alipay does: as text/html, with each / escaped. hit may spoil it.
func (s *Sandbox) answer(c *fiber.Ctx, method string, fields map[string]string, hit []Fault) error {
	if spoilt, err := s.spoil(c, hit); spoilt {
		return err
	}
	key := s.keys.alipay
	var spoil Kind
	for _, f := range hit { // one at most
		spoil = f.Kind
		switch f.Kind {
		case Busy:
			fields = map[string]string{"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error", "sub_msg": "系统繁忙"}
		case ErrorAfter:
			fields = business("ACQ.SYSTEM_ERROR", "系统错误").fields()
		case OtherNumber:
			fields["out_trade_no"] = "OTHER" + digits(12)
		case WrongAmount:
			if amount, err := money.Parse(fields["total_amount"]); err == nil {
				fields["total_amount"] = wrongAmount(amount, f).String()
			}
		case BadSign:
			key = s.stranger()
		}
	}
	content, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	content = bytes.ReplaceAll(content, []byte("/"), []byte(`\/`)) // in JSON a slash stands only inside strings
	name := answerName(method, fields)
	body, err := alipay.Envelope(key, name, content)
	if err != nil {
		return err
	}
	switch spoil {
	case Unsigned:
		body = fmt.Appendf(nil, `{"%s":%s}`, name, content)
	case Tampered:
		body = bytes.Replace(body, []byte(`":{"`), []byte(`":{"extra":"1","`), 1)
	}
	c.Set(fiber.HeaderContentType, "text/html;charset=utf-8")
	return c.Status(http.StatusOK).Send(body)
}

// spoil keeps an answer from being given at all, if one of the faults is of that kind, and then says true.
func (s *Sandbox) spoil(c *fiber.Ctx, hit []Fault) (bool, error) {
	for _, f := range hit {
		switch f.Kind {
		case Hang:
			s.sleep(f.Delay)
			return true, dropConnection(c)
		case ResetAfter:
			return true, dropConnection(c)
		case Broken:
			return true, c.Status(fiber.StatusBadGateway).SendString("bad gateway")
		}
	}
	return false, nil
}

// dropConnection ends a request without any answer.
func dropConnection(c *fiber.Ctx) error {
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { conn.Close() })
	return nil
}
