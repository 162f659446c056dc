// Package fault is the one type of error that the shop shows to people.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of thing went wrong; web/respond turns it into an HTTP status.
type Kind uint8

// The kinds, with the HTTP status that each becomes. Any error that is no *Error counts as Internal.
const (
	Internal     Kind = iota // 500: ours; the cause goes to the log, never to the page
	Invalid                  // 422: the form is shown again with the fault beside its field
	NotFound                 // 404: not there, or not yours
	Conflict                 // 409: the state moved on meanwhile
	Forbidden                // 403
	TooMany                  // 429, with Retry-After
	Unavailable              // 503, with Retry-After
	Unauthorized             // 303 to the login page
	Unknown                  // 500: a commit whose outcome nobody knows; look it up by its key, never redo it
)

// Codes shown with an error (design.md 3), in data-code of the alert.
const (
	CodeNoAddress       = 50100 // 422: no address yet
	CodeBadAddress      = 50102 // 422: the address is not valid (or another's)
	CodeShortStock      = 50103 // 409: not enough stock; names the product
	CodeTooFast         = 50104 // 409: lost a race; try again
	CodeNotConfirmed    = 50105 // 200: payment not confirmed yet
	CodePriceChanged    = 50106 // 409: the price has changed since the page was shown
	CodeBadCoupon       = 50107 // 422
	CodeShortCredits    = 50108 // 422
	CodeWrongOrderState = 50109 // 409: the order is no longer in that state
)

// Text is a sentence for a person: the Chinese text, which is the key of the language function, with its arguments for %-verbs.
type Text struct {
	Msg  string
	Args []any
}

// Way leads on from a fault: the Chinese text of a link, which is the key of the language function, and a path of the shop.
type Way struct{ Label, Path string }

// Error is a fault that a person may read. Err, when set, is the cause and is only logged.
type Error struct {
	Kind       Kind
	Code       int // 0, or one of the Code constants
	Text       Text
	Fields     map[string]Text // form field → what is wrong with it
	order      []string        // the fields, in the order in which With named them
	Way        *Way            // where to go on, or nil
	RetryAfter time.Duration   // for TooMany and Unavailable
	Err        error
}

// New makes a fault of kind k. msg is Chinese and may hold %-verbs for args.
func New(k Kind, code int, msg string, args ...any) *Error {
	return &Error{Kind: k, Code: code, Text: Text{msg, args}}
}

// Form makes an Invalid fault that gathers with With what is wrong with the fields of a form, and ends with OrNil.
func Form() *Error {
	return New(Invalid, 0, "请检查标出的内容")
}

// Field makes an Invalid fault about one field of a form.
func Field(name, msg string, args ...any) *Error {
	return Form().With(name, msg, args...)
}

// Missing is the NotFound fault for anything that is not there or belongs to another person.
func Missing() *Error {
	return New(NotFound, 0, "没有找到您要的内容")
}

// To returns e with a way to go on.
func (e *Error) To(path, label string) *Error {
	c := *e
	c.Way = &Way{Label: label, Path: path}
	return &c
}

// Wrap returns e with cause err, for the log.
func (e *Error) Wrap(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// With adds one more field's fault. A field that has one already gets another.
func (e *Error) With(name, msg string, args ...any) *Error {
	if e.Fields == nil {
		e.Fields = map[string]Text{}
	}
	if _, named := e.Fields[name]; !named {
		e.order = append(e.order, name)
	}
	e.Fields[name] = Text{msg, args}
	return e
}

// OrNil is e as an error if it bears any field fault, else nil; for forms that gather their faults.
func (e *Error) OrNil() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Whole is a form's fault as far as no field bears it, or nil.
func (e *Error) Whole() *Error {
	if e == nil || len(e.Fields) > 0 {
		return nil
	}
	return e
}

// First is the fault of the first field as one sentence, for where the fields are not there to bear theirs.
func (e *Error) First() *Error {
	if len(e.order) == 0 {
		return e
	}
	return &Error{Kind: e.Kind, Code: e.Code, Text: e.Fields[e.order[0]]}
}

func (e *Error) Error() string {
	s := fmt.Sprintf(e.Text.Msg, e.Text.Args...)
	for _, name := range e.order {
		t := e.Fields[name]
		s += "; " + name + ": " + fmt.Sprintf(t.Msg, t.Args...)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Of finds the fault in err; any other error becomes an Internal one around it. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Text: Text{Msg: "系统出了点问题，请稍后再试"}, Err: err}
}

// Is says whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	return err != nil && Of(err).Kind == k
}

// HasCode says whether err is a fault with this code.
func HasCode(err error, code int) bool {
	return err != nil && Of(err).Code == code
}

// Refused says whether err is a form's own fault (Invalid, or Conflict), so that the form is to be shown again with it.
func Refused(err error) bool { return Is(err, Invalid) || Is(err, Conflict) }
