// Package gateway defines what the shop needs from a payment provider. Each provider lives whole in a folder of
// its own and is handed over in a List; nothing else in the shop knows one by name.
//
// Every provider implements Provider. What only some can do is a small interface of its own, found by a type assertion:
// Returner is the first. Refunds and bills will be the next two; they take the same attempt numbers, and a refund bears a
// request number under which repeating it is safe.
package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dashop/store/money"
)

// Provider takes payments. Its methods may be called by many goroutines at once. Those that call the gateway obey the
// context; an error of theirs never means "not paid", only that nobody knows.
type Provider interface {
	// About describes the provider on pages. It never changes while the shop runs.
	About() About
	// Begin gives what the buyer's browser needs to pay. It may be called again for the same attempt.
	Begin(ctx context.Context, c Charge) (Way, error)
	// Query asks what became of an attempt.
	Query(ctx context.Context, outTradeNo string) (News, error)
	// Close asks the gateway to let nobody pay the attempt any more. Unless it is sure that this was done, or that
	// there is nothing to close, Query must tell what became of the attempt.
	Close(ctx context.Context, outTradeNo string) (sure bool, err error)
	// ReadNotify verifies a message that the gateway sent by itself. Its errors are ErrForged and ErrForeign.
	ReadNotify(ctx context.Context, m Message) (Notice, error)
	// Answer is the response to the gateway about its message.
	Answer(v Verdict) Answer
}

// Returner is a provider that sends its buyers back with a signed address.
type Returner interface {
	// ReadReturn verifies the query with which a buyer came back. The news has no state: it proves no payment. Its
	// errors are those of ReadNotify.
	ReadReturn(ctx context.Context, rawQuery string) (News, error)
}

// About describes a provider on pages.
type About struct {
	ID   string // in addresses and in the database: lower-case letters, such as "alipay"
	Name Words
	Hint Words // what happens when one chooses it

	// FormTargets are the origins that a browser may pass through after the form that begins a payment, as the
	// form-action of a content security policy lists them.
	FormTargets []string
}

// Words is a short text in the shop's two languages.
type Words struct{ ZH, EN string }

// Charge is what the buyer of one attempt is asked for.
type Charge struct {
	OutTradeNo string // 6 to 32 letters and digits, unique to the attempt
	Amount     money.Fen
	Subject    string    // names the goods
	ExpiresAt  time.Time // nobody may pay after it; whole seconds
	NotifyURL  string    // where the gateway sends its messages; absolute and without a query, as the next two are
	ReturnURL  string    // where the buyer is led after paying
	QuitURL    string    // where a buyer who gives up is sent
	Payer      Payer
}

// Payer is what is known of the browser that is about to pay.
type Payer struct {
	Mobile bool   // it runs on a phone
	IP     string // where it asks from
}

// Way is what a browser is given to pay by: an address to go to, or else a code.
type Way struct {
	URL       string
	Code      string    // a text to be shown as a QR code, which the buyer scans with a phone
	ExpiresAt time.Time // when the code stops working; zero: at the end of the charge
}

// TradeState is what a gateway knows of an attempt.
type TradeState int

// The states of a trade.
const (
	TradeUntold   TradeState = iota // the message does not say
	TradeAbsent                     // nobody has begun to pay; the link may still be paid
	TradeWaiting                    // begun, not paid
	TradePaid                       // the money is there
	TradeClosed                     // closed and never paid
	TradeRefunded                   // paid, and all of the money went back since
)

// News is what a gateway told about one attempt.
type News struct {
	OutTradeNo string
	TradeNo    string // the gateway's own number
	State      TradeState
	Amount     money.Fen // the amount requested, before coupons that the buyer used there; 0 when TradeAbsent
	PaidAt     time.Time // zero where the gateway did not say
	Digest     string    // of a signed message, the same for a repeated one; empty for an answer to a query
}

// RefundNews is what a gateway told about money that went back to a buyer.
type RefundNews struct {
	OutTradeNo   string
	OutRequestNo string    // of the refund; empty where the gateway did not say
	Amount       money.Fen // of this refund; 0 where the gateway did not say
	Done         bool      // the money is on its way; otherwise the message is only a reason to ask
	Digest       string
}

// Message is what came to the address for notifies, as it came.
type Message struct {
	Header http.Header
	Body   []byte
}

// Notice is what a verified message tells: exactly one of the two is set.
type Notice struct {
	Payment *News
	Refund  *RefundNews
}

// Verdict is what the shop makes of a message.
type Verdict int

// The verdicts.
const (
	Accepted Verdict = iota + 1 // its effect is committed: it need not be sent again
	Refused                     // it is forged, for somebody else, or does not fit what the shop knows
	TryAgain                    // the shop could not deal with it just now
)

// Answer is what goes back over HTTP.
type Answer struct {
	Status      int
	ContentType string // may be empty when Body is
	Body        string
}

// Faults of messages that claim to come from a gateway.
var (
	ErrForged  = errors.New("gateway: the message is not the gateway's")
	ErrForeign = errors.New("gateway: the message is for another app or seller")
)

// List is the providers of a shop, in the order in which they are offered.
type List []Provider

// Find is the provider of that id.
func (l List) Find(id string) (Provider, bool) {
	for _, p := range l {
		if p.About().ID == id {
			return p, true
		}
	}
	return nil, false
}

// Offered says whether one can pay by the provider of that id.
func (l List) Offered(id string) bool {
	_, ok := l.Find(id)
	return ok
}

// About describes each provider on pages.
func (l List) About() []About {
	list := make([]About, len(l))
	for i, p := range l {
		list[i] = p.About()
	}
	return list
}
