package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Fragment is templ.Fragment without its trap: within it, a component that may have children but is given none gets none,
// where templ's own hands it the fragment's content once more.
func Fragment(name string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		content := templ.GetChildren(ctx)
		clean := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return content.Render(templ.ClearChildren(ctx), w)
		})
		return templ.Fragment(name).Render(templ.WithChildren(ctx, clean), w)
	})
}
