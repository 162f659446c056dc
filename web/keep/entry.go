package keep

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/ui"
	"dashop/web/respond"
)

// entry is a page as the cache holds it.
type entry struct {
	page  *Page
	fills []ui.Fill     // of its slots
	tag   func() string // of the page as it usually is, where that is what a stranger gets; else nil
	key   int           // the length of its key
}

// Weight is how many bytes the entry takes.
func (e *entry) Weight() int { return e.page.Weight() + 32*cap(e.fills) + e.key }

// fill makes what goes into the slots, and after a fragment what goes along with it. b holds the bytes.
func (e *entry) fill(ctx context.Context, b *bytes.Buffer, v ui.View, fragment string, shared sharedParts) ([]Piece, error) {
	parts := make([]templ.Component, 0, len(e.fills)+1)
	for _, fill := range e.fills {
		parts = append(parts, fill(v))
	}
	if fragment != "" {
		parts = append(parts, respond.FragmentExtras(v))
	}
	slots, ends := make([]Piece, len(parts)), make([]int, len(parts))
	for i, part := range parts {
		var err error
		one, ok := part.(ui.Shared)
		if ok && shared.has(one) {
			slots[i], err = shared.find(ctx, one)
		} else {
			err = part.Render(ctx, b)
		}
		if err != nil {
			return nil, err
		}
		ends[i] = b.Len()
	}
	from := 0
	for i, end := range ends {
		if end > from {
			slots[i], from = Fresh(b.Bytes()[from:end]), end
		}
	}
	return slots, nil
}

// sharedParts are what slots share with those of other pages, kept along with the pages of a key.
type sharedParts struct {
	pages      *Pages
	by         pageKey
	everywhere bool // only those that stand everywhere
}

func (s sharedParts) has(part ui.Shared) bool { return part.Everywhere || !s.everywhere }

// find finds or makes a part.
func (s sharedParts) find(ctx context.Context, part ui.Shared) (Piece, error) {
	key := pageKey{path: "part " + part.Key, lang: s.by.lang, version: s.by.version}
	found, ok := s.pages.cache.Kept(key)
	if ok {
		return found.page.Whole(), nil
	}
	found, err := s.pages.find(ctx, key, func(ctx context.Context, packed bool) (*entry, error) {
		b := respond.TakeBuffer()
		defer respond.GiveBuffer(b)
		err := part.Render(ctx, b)
		return &entry{page: NewPage([][]byte{b.Bytes()}, nil, packed)}, err
	})
	if err != nil {
		return Piece{}, err
	}
	return found.page.Whole(), nil
}

// sendUsual answers with an entry as it is for strangers.
func (e *entry) sendUsual(c *fiber.Ctx, zip bool) error {
	respond.AsPage(c)
	if respond.NotModified(c, http.StatusOK, e.tag) {
		return c.SendStatus(http.StatusNotModified)
	}
	switch {
	case zip && e.page.gzip != nil:
		c.Response().Header.SetContentEncoding("gzip")
		c.Response().SetBodyRaw(e.page.gzip) // nobody writes into it
	case zip && len(e.page.packed) > 0:
		c.Response().Header.SetContentEncoding("gzip")
		b := respond.TakeBuffer()
		defer respond.GiveBuffer(b)
		b.Grow(len(e.page.plain) / 3)
		c.Response().SetBody(e.page.quickly(b.AvailableBuffer()))
	default:
		c.Response().SetBodyRaw(e.page.plain)
	}
	return nil
}

// send answers with an entry for one person.
func (p *Pages) send(c *fiber.Ctx, e *entry, v ui.View, key pageKey, zip bool) error {
	respond.AsPage(c)
	b := respond.TakeBuffer()
	defer respond.GiveBuffer(b)
	slots, err := e.fill(context.WithoutCancel(c.UserContext()), b, v, key.fragment, sharedParts{pages: p, by: key})
	if err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	if respond.NotModified(c, http.StatusOK, func() string { return respond.ETag(e.page.Plain(nil, slots)) }) {
		return c.SendStatus(http.StatusNotModified)
	}
	write := e.page.Plain
	if zip {
		write = e.page.Gzip
		c.Response().Header.SetContentEncoding("gzip")
	}
	whole := respond.TakeBuffer()
	defer respond.GiveBuffer(whole)
	whole.Write(write(whole.AvailableBuffer(), slots)) // in place, where there is room
	c.Response().SetBody(whole.Bytes())
	return nil
}
