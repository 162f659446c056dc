// Package sms sends short messages to mobiles.
package sms

import (
	"context"
	"errors"
)

// Kind says what a message is about; a provider has a template for each.
type Kind string

// The kinds of messages.
const (
	Code          Kind = "code"           // a verification code
	MobileChanged Kind = "mobile_changed" // to the old number: the account has another one now
)

// Message is one message to one mobile.
type Message struct {
	ID     string // our own number of it, the same when it is sent again
	Mobile string
	Kind   Kind
	Code   string // for a message of kind Code
}

// Sender hands a message to a provider. It may be used by many goroutines.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused says that sending again will not help: the number, the template or the signature is no good, or the number
// has had its messages for today. After any other error it may.
var ErrRefused = errors.New("sms: refused")
