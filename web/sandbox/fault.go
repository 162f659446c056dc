package sandbox

import (
	"crypto/rsa"
	"fmt"
	"net/url"
	"slices"
	"time"

	"dashop/store/money"
	"dashop/store/payment/alipay"
)

// Place is where a fault strikes.
type Place string

// The places.
const (
	OnQuery  Place = "query"  // an answer to alipay.trade.query
	OnClose  Place = "close"  // an answer to alipay.trade.close
	OnNotify Place = "notify" // a notify, when it is made
	OnReturn Place = "return" // the buyer's way back

	OnSMS         Place = "sms"          // a message to the phone
	OnAlipayLogin Place = "alipay-login" // an answer to alipay.system.oauth.token or alipay.user.info.share
	OnQQLogin     Place = "qq-login"     // an answer of QQ's to a shop
)

// Kind is what goes wrong.
type Kind string

// The kinds of faults. Those of query and close may strike the calls of logins too, and some a message: faultKinds says which.
const (
	Hang        Kind = "hang"         // query, close: no answer for Delay (30 s), then the connection is dropped; nothing is done
	Broken      Kind = "5xx"          // query, close: HTTP 502; nothing is done
	Busy        Kind = "busy"         // query, close: code 20000; nothing is done
	ErrorAfter  Kind = "error-after"  // query, close: done, but the answer is ACQ.SYSTEM_ERROR
	ResetAfter  Kind = "reset-after"  // query, close: done, but the connection is dropped without an answer
	OtherNumber Kind = "other-number" // query, close: the answer tells of another out_trade_no
	PayFirst    Kind = "pay-first"    // close: the buyer pays just before
	Refused     Kind = "refused"      // sms: refused for good, as when a number has had too many

	Unsigned    Kind = "unsigned"     // all: the signature is missing
	BadSign     Kind = "bad-sign"     // all: signed with another's key
	Tampered    Kind = "tampered"     // all: changed after signing
	WrongAmount Kind = "wrong-amount" // query, notify, return: another amount (Shift, else one fen less) with a valid signature

	Drop          Kind = "drop"           // notify: not sent; return: the buyer never comes back
	Late          Kind = "late"           // notify: sent after Delay (30 s)
	Copies        Kind = "copies"         // notify: sent Copies (3) times at once
	ForeignApp    Kind = "foreign-app"    // notify, return: another app_id with a valid signature; qq-login: the token is another app's
	ForeignSeller Kind = "foreign-seller" // notify, return: another seller_id with a valid signature
	UnknownNumber Kind = "unknown-number" // notify, return: an out_trade_no that the shop never gave, with a valid signature
)

// faultKinds are the kinds that each place knows.
var faultKinds = map[Place][]Kind{
	OnQuery:  {Hang, Broken, Busy, ErrorAfter, ResetAfter, OtherNumber, WrongAmount, Unsigned, BadSign, Tampered},
	OnClose:  {Hang, Broken, Busy, ErrorAfter, ResetAfter, OtherNumber, PayFirst, Unsigned, BadSign, Tampered},
	OnNotify: {Drop, Late, Copies, WrongAmount, ForeignApp, ForeignSeller, UnknownNumber, Unsigned, BadSign, Tampered},
	OnReturn: {Drop, WrongAmount, ForeignApp, ForeignSeller, UnknownNumber, Unsigned, BadSign, Tampered},

	OnSMS:         {Hang, Broken, Refused, ResetAfter},
	OnAlipayLogin: {Hang, Broken, Busy, ResetAfter, Unsigned, BadSign, Tampered},
	OnQQLogin:     {Hang, Broken, Busy, ResetAfter, ForeignApp},
}

// Fault is one scripted misbehaviour.
type Fault struct {
	On         Place
	Kind       Kind
	OutTradeNo string        // "" strikes any trade; for sms it is a mobile number
	Times      int           // how often it strikes; 0 until Clear
	Delay      time.Duration // of Hang and Late
	Copies     int           // of Copies
	Shift      money.Fen     // of WrongAmount
}

// What a script may ask for at most.
const (
	maxCopies = 100
	maxFaults = 1000
)

// Inject adds a fault to the script. Several faults of a notify or a return work together; elsewhere the first one strikes.
func (s *Sandbox) Inject(f Fault) error {
	if !slices.Contains(faultKinds[f.On], f.Kind) {
		return fmt.Errorf("sandbox: no fault %q on %q", f.Kind, f.On)
	}
	if f.Times < 0 || f.Delay < 0 || f.Copies < 0 || f.Copies > maxCopies {
		return fmt.Errorf("sandbox: fault %q: a number is out of range", f.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) >= maxFaults {
		return fmt.Errorf("sandbox: the script holds %d faults already", maxFaults)
	}
	s.faults = append(s.faults, f.filled())
	return nil
}

// filled is f with the numbers that were left out.
func (f Fault) filled() Fault {
	if f.Delay == 0 {
		f.Delay = 30 * time.Second
	}
	if f.Copies == 0 {
		f.Copies = 3
	}
	return f
}

// Clear takes all faults off the script.
func (s *Sandbox) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Faults lists the script as it stands; Times are those that are left.
func (s *Sandbox) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// strike takes the faults that hit a trade, or a mobile number, at a place, one Times of each. mu must be held.
func (s *Sandbox) strike(on Place, outTradeNo string) []Fault {
	var hit []Fault
	single := on != OnNotify && on != OnReturn
	for i := range s.faults {
		f := &s.faults[i]
		if f.On != on || f.OutTradeNo != "" && f.OutTradeNo != outTradeNo || single && len(hit) > 0 {
			continue
		}
		hit = append(hit, *f)
		if f.Times--; f.Times == 0 {
			f.On = "" // spent
		} else if f.Times < 0 {
			f.Times = 0
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.On == "" })
	return hit
}

// findFault is the fault of a kind among those that hit.
func findFault(hit []Fault, kind Kind) (Fault, bool) {
	i := slices.IndexFunc(hit, func(f Fault) bool { return f.Kind == kind })
	if i < 0 {
		return Fault{}, false
	}
	return hit[i], true
}

// wrongAmount shifts an amount but keeps it positive.
func wrongAmount(amount money.Fen, f Fault) money.Fen {
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
func (s *Sandbox) sign(params url.Values, hit []Fault) (string, error) {
	key, unsigned, tampered := s.keys.alipay, false, false
	for _, f := range hit {
		switch f.Kind {
		case Drop:
			return "", nil
		case WrongAmount:
			amount, err := money.Parse(params.Get("total_amount"))
			if err != nil {
				return "", err
			}
			params.Set("total_amount", wrongAmount(amount, f).String())
		case ForeignApp:
			params.Set("app_id", AppID[:len(AppID)-1]+"9")
			params.Set("auth_app_id", params.Get("app_id"))
		case ForeignSeller:
			params.Set("seller_id", SellerID[:len(SellerID)-1]+"9")
		case UnknownNumber:
			params.Set("out_trade_no", "UNKNOWN"+digits(12))
		case BadSign:
			key = s.stranger()
		case Unsigned:
			unsigned = true
		case Tampered:
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
func (s *Sandbox) stranger() *rsa.PrivateKey { return s.keys.platform }
