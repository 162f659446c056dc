package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gofiber/fiber/v2"
)

// meters count the answers of each route, by class, and the time they took. What is no route of the table, such as an
// asset or an address that nobody knows, counts as one, so that strangers cannot make up series.
type meters struct {
	routes map[string]*meter // by method and path
	other  *meter
}

type meter struct {
	answers [6]*metrics.Counter // by the first digit of the status
	seconds *metrics.Histogram
}

func newMeters(set *metrics.Set, routes []Route) meters {
	m := meters{routes: map[string]*meter{}, other: newMeter(set, "", "other")}
	for _, r := range routes {
		m.routes[r.Method+r.Path] = newMeter(set, r.Method, r.Path)
	}
	return m
}

func newMeter(set *metrics.Set, method, path string) *meter {
	labels := fmt.Sprintf("method=%q,route=%q", method, path)
	m := &meter{seconds: set.GetOrCreateHistogram("shop_request_duration_seconds{" + labels + "}")}
	for class := 2; class < len(m.answers); class++ {
		m.answers[class] = set.GetOrCreateCounter(fmt.Sprintf("shop_requests_total{%s,status=\"%dxx\"}", labels, class))
	}
	return m
}

// count is called when the answer is ready; a HEAD counts as its GET.
func (m meters) count(c *fiber.Ctx, took time.Duration) {
	method := c.Method()
	if method == http.MethodHead {
		method = http.MethodGet
	}
	one := m.routes[method+c.Route().Path]
	if one == nil {
		one = m.other
	}
	if class := c.Response().StatusCode() / 100; class >= 2 && class < len(one.answers) {
		one.answers[class].Inc()
	}
	one.seconds.Update(took.Seconds())
}
