package alipay

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"dashop/store/money"
)

// Methods of the gateway.
const (
	MethodPagePay = "alipay.trade.page.pay" // a desktop browser goes there
	MethodWapPay  = "alipay.trade.wap.pay"  // a phone's browser goes there
	MethodQuery   = "alipay.trade.query"
	MethodClose   = "alipay.trade.close"
	MethodToken   = "alipay.system.oauth.token"
	MethodUser    = "alipay.user.info.share"
)

// outTradeNo is what suits Alipay and WeChat Pay alike.
var outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_]{6,32}$`)

// subjectLimit is how many characters a subject may have.
const subjectLimit = 256

// Pay asks a buyer for money.
type Pay struct {
	OutTradeNo string    // 6-32 of 0-9A-Za-z_, one per payment attempt
	Amount     money.Fen // 0.01 to money.Max
	Subject    string    // shown on the cashier; cleaned by CleanSubject
	ExpiresAt  time.Time // the link cannot be paid after it; cut to the second
	NotifyURL  string    // absolute, no query
	ReturnURL  string    // absolute, no query
	QuitURL    string    // where a buyer who gives up is sent; may be empty
}

type payContent struct {
	OutTradeNo     string `json:"out_trade_no"`
	TotalAmount    string `json:"total_amount"`
	Subject        string `json:"subject"`
	ProductCode    string `json:"product_code"`
	TimeExpire     string `json:"time_expire"`
	QuitURL        string `json:"quit_url,omitempty"`         // wap.pay's name for the way back
	RequestFromURL string `json:"request_from_url,omitempty"` // page.pay's name for it
}

// PagePayURL is the signed address, made at now, to which a desktop browser is sent. It stays payable until ExpiresAt: nothing revokes it.
func (c *Client) PagePayURL(now time.Time, p Pay) (string, error) {
	return c.payURL(now, MethodPagePay, p, payContent{ProductCode: "FAST_INSTANT_TRADE_PAY", RequestFromURL: p.QuitURL})
}

// WapPayURL is PagePayURL for a phone's browser.
func (c *Client) WapPayURL(now time.Time, p Pay) (string, error) {
	return c.payURL(now, MethodWapPay, p, payContent{ProductCode: "QUICK_WAP_WAY", QuitURL: p.QuitURL})
}

func (c *Client) payURL(now time.Time, method string, p Pay, biz payContent) (string, error) {
	if err := p.check(now); err != nil {
		return "", err
	}
	biz.OutTradeNo = p.OutTradeNo
	biz.TotalAmount = p.Amount.String()
	biz.Subject = CleanSubject(p.Subject)
	biz.TimeExpire = FormatTime(p.ExpiresAt)
	params, err := c.params(now, method, biz)
	if err != nil {
		return "", err
	}
	params.Set("notify_url", p.NotifyURL)
	params.Set("return_url", p.ReturnURL)
	if err := SignRequest(c.cfg.AppPrivateKey, params); err != nil {
		return "", err
	}
	return c.cfg.GatewayURL + "?" + params.Encode(), nil
}

// check refuses what the gateway would refuse in the buyer's face.
func (p Pay) check(now time.Time) error {
	switch {
	case !outTradeNo.MatchString(p.OutTradeNo):
		return fmt.Errorf("alipay: out_trade_no %q", p.OutTradeNo)
	case p.Amount < 1 || p.Amount > money.Max:
		return fmt.Errorf("alipay: amount %s of %s", p.Amount, p.OutTradeNo)
	case !p.ExpiresAt.Truncate(time.Second).After(now):
		return fmt.Errorf("alipay: %s expired at %s", p.OutTradeNo, FormatTime(p.ExpiresAt))
	case CleanSubject(p.Subject) == "":
		return fmt.Errorf("alipay: %s has no subject", p.OutTradeNo)
	}
	for name, address := range map[string]string{"notify_url": p.NotifyURL, "return_url": p.ReturnURL} {
		if u, err := url.Parse(address); err != nil || !plainAddress(u) {
			return fmt.Errorf("alipay: %s %q must be absolute and have no query", name, address)
		}
	}
	return nil
}

func plainAddress(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// CleanSubject makes a subject that Alipay takes: no control or invisible characters, none of / = &, single spaces, at most 256 characters.
func CleanSubject(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("/=&", r), unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > subjectLimit {
		s = strings.TrimSpace(string(runes[:subjectLimit]))
	}
	return s
}
