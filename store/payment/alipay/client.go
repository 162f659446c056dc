package alipay

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of a call to the gateway.
const (
	connectTimeout = 3 * time.Second
	totalTimeout   = 8 * time.Second
	maxAnswer      = 1 << 20
)

// ErrUnknown says that nobody knows what a call did: keep the state and ask again later. An answer with a wrong signature is one too, and
// then also ErrSignature, which deserves an alert.
var ErrUnknown = errors.New("alipay: outcome unknown")

// ErrRefused says that the gateway refuses calls of this kind (configuration, permission, a bad field): asking again will not help.
var ErrRefused = errors.New("alipay: call refused")

// Config is what a shop knows about its Alipay app.
type Config struct {
	GatewayURL      string // such as https://openapi.alipay.com/gateway.do
	AppID, SellerID string
	AppPrivateKey   *rsa.PrivateKey // signs requests
	AlipayPublicKey *rsa.PublicKey  // verifies answers, notifies and returns

	// ConnectTimeout and Timeout bound each call; 0 means 3 s and 8 s.
	ConnectTimeout, Timeout time.Duration

	// Clock is what Now tells; nil means time.Now.
	Clock func() time.Time
}

// Client calls one gateway as one app. It is safe for use by many goroutines.
type Client struct {
	cfg  Config
	http *http.Client
}

// New makes a client after Check has passed the configuration.
func New(cfg Config) (*Client, error) {
	if err := Check(cfg); err != nil {
		return nil, err
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = totalTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: cfg.ConnectTimeout}).DialContext
	transport.TLSHandshakeTimeout = cfg.ConnectTimeout
	return &Client{cfg: cfg, http: &http.Client{
		Transport:     transport,
		Timeout:       cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// AppID is the app that this client calls as; a notice for another one is foreign.
func (c *Client) AppID() string { return c.cfg.AppID }

// SellerID is the account that the money goes to.
func (c *Client) SellerID() string { return c.cfg.SellerID }

// Now is the time at which a caller without a clock of its own makes a call.
func (c *Client) Now() time.Time { return c.cfg.Clock() }

// CloseIdle drops connections kept for later calls.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// CallError is what the gateway said against a call. It unwraps to ErrUnknown or ErrRefused.
type CallError struct {
	Method, Code, Msg, SubCode, SubMsg string
	kind                               error
}

func (e *CallError) Error() string {
	return fmt.Sprintf("%v: %s answered %s %s (%s %s)", e.kind, e.Method, e.Code, e.Msg, e.SubCode, e.SubMsg)
}

func (e *CallError) Unwrap() error { return e.kind }

// answer holds the fields of all answers that this package reads.
type answer struct {
	Code, Msg   string
	SubCode     string `json:"sub_code"`
	SubMsg      string `json:"sub_msg"`
	TradeNo     string `json:"trade_no"`
	OutTradeNo  string `json:"out_trade_no"`
	TradeStatus string `json:"trade_status"`
	TotalAmount string `json:"total_amount"`
	SendPayDate string `json:"send_pay_date"`
	GmtPayment  string `json:"gmt_payment"`
	RefundFee   string `json:"refund_fee"`
	Buyer       string `json:"buyer_logon_id"`
	AccessToken string `json:"access_token"`
	UserID      string `json:"user_id"`
	OpenID      string `json:"open_id"`
	NickName    string `json:"nick_name"`
}

// call posts method with biz at time now and returns its verified content. Every error is ErrUnknown here: whatever broke on the way says
// nothing about what the gateway did.
func (c *Client) call(ctx context.Context, now time.Time, method string, biz any) (answer, error) {
	params, err := c.params(now, method, biz)
	if err != nil {
		return answer{}, err
	}
	body, err := c.post(ctx, method, params)
	if err != nil {
		return answer{}, err
	}
	content, err := OpenEnvelope(c.cfg.AlipayPublicKey, method, body)
	return readAnswer(method, content, err)
}

// post signs params and posts them. Its errors are ErrUnknown.
func (c *Client) post(ctx context.Context, method string, params url.Values) ([]byte, error) {
	if err := SignRequest(c.cfg.AppPrivateKey, params); err != nil {
		return nil, err
	}
	params.Del("charset") // signed, but sent in the address: no name may come twice
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.GatewayURL+"?charset=utf-8", strings.NewReader(params.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	body, err := c.read(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnknown, method, err)
	}
	return body, nil
}

// readAnswer reads the content of an envelope, unless opening it failed.
func readAnswer(method string, content json.RawMessage, openErr error) (answer, error) {
	var a answer
	jsonErr := json.Unmarshal(content, &a)
	if openErr != nil {
		// The code is only for the log; nothing depends on it.
		return answer{}, fmt.Errorf("%w: %s: %w (unproven: %.60s %.60s)", ErrUnknown, method, openErr, a.Code, a.SubCode)
	}
	if jsonErr != nil {
		return answer{}, fmt.Errorf("%w: %s: %w: %v", ErrUnknown, method, ErrMalformed, jsonErr)
	}
	return a, nil
}

// read sends req and returns at most maxAnswer bytes of a 200.
func (c *Client) read(req *http.Request) ([]byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	return body, nil
}

// params are the parameters of a request with biz_content, unsigned.
func (c *Client) params(now time.Time, method string, biz any) (url.Values, error) {
	content, err := marshal(biz)
	if err != nil {
		return nil, err
	}
	params := c.common(now, method)
	params.Set("biz_content", content)
	return params, nil
}

// common are the parameters that every request has.
func (c *Client) common(now time.Time, method string) url.Values {
	return url.Values{
		"app_id":    {c.cfg.AppID},
		"method":    {method},
		"format":    {"JSON"},
		"charset":   {"utf-8"},
		"sign_type": {"RSA2"},
		"timestamp": {FormatTime(now)},
		"version":   {"1.0"},
	}
}

// marshal writes biz as JSON with < > & as they are.
func marshal(biz any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(biz); err != nil {
		return "", fmt.Errorf("alipay: biz_content: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// fault sorts an answer that is no success by what the caller can do about it.
func (a answer) fault(method string) error {
	e := &CallError{Method: method, Code: a.Code, Msg: a.Msg, SubCode: a.SubCode, SubMsg: a.SubMsg, kind: ErrRefused}
	switch {
	case a.Code == "20000", a.Code == "40005", unknownSubCodes[a.SubCode]:
		e.kind = ErrUnknown
	case !definiteCodes[a.Code]:
		e.kind = ErrUnknown // a code that we have never heard of decides nothing
	}
	return e
}

// unknownSubCodes say that the gateway itself does not know; two are misspelt by Ant.
var unknownSubCodes = map[string]bool{
	"ACQ.SYSTEM_ERROR": true, "AQC.SYSTEM_ERROR": true, "aop.unknow-error": true, "isp.unknow-error": true,
}

var definiteCodes = map[string]bool{"20001": true, "40001": true, "40002": true, "40003": true, "40004": true, "40006": true}
