package web

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// headers are the ones that keep browsers out of trouble, on every answer.
type headers struct {
	policy, payPolicy string
	secure            bool
}

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; media-src 'self'; form-action 'self'%s; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

// newHeaders makes them for a shop reached by https or not, whose payment form leads to a gateway's address.
func newHeaders(secure bool, gateway string) (headers, error) {
	abroad := ""
	if gateway != "" {
		u, err := url.Parse(gateway)
		if err != nil || u.Host == "" {
			return headers{}, fmt.Errorf("web: gateway URL %q is no absolute address", gateway)
		}
		abroad = " " + u.Scheme + "://" + u.Host
		// Browsers hold each hop after the form's post to this list, and Alipay's own cashier takes several.
		if underDomain(u.Hostname(), "alipay.com") || underDomain(u.Hostname(), "alipaydev.com") {
			abroad += " https://*.alipay.com https://*.alipaydev.com"
		}
	}
	return headers{
		policy:    fmt.Sprintf(contentPolicy, ""),
		payPolicy: fmt.Sprintf(contentPolicy, abroad),
		secure:    secure,
	}, nil
}

func underDomain(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func (h headers) set(c *fiber.Ctx) error {
	h.apply(c)
	return c.Next()
}

func (h headers) apply(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, h.policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	if h.secure {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
}

// letPay lets the forms of this page lead to the gateway.
func (h headers) letPay(c *fiber.Ctx) { c.Set(fiber.HeaderContentSecurityPolicy, h.payPolicy) }
