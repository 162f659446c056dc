package sms_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dashop/store/sms"
	"dashop/web/sandbox"
)

func TestSandbox(t *testing.T) {
	gateway, err := sandbox.New(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- gateway.Serve() }()
	defer func() {
		if err := errors.Join(gateway.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	}()
	sender, err := sms.NewSandbox(gateway.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	send := func(m sms.Message) error { return sender.Send(context.Background(), m) }
	m := sms.Message{ID: "c-1", Mobile: "13800138000", Kind: sms.Code, Code: "739154"}
	if err := send(m); err != nil {
		t.Fatal(err)
	}
	if err := send(sms.Message{ID: "c-2", Mobile: "13800138000", Kind: sms.MobileChanged}); err != nil {
		t.Fatal(err)
	}
	if got := gateway.Phone.Messages("13800138000"); len(got) != 2 || got[1].Message != m || got[0].Kind != sms.MobileChanged {
		t.Errorf("arrived: %+v", got)
	}
	bad := m
	bad.Mobile = "12345678901"
	if err := send(bad); !errors.Is(err, sms.ErrRefused) || strings.Contains(err.Error(), bad.Mobile) {
		t.Errorf("a bad number: %v", err)
	}
	for kind, refused := range map[sandbox.Kind]bool{sandbox.Broken: false, sandbox.ResetAfter: false, sandbox.Refused: true} {
		if err := gateway.Inject(sandbox.Fault{On: sandbox.OnSMS, Kind: kind, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if err := send(m); err == nil || errors.Is(err, sms.ErrRefused) != refused {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestSandboxStatuses(t *testing.T) {
	for status, refused := range map[int]bool{302: false, 404: true, 413: true, 422: true, 408: false, 429: false, 500: false, 503: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/")
			w.WriteHeader(status)
		}))
		sender, err := sms.NewSandbox(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		err = sender.Send(context.Background(), sms.Message{ID: "c-1", Mobile: "13800138000", Kind: sms.Code, Code: "739154"})
		if err == nil || errors.Is(err, sms.ErrRefused) != refused {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}
