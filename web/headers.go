package web

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// headers are the ones that keep browsers out of trouble, on every answer.
type headers struct {
	policy, payPolicy string
	always            *fasthttp.ResponseHeader
}

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; media-src 'self'; form-action 'self'%s; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

// newHeaders makes them for a shop reached by https or not, whose payment form may lead to these origins.
func newHeaders(secure bool, formTargets []string) headers {
	abroad := ""
	for _, target := range formTargets {
		abroad += " " + target
	}
	h := headers{policy: fmt.Sprintf(contentPolicy, ""), payPolicy: fmt.Sprintf(contentPolicy, abroad)}
	h.always = always(h.policy, secure)
	return h
}

// set comes before whatever else sets a header, as it begins with none.
func (h headers) set(c *fiber.Ctx) error {
	h.apply(c)
	return c.Next()
}

// apply copies them all at once, which takes a third of the time of setting one after the other.
func (h headers) apply(c *fiber.Ctx) { h.always.CopyTo(&c.Response().Header) }

// always are the headers of every answer.
func always(policy string, secure bool) *fasthttp.ResponseHeader {
	h := &fasthttp.ResponseHeader{}
	h.Set(fiber.HeaderContentSecurityPolicy, policy)
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	h.Set(fiber.HeaderPermissionsPolicy, "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	if secure {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
	return h
}

// letPay lets the forms of this page lead to the gateway.
func (h headers) letPay(c *fiber.Ctx) { c.Set(fiber.HeaderContentSecurityPolicy, h.payPolicy) }
