package web

import (
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// headers are the ones that keep browsers out of trouble, on every answer.
type headers struct {
	policy, payPolicy string
	always            [][2][]byte
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

func (h headers) set(c *fiber.Ctx) error {
	h.apply(c)
	return c.Next()
}

func (h headers) apply(c *fiber.Ctx) {
	r := &c.Response().Header
	for _, one := range h.always {
		r.SetCanonical(one[0], one[1])
	}
}

// always are the headers of every answer, as they go over the wire.
func always(policy string, secure bool) (list [][2][]byte) {
	add := func(name, value string) {
		list = append(list, [2][]byte{[]byte(http.CanonicalHeaderKey(name)), []byte(value)})
	}
	add(fiber.HeaderContentSecurityPolicy, policy)
	add(fiber.HeaderXContentTypeOptions, "nosniff")
	add(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	add(fiber.HeaderPermissionsPolicy, "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	add("Cross-Origin-Opener-Policy", "same-origin")
	add("Cross-Origin-Resource-Policy", "same-origin")
	add(fiber.HeaderXFrameOptions, "DENY")
	if secure {
		add(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
	return list
}

// letPay lets the forms of this page lead to the gateway.
func (h headers) letPay(c *fiber.Ctx) { c.Set(fiber.HeaderContentSecurityPolicy, h.payPolicy) }
