package ui

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// Fill makes what stands in a slot for who looks at the page.
type Fill func(v View) templ.Component

// Slot is a place for something that is not the same for everybody: a name, a number, a heart. fill may use nothing of the
// person but what its own View tells; what it takes along from the page must be everybody's. Usually a slot is simply
// filled. A page under Record leaves it open, and web/respond fills it anew for each person.
func Slot(v View, fill Fill) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if r, ok := ctx.Value(recording{}).(*record); ok {
			r.fills = append(r.fills, fill)
			_, err := fmt.Fprintf(w, "%s%d\x00", r.mark, len(r.fills)-1)
			return err
		}
		return fill(v).Render(templ.ClearChildren(ctx), w)
	})
}

type recording struct{}

type record struct {
	mark  string // with the number of a slot stands for it; nobody can guess it
	fills []Fill // also of slots outside of the fragment that is rendered
}

// Record renders with the slots left open: it gives the pieces between them, one more than there are fills. Their bytes are those
// of b, which is empty before.
func Record(
	ctx context.Context, b *bytes.Buffer, render func(ctx context.Context, w io.Writer) error,
) (pieces [][]byte, fills []Fill, err error) {
	r := &record{mark: "\x00" + rand.Text() + ":"}
	if err := render(context.WithValue(ctx, recording{}, r), b); err != nil {
		return nil, nil, err
	}
	for i, piece := range bytes.Split(b.Bytes(), []byte(r.mark)) {
		if i > 0 {
			number, rest, _ := bytes.Cut(piece, []byte{0})
			n, err := strconv.Atoi(string(number))
			if err != nil {
				return nil, nil, fmt.Errorf("record: slot %q", number)
			}
			fills, piece = append(fills, r.fills[n]), rest
		}
		pieces = append(pieces, piece)
	}
	return pieces, fills, nil
}

// Nobody says whether the view is the same as a stranger's.
func (v View) Nobody() bool {
	return v.User == nil && v.CartCount == 0 && v.Flash == nil && v.Mine == nil
}

// Shared is what fills a slot with something that is the same for all who get it, such as some products in a row: its
// bytes depend on the key, the language and the catalogue alone, so web/respond may keep them. It holds nothing of the person
// for whom it was chosen.
type Shared struct {
	templ.Component
	Key        string
	Everywhere bool // stands on many pages, so that it is worth keeping also for one that is not kept itself
}
