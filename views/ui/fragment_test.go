package ui

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func TestFragmentLeavesItsContentToItself(t *testing.T) {
	content := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "<h1>one</h1>"); err != nil {
			return err
		}
		return templ.GetChildren(ctx).Render(ctx, w) // as a part does that may have children
	})
	ctx := templ.WithChildren(context.Background(), content)
	var b strings.Builder
	if err := Fragment("x").Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	if b.String() != "<h1>one</h1>" {
		t.Errorf("got %s", b.String())
	}
	b.Reset()
	whole := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "around")
		return Fragment("x").Render(templ.WithChildren(ctx, content), w)
	})
	if err := templ.RenderFragments(context.Background(), &b, whole, "x"); err != nil {
		t.Fatal(err)
	}
	if b.String() != "<h1>one</h1>" {
		t.Errorf("as a fragment: %s", b.String())
	}
}
