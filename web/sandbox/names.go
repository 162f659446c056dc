package sandbox

import (
	"dashop/web/sandbox/alipay"
	"dashop/web/sandbox/desk"
	"dashop/web/sandbox/logins"
	"dashop/web/sandbox/phone"
)

// The one app, seller and buyer of each protocol.
const (
	AppID         = alipay.AppID
	SellerID      = alipay.SellerID
	BuyerAccount  = alipay.BuyerAccount
	BuyerPassword = alipay.BuyerPassword
	QQAppID       = logins.QQAppID
)

// Fault is one scripted misbehaviour, with the place where it strikes and what goes wrong.
type (
	Fault = desk.Fault
	Place = desk.Place
	Kind  = desk.Kind
)

// The places where faults strike.
const (
	OnNotify      = alipay.OnNotify
	OnReturn      = alipay.OnReturn
	OnQuery       = alipay.OnQuery
	OnClose       = alipay.OnClose
	OnSMS         = phone.OnSMS
	OnAlipayLogin = logins.OnAlipay
	OnQQLogin     = logins.OnQQ
)

// The kinds of faults; package desk tells what each does.
const (
	Hang          = desk.Hang
	Broken        = desk.Broken
	Busy          = desk.Busy
	ErrorAfter    = desk.ErrorAfter
	ResetAfter    = desk.ResetAfter
	OtherNumber   = desk.OtherNumber
	PayFirst      = desk.PayFirst
	Refused       = desk.Refused
	Unsigned      = desk.Unsigned
	BadSign       = desk.BadSign
	Tampered      = desk.Tampered
	WrongAmount   = desk.WrongAmount
	Drop          = desk.Drop
	Late          = desk.Late
	Copies        = desk.Copies
	ForeignApp    = desk.ForeignApp
	ForeignSeller = desk.ForeignSeller
	UnknownNumber = desk.UnknownNumber
)
