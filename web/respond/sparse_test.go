package respond

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/cart"
	"dashop/store/catalog"
)

// logged catches what the shop logs during the test.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &out
}

// While something is away that all pages ask for, the log tells it now and then, not for each page.
func TestLogOfAnOutageIsShort(t *testing.T) {
	out := logged(t)
	s := &sparse{message: "page without menu"}
	now, away := time.Now(), errors.New("away")
	for range 100 {
		s.log(context.Background(), now, "a", away)
	}
	s.log(context.Background(), now.Add(sparsePause), "b", away)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "request=a error=away left_out=0") ||
		!strings.Contains(lines[1], "request=b error=away left_out=99") {
		t.Errorf("logged %d lines: %s", len(lines), out)
	}
}

// A page whose menu cannot be read is shown all the same, and says so in the log once for many pages.
func TestPagesWithoutMenuAreLoggedOnce(t *testing.T) {
	out := logged(t)
	withoutMenu.next = time.Time{}
	site := &Site{Clock: time.Now, Menu: func(context.Context) ([]catalog.MenuGroup, error) { return nil, errors.New("away") },
		CartCount: func(context.Context, cart.Owner) (int, error) { return 0, errors.New("away") }}
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		site.Attach(c)
		return c.SendString(View(c).Path)
	})
	for range 20 {
		res, err := app.Test(httptest.NewRequest("GET", "/", nil))
		if err != nil || res.StatusCode != fiber.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
	}
	if n := strings.Count(out.String(), "page without menu"); n != 1 {
		t.Errorf("logged %d times: %s", n, out)
	}
}
