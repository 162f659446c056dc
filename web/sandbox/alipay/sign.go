package alipay

import (
	"crypto/rsa"
	"net/url"

	"dashop/store/money"
	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
)

// wrongAmount shifts an amount but keeps it positive.
func wrongAmount(amount money.Fen, f desk.Fault) money.Fen {
	shift := f.Shift
	if shift == 0 {
		shift = -1
	}
	if amount+shift < 1 {
		return amount + 1
	}
	return amount + shift
}

// sign signs a notify or a return with the faults that hit it, and encodes it; "" when it is to be dropped altogether.
func (g *Gateway) sign(params url.Values, hit []desk.Fault) (string, error) {
	key, unsigned, tampered := g.desk.Keys().Alipay, false, false
	for _, f := range hit {
		switch f.Kind {
		case desk.Drop:
			return "", nil
		case desk.WrongAmount:
			amount, err := money.Parse(params.Get("total_amount"))
			if err != nil {
				return "", err
			}
			params.Set("total_amount", wrongAmount(amount, f).String())
		case desk.ForeignApp:
			params.Set("app_id", AppID[:len(AppID)-1]+"9")
			params.Set("auth_app_id", params.Get("app_id"))
		case desk.ForeignSeller:
			params.Set("seller_id", SellerID[:len(SellerID)-1]+"9")
		case desk.UnknownNumber:
			params.Set("out_trade_no", "UNKNOWN"+desk.RandomDigits(12))
		case desk.BadSign:
			key = g.stranger()
		case desk.Unsigned:
			unsigned = true
		case desk.Tampered:
			tampered = true
		}
	}
	if err := alipay.SignNotice(key, params); err != nil {
		return "", err
	}
	if unsigned {
		params.Del("sign")
	}
	if tampered {
		params.Set("total_amount", "0.01")
		params.Set("trade_no", params.Get("trade_no")+"1")
	}
	return params.Encode(), nil
}

// stranger is a key that is not Alipay's: what a forger would sign with.
func (g *Gateway) stranger() *rsa.PrivateKey { return g.desk.Keys().Platform }
