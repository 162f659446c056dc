package alipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/money"
	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
)

// The methods that the gateway has by itself.
const (
	methodPagePay = "alipay.trade.page.pay"
	methodWapPay  = "alipay.trade.wap.pay"
	methodQuery   = "alipay.trade.query"
	methodClose   = "alipay.trade.close"
)

// maxSkew is how far a request's timestamp may be off.
const maxSkew = 15 * time.Minute

// maskedBuyer is the buyer's account as a shop may see it.
const maskedBuyer = "buy***@sandbox.test"

// gateway answers /gateway.do. A browser that comes to pay goes on to the cashier; a shop's call gets a signed answer.
func (g *Gateway) gateway(c *fiber.Ctx) error {
	params, err := requestParams(c)
	method := params.Get("method")
	browser := method == methodPagePay || method == methodWapPay
	var r *desk.Refusal
	if err != nil {
		r = Invalid("isv.invalid-parameter", "参数重复或无法解析")
	} else if !browser {
		r = g.verify(params, maxSkew)
	}
	switch {
	case browser && r == nil:
		return g.arrive(c, params)
	case browser:
		return g.refuse(c, fiber.StatusBadRequest, r, Order{})
	case r != nil:
		return g.Answer(c, method, Fields(r), nil)
	}
	if do, ok := g.methods[method]; ok {
		return do(c, params)
	}
	return g.Answer(c, method, Fields(Invalid("isv.invalid-method", "不存在的方法名")), nil)
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
func (g *Gateway) arrive(c *fiber.Ctx, params url.Values) error {
	o, r := g.order(params)
	if r != nil {
		return g.refuse(c, fiber.StatusBadRequest, r, o)
	}
	v := g.open(o)
	return c.Redirect("/cashier/"+v.id, fiber.StatusSeeOther)
}

// verify checks what all requests have in common. old is how long ago the request may have been made.
func (g *Gateway) verify(params url.Values, old time.Duration) *desk.Refusal {
	missing := func(name string) *desk.Refusal {
		return &desk.Refusal{Code: "40001", Msg: "Missing Required Arguments", Sub: "isv.missing-" + name, Text: "缺少必要的参数"}
	}
	for _, need := range [][2]string{{"method", "method"}, {"app_id", "app-id"}, {"timestamp", "timestamp"}, {"sign", "signature"},
		{"sign_type", "signature-type"}} {
		if params.Get(need[0]) == "" {
			return missing(need[1])
		}
	}
	if params.Get("app_id") != AppID {
		return Invalid("isv.invalid-app-id", "无效的应用")
	}
	if params.Get("sign_type") != "RSA2" {
		return Invalid("isv.invalid-signature-type", "签名类型必须是 RSA2")
	}
	if err := alipay.VerifyRequest(&g.desk.Keys().App.PublicKey, params); err != nil {
		return Invalid("isv.invalid-signature", "验签出错，签名不正确")
	}
	if !strings.EqualFold(params.Get("charset"), "utf-8") {
		return Invalid("isv.invalid-charset", "字符集必须是 utf-8")
	}
	if params.Get("version") != "1.0" {
		return Invalid("isv.invalid-version", "版本必须是 1.0")
	}
	if f := params.Get("format"); f != "" && !strings.EqualFold(f, "JSON") {
		return Invalid("isv.invalid-format", "格式必须是 JSON")
	}
	made, err := alipay.ParseTime(params.Get("timestamp"))
	if age := g.desk.Now().Sub(made); err != nil || age > old || age < -maxSkew {
		return Invalid("isv.invalid-timestamp", "时间戳无效或相差太多")
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
func (g *Gateway) order(params url.Values) (Order, *desk.Refusal) {
	var biz payContent
	jsonErr := json.Unmarshal([]byte(params.Get("biz_content")), &biz)
	old := maxSkew
	if biz.TimeExpire != "" {
		old = 15 * 24 * time.Hour
	}
	if r := g.verify(params, old); r != nil {
		return Order{}, r
	}
	amount, err := money.Parse(biz.TotalAmount)
	product := map[string]string{methodPagePay: "FAST_INSTANT_TRADE_PAY", methodWapPay: "QUICK_WAP_WAY"}[params.Get("method")]
	expires, timeErr := g.expiry(biz)
	switch {
	case jsonErr != nil, err != nil, timeErr != nil, product == "" || biz.ProductCode != product, amount < 1 ||
		amount.String() != biz.TotalAmount,
		!validNumber(biz.OutTradeNo), biz.Subject == "" || biz.Subject != alipay.CleanSubject(biz.Subject),
		!desk.WebAddress(params.Get("notify_url")), !desk.WebAddress(params.Get("return_url")), !desk.WebAddress(biz.QuitURL),
		!desk.WebAddress(biz.RequestFromURL),
		len(biz.Passback) > 512:
		return Order{}, refusedArgument
	}
	quit := biz.QuitURL
	if quit == "" {
		quit = biz.RequestFromURL
	}
	o := Order{
		Method: params.Get("method"), OutTradeNo: biz.OutTradeNo, Subject: biz.Subject, Passback: biz.Passback, Amount: amount,
		ExpiresAt: expires,
		NotifyURL: params.Get("notify_url"), ReturnURL: params.Get("return_url"), QuitURL: quit,
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return o, g.payable(o)
}

// expiry is when a link can no longer be paid: time_expire, else timeout_express from now, else 15 days from now.
func (g *Gateway) expiry(biz payContent) (time.Time, error) {
	if biz.TimeExpire != "" {
		return alipay.ParseTime(biz.TimeExpire)
	}
	if biz.TimeoutExpress == "" {
		return g.desk.Now().Add(15 * 24 * time.Hour), nil
	}
	if biz.TimeoutExpress == "1c" { // the end of today
		y, m, d := g.desk.Now().In(alipay.Beijing).Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, alipay.Beijing), nil
	}
	number, unit := biz.TimeoutExpress[:len(biz.TimeoutExpress)-1], biz.TimeoutExpress[len(biz.TimeoutExpress)-1:]
	each := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 21600 || each == 0 || time.Duration(n)*each > 15*24*time.Hour {
		return time.Time{}, fmt.Errorf("timeout_express %q", biz.TimeoutExpress)
	}
	return g.desk.Now().Add(time.Duration(n) * each), nil
}

// validNumber says whether a shop may use this out_trade_no.
func validNumber(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") == ""
}

// about makes a method that asks about one trade, with the faults that hit it at this place.
func (g *Gateway) about(on desk.Place, do func(*Trade) map[string]string) Method {
	return func(c *fiber.Ctx, params url.Values) error { return g.call(c, params, on, do) }
}

func (g *Gateway) call(c *fiber.Ctx, params url.Values, on desk.Place, do func(*Trade) map[string]string) error {
	var biz struct {
		OutTradeNo string `json:"out_trade_no"`
		TradeNo    string `json:"trade_no"`
	}
	if json.Unmarshal([]byte(params.Get("biz_content")), &biz) != nil || biz.OutTradeNo == "" && biz.TradeNo == "" {
		return g.Answer(c, params.Get("method"), Fields(refusedArgument), nil)
	}
	g.mu.Lock()
	t := g.named(biz.OutTradeNo, biz.TradeNo)
	no := biz.OutTradeNo
	if t != nil {
		no = t.OutTradeNo
	}
	hit := g.desk.Strike(on, no)
	if !desk.Undone(hit) {
		if _, ok := desk.Find(hit, desk.PayFirst); ok && t != nil && t.Status == statusWaiting {
			g.take(t)
		}
	}
	var fields map[string]string
	switch {
	case desk.Undone(hit):
	case t == nil:
		fields = Fields(refusedAbsent)
	default:
		fields = do(t)
	}
	g.mu.Unlock()
	return g.Answer(c, params.Get("method"), fields, hit)
}

// named finds a trade by its number at the gateway, which wins, or at the shop. mu must be held.
func (g *Gateway) named(outTradeNo, tradeNo string) *Trade {
	if tradeNo == "" {
		t, _ := g.find(outTradeNo)
		return t
	}
	t, ok := g.trades.Find(func(t *Trade) bool { return t.TradeNo == tradeNo })
	if !ok {
		return nil
	}
	t, _ = g.find(t.OutTradeNo)
	return t
}

// query tells what became of a trade. mu must be held.
func (g *Gateway) query(t *Trade) map[string]string {
	fields := map[string]string{
		"code": "10000", "msg": "Success", "out_trade_no": t.OutTradeNo, "trade_no": t.TradeNo, "trade_status": t.Status,
		"total_amount": t.Amount.String(), "buyer_user_id": BuyerID, "buyer_logon_id": maskedBuyer,
		"buyer_pay_amount": "0.00", "receipt_amount": "0.00", "point_amount": "0.00", "invoice_amount": "0.00",
	}
	if !t.PaidAt.IsZero() {
		fields["send_pay_date"] = alipay.FormatTime(t.PaidAt)
		fields["buyer_pay_amount"], fields["receipt_amount"], fields["invoice_amount"] = t.Amount.String(), t.Amount.String(),
			t.Amount.String()
	}
	return fields
}

// close closes an unpaid trade. mu must be held.
func (g *Gateway) close(t *Trade) map[string]string {
	if t.Status != statusWaiting {
		return Fields(refusedState)
	}
	t.Status, t.ClosedAt = statusClosed, g.desk.Now()
	g.keep(t)
	return map[string]string{"code": "10000", "msg": "Success", "out_trade_no": t.OutTradeNo, "trade_no": t.TradeNo}
}

// Fields is a refusal as the content of an answer.
func Fields(r *desk.Refusal) map[string]string {
	return map[string]string{"code": r.Code, "msg": r.Msg, "sub_code": r.Sub, "sub_msg": r.Text}
}

// Answer writes a signed envelope as Alipay does: as text/html, with each / escaped. hit may spoil it.
func (g *Gateway) Answer(c *fiber.Ctx, method string, fields map[string]string, hit []desk.Fault) error {
	if spoilt, err := g.desk.Spoil(c, hit); spoilt {
		return err
	}
	key := g.desk.Keys().Alipay
	var spoil desk.Kind
	for _, f := range hit { // one at most
		spoil = f.Kind
		switch f.Kind {
		case desk.Busy:
			fields = map[string]string{"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error",
				"sub_msg": "系统繁忙"}
		case desk.ErrorAfter:
			fields = Fields(business("ACQ.SYSTEM_ERROR", "系统错误"))
		case desk.OtherNumber:
			fields["out_trade_no"] = "OTHER" + desk.RandomDigits(12)
		case desk.WrongAmount:
			if amount, err := money.Parse(fields["total_amount"]); err == nil {
				fields["total_amount"] = wrongAmount(amount, f).String()
			}
		case desk.BadSign:
			key = g.stranger()
		}
	}
	content, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	content = bytes.ReplaceAll(content, []byte("/"), []byte(`\/`)) // in JSON a slash stands only inside strings
	name := g.answerName(method)
	body, err := alipay.Envelope(key, name, content)
	if err != nil {
		return err
	}
	switch spoil {
	case desk.Unsigned:
		body = fmt.Appendf(nil, `{"%s":%s}`, name, content)
	case desk.Tampered:
		body = bytes.Replace(body, []byte(`":{"`), []byte(`":{"extra":"1","`), 1)
	}
	c.Set(fiber.HeaderContentType, "text/html;charset=utf-8")
	return c.Status(http.StatusOK).Send(body)
}

// answerName is the member of the envelope that an answer stands in.
func (g *Gateway) answerName(method string) string {
	if g.methods[method] == nil {
		return "error_response"
	}
	return alipay.ResponseName(method)
}
