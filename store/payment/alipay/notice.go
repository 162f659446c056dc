package alipay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"dashop/store/money"
)

// maxNotice is more than any notify or return has.
const maxNotice = 64 << 10

// Answers to a notify: any but Success makes Alipay send it again.
const (
	Success = "success"
	Fail    = "fail"
)

// Notify is a genuine notify. Who it is for is still to be checked, in this order: AppID, the attempt by OutTradeNo, SellerID, Amount, and
// that TradeNo belongs to no other attempt.
type Notify struct {
	ID         string // the same over the retries of one event
	AppID      string
	SellerID   string
	OutTradeNo string
	TradeNo    string
	Status     string // trade_status as written
	State      State  // never Absent
	Amount     money.Fen
	PaidAt     time.Time // zero when not paid, or when the gateway did not say
	Buyer      string    // masked account
	Refund     *Refund   // set when the notify reports a refund: nothing is to be fulfilled
	Digest     string    // of the signed text: equal for byte-for-byte replays
}

// Refund is what a notify says of refunds: a hint to ask for the refund itself, not proof.
type Refund struct {
	Total        money.Fen // refunded of this trade so far, all refunds together
	OutRequestNo string
	At           time.Time // zero when the gateway did not say
}

// ParseNotify verifies the body of a notify and reads it. Its errors are ErrSignature (forged, or signed by another) and ErrMalformed.
func (c *Client) ParseNotify(body []byte) (Notify, error) {
	params, digest, err := c.open(string(body))
	if err != nil {
		return Notify{}, err
	}
	n := Notify{
		ID:         params.Get("notify_id"),
		AppID:      params.Get("app_id"),
		SellerID:   params.Get("seller_id"),
		OutTradeNo: params.Get("out_trade_no"),
		TradeNo:    params.Get("trade_no"),
		Status:     params.Get("trade_status"),
		Buyer:      params.Get("buyer_logon_id"),
		Digest:     digest,
	}
	if n.ID == "" || n.AppID == "" || n.OutTradeNo == "" || n.TradeNo == "" {
		return Notify{}, fmt.Errorf("%w: the notify lacks a number", ErrMalformed)
	}
	if n.Amount, err = positiveFen(params.Get("total_amount")); err != nil {
		return Notify{}, err
	}
	if n.Refund, err = refundOf(params); err != nil {
		return Notify{}, err
	}
	paid := params.Get("gmt_payment")
	if n.State = stateOf(n.Status, paid != "" || n.Refund != nil); n.State == 0 {
		return Notify{}, fmt.Errorf("%w: trade_status %q", ErrMalformed, n.Status)
	}
	n.PaidAt, err = optionalTime(paid)
	return n, err
}

// Return is a genuine return of a buyer: it says only that the buyer came back, never that the order is paid.
type Return struct {
	AppID      string
	SellerID   string
	OutTradeNo string
	TradeNo    string
	Amount     money.Fen
	At         time.Time
	Digest     string // of the signed text
}

// ParseReturn verifies the query with which a buyer came back and reads it. Its errors are those of ParseNotify.
func (c *Client) ParseReturn(rawQuery string) (Return, error) {
	params, digest, err := c.open(rawQuery)
	if err != nil {
		return Return{}, err
	}
	if !strings.HasSuffix(params.Get("method"), ".return") {
		return Return{}, fmt.Errorf("%w: not a return", ErrMalformed)
	}
	r := Return{
		AppID:      params.Get("app_id"),
		SellerID:   params.Get("seller_id"),
		OutTradeNo: params.Get("out_trade_no"),
		TradeNo:    params.Get("trade_no"),
		Digest:     digest,
	}
	if r.AppID == "" || r.OutTradeNo == "" || r.TradeNo == "" {
		return Return{}, fmt.Errorf("%w: the return lacks a number", ErrMalformed)
	}
	if r.Amount, err = positiveFen(params.Get("total_amount")); err != nil {
		return Return{}, err
	}
	r.At, err = optionalTime(params.Get("timestamp"))
	return r, err
}

// open decodes and verifies a notify or a return, and sums the text that was signed.
func (c *Client) open(text string) (url.Values, string, error) {
	if len(text) > maxNotice {
		return nil, "", fmt.Errorf("%w: %d bytes", ErrMalformed, len(text))
	}
	params, err := ParseParams(text)
	if err != nil {
		return nil, "", err
	}
	if err := VerifyNotice(c.cfg.AlipayPublicKey, params); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256([]byte(NoticeText(params)))
	return params, hex.EncodeToString(sum[:]), nil
}

// refundOf finds a refund in a notify; ordinary ones contain refund_fee=0.00.
func refundOf(params url.Values) (*Refund, error) {
	total, err := optionalFen(params.Get("refund_fee"))
	if err != nil {
		return nil, err
	}
	at, err := optionalTime(params.Get("gmt_refund"))
	if err != nil {
		return nil, err
	}
	if total <= 0 && at.IsZero() {
		return nil, nil
	}
	return &Refund{Total: total, OutRequestNo: params.Get("out_biz_no"), At: at}, nil
}

func positiveFen(s string) (money.Fen, error) {
	amount, err := money.Parse(s)
	if err != nil || amount <= 0 {
		return 0, fmt.Errorf("%w: total_amount %q", ErrMalformed, s)
	}
	return amount, nil
}

func optionalTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return ParseTime(s)
}
