package payment

import (
	"context"
	"errors"
	"time"

	"dashop/store/money"
)

// Provider is a gateway that takes payments. Its errors never mean "not paid".
type Provider interface {
	// Link is the signed address to which a browser is sent, made at now.
	Link(now time.Time, l Link) (url string, err error)
	// Query asks what became of an attempt. An error means that nobody knows.
	Query(ctx context.Context, now time.Time, outTradeNo string) (News, error)
	// Close asks the gateway to let nobody pay the attempt any more. Unless it is sure that this was done, or that
	// there is nothing to close, Query must tell what became of the attempt.
	Close(ctx context.Context, now time.Time, outTradeNo string) (sure bool, err error)
	// ReadNotify verifies a message from the gateway. Its errors are ErrForged and ErrForeign.
	ReadNotify(body []byte) (News, error)
	// ReadReturn verifies the query with which a buyer came back. The news has no state: it proves no payment.
	ReadReturn(rawQuery string) (News, error)
}

// Link is what a payable link is made of.
type Link struct {
	OutTradeNo string
	Amount     money.Fen
	Subject    string
	ExpiresAt  time.Time
	NotifyURL  string
	ReturnURL  string
	QuitURL    string
	Mobile     bool // for a phone's browser
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
	TradeRefunded                   // paid, and the money went back since
)

// News is what a gateway told about one attempt.
type News struct {
	OutTradeNo string
	TradeNo    string
	State      TradeState
	Amount     money.Fen
	PaidAt     time.Time // zero where the gateway did not say
	Refund     bool      // the message is about a refund, not about a payment
	Digest     string    // of a signed message; empty for an answer to a query
}

// Faults of messages that claim to come from a gateway.
var (
	ErrForged  = errors.New("payment: the message is not the gateway's")
	ErrForeign = errors.New("payment: the message is for another app or seller")
)
