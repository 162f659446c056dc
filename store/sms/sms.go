// Package sms sends short messages.
package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Kind says what a message is for.
type Kind string

// The kinds of messages.
const (
	Code          Kind = "code"           // a verification code
	MobileChanged Kind = "mobile_changed" // a notice to the old number that the account's number was changed
)

// Message is one message to one person.
type Message struct {
	ID     string // our own number of it, the same when it is sent again
	Mobile string
	Kind   Kind
	Code   string // for Kind Code
}

// Text is the sentence that the person reads, signed by the shop.
func (m Message) Text(shop string) string {
	switch m.Kind {
	case Code:
		return "【" + shop + "】验证码 " + m.Code + "，5 分钟内有效。如非本人操作请忽略。"
	case MobileChanged:
		return "【" + shop + "】您账户的手机号已更换，本号码不再能登录。如非本人操作，请尽快找回密码并联系客服。"
	}
	return ""
}

// Sender sends messages. Its errors never hold the number, the code or a secret, so they may be logged. ErrRefused means that
// trying again will not help; after any other error it is unknown whether the message was sent, and sending it again may deliver it twice.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused says that a message was refused and would be refused again: a bad number, template or signature, or the number's limit of
// the day.
var ErrRefused = errors.New("sms: refused")

// Limits of a call to a provider.
const (
	connectTimeout = 3 * time.Second
	totalTimeout   = 8 * time.Second
	maxAnswer      = 64 << 10
)

// caller makes HTTP calls with a time limit that follow no redirects.
type caller struct{ http *http.Client }

func newCaller() caller {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	transport.TLSHandshakeTimeout = connectTimeout
	return caller{&http.Client{
		Transport:     transport,
		Timeout:       totalTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do sends req and returns the status and at most maxAnswer bytes of the answer.
func (c caller) do(req *http.Request) (int, []byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("sms: %w", withoutAddress(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, fmt.Errorf("sms: read the answer: %w", err)
	}
	if len(body) > maxAnswer {
		return 0, nil, fmt.Errorf("sms: the answer is larger than %d bytes", maxAnswer)
	}
	return resp.StatusCode, body, nil
}

// withoutAddress removes the address from an error of net/http, since it contains the number and the code.
func withoutAddress(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// check refuses an incomplete message.
func (m Message) check() error {
	switch {
	case m.ID == "" || m.Mobile == "":
		return fmt.Errorf("%w: a message without its own number or the person's", ErrRefused)
	case m.Kind != Code && m.Kind != MobileChanged:
		return fmt.Errorf("%w: unknown kind %q", ErrRefused, m.Kind)
	case (m.Kind == Code) != (m.Code != ""):
		return fmt.Errorf("%w: only a verification code has a code, and it must have one", ErrRefused)
	}
	return nil
}

// plainBase reads an address without path or query: https, or plain http to this machine.
func plainBase(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("want an address without a path, such as https://dysmsapi.aliyuncs.com")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, errors.New("want https")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
