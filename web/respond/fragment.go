package respond

import (
	"bytes"
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/views/ui"
)

// FragmentExtras is what goes along with a fragment: the number beside the cart, and a notice that was kept for this page.
func FragmentExtras(v ui.View) templ.Component {
	parts := []templ.Component{ui.CartCountSwap(v)}
	if v.Flash != nil {
		parts = append(parts, ui.ToastSwap(v, *v.Flash))
	}
	return templ.Join(parts...)
}

// Part answers 200 with a piece of HTML that is no fragment of any page.
func Part(c *fiber.Ctx, part templ.Component) error { return PartStatus(c, http.StatusOK, part) }

// PartStatus is Part with another status, such as 422.
func PartStatus(c *fiber.Ctx, status int, part templ.Component) error {
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error { return part.Render(ctx, b) })
}

// Notice answers htmx with a fault as a note at the top of the page it is on.
func Notice(c *fiber.Ctx, status int, e *fault.Error) error {
	v := View(c)
	c.Set("HX-Retarget", "#notices")
	c.Set("HX-Reswap", "innerHTML")
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error { return ui.FaultNote(v, e).Render(ctx, b) })
}

// IsFragment says whether htmx asks for a part of a page.
func IsFragment(c *fiber.Ctx) bool {
	h := &c.Request().Header
	return string(h.Peek("HX-Request")) == "true" && string(h.Peek("HX-Request-Type")) != "full"
}
