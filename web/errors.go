package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/respond"
)

// statuses are what the kinds of faults become; any other is 500.
var statuses = map[fault.Kind]int{
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Forbidden:    http.StatusForbidden,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
	fault.Unauthorized: http.StatusUnauthorized,
}

// fail turns any error into an answer in the shop's dress. It is the app's ErrorHandler, too.
func (s *server) fail(c *fiber.Ctx, err error) error {
	f, status := classify(err)
	s.logFault(c, f, err)
	if len(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy)) == 0 {
		s.headers.apply(c) // a request that was refused before any middleware saw it
	}
	c.Response().ResetBody()
	c.Response().Header.Del(fiber.HeaderLocation)
	switch status {
	case http.StatusUnauthorized:
		return toLogin(c)
	case http.StatusRequestTimeout: // nobody reads it: a connection on which nothing came
		return c.SendStatus(status)
	}
	if f.RetryAfter > 0 || f.Kind == fault.TooMany || f.Kind == fault.Unavailable {
		respond.RetryAfter(c, f)
	}
	if status == http.StatusServiceUnavailable {
		respond.WithoutDatabase(c)
	}
	shown := guarded(func() error {
		if respond.IsFragment(c) {
			return respond.Notice(c, status, f.First())
		}
		var picks []catalog.Card
		if status == http.StatusNotFound && c.Method() != fiber.MethodPost { // HEAD tells the length of what GET shows
			picks = s.shop.Picks(c, 5)
		}
		return respond.PageStatus(c, status, func(v ui.View) templ.Component {
			return page.Error(v, page.ErrorPage{Status: status, Fault: f, Picks: picks})
		}, "")
	})
	if shown != nil {
		s.Log.ErrorContext(c.UserContext(), "error page failed", "request", respond.RequestID(c), "error", shown)
		return c.Status(status).SendString(http.StatusText(status))
	}
	return nil
}

// classify finds the fault and the status of an error, whether it is the shop's own, Fiber's, or a deadline that passed.
func classify(err error) (*fault.Error, int) {
	var fe *fiber.Error
	var known *fault.Error
	switch {
	case errors.As(err, &known):
	case errors.As(err, &fe) && fe.Code == http.StatusNotFound:
		known = fault.Missing().Wrap(err)
	case errors.As(err, &fe) && fe.Code == http.StatusRequestEntityTooLarge:
		return fault.New(fault.Invalid, 0, "请求太大了").Wrap(err), fe.Code
	case errors.As(err, &fe) && fe.Code < http.StatusInternalServerError:
		return fault.New(fault.Invalid, 0, "请求有误").Wrap(err), fe.Code
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		known = fault.New(fault.Unavailable, 0, "现在有点忙").Wrap(err)
		known.RetryAfter = 5 * time.Second
	default:
		known = fault.Of(err)
	}
	if status, ok := statuses[known.Kind]; ok {
		return known, status
	}
	return known, http.StatusInternalServerError
}

// logFault logs what somebody has to look into; what people do wrong is none of that.
func (s *server) logFault(c *fiber.Ctx, f *fault.Error, err error) {
	args := []any{"request", respond.RequestID(c), "method", c.Method(), "path", logPath(c), "error", err}
	var p *panicked
	if errors.As(err, &p) {
		args[len(args)-1] = p
	}
	switch f.Kind {
	case fault.Internal, fault.Unknown:
		s.Log.ErrorContext(c.UserContext(), "request failed", args...)
	case fault.Unavailable:
		s.Log.WarnContext(c.UserContext(), "request put off", args...)
	}
}

// toLogin leads to the login page and from there back: to this page, or to the page that the form or the part was on.
func toLogin(c *fiber.Ctx) error {
	next := respond.From(c)
	if c.Method() == fiber.MethodGet && !respond.IsFragment(c) {
		next = respond.Next(string(c.Request().URI().RequestURI()))
	}
	to := "/login"
	if next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	if c.Get("HX-Request") == "true" {
		c.Set("HX-Redirect", to)
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		return c.SendStatus(http.StatusUnauthorized)
	}
	return respond.SeeOther(c, to)
}
