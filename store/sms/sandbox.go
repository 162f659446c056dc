package sms

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// sandbox posts messages to the shop's own sandbox, which shows them at /phone.
type sandbox struct {
	caller
	address string
}

// NewSandbox makes the Sender of development: messages appear on the page /phone of the sandbox at baseURL, such as http://127.0.0.1:8001.
func NewSandbox(baseURL string) (Sender, error) {
	base, err := plainBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("sms: address of the sandbox: %w", err)
	}
	return &sandbox{newCaller(), base.String() + "sms"}, nil
}

// Send posts the form id, mobile, kind, code to /sms. 200 means that it arrived, 4xx that it is refused.
func (s *sandbox) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	form := url.Values{"id": {m.ID}, "mobile": {m.Mobile}, "kind": {string(m.Kind)}, "code": {m.Code}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("sms: %w", withoutAddress(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, err := s.do(req)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return nil
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		return fmt.Errorf("%w: the sandbox answered %d", ErrRefused, status)
	}
	return fmt.Errorf("sms: the sandbox answered %d", status)
}
