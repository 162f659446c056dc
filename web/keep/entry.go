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
	fills []ui.Fill // of its slots
	tag   string    // of the page as it usually is, where that is what a stranger gets; else ""
	key   int       // the length of its key
}

// Weight is how many bytes the entry takes.
func (e *entry) Weight() int { return e.page.Weight() + 32*cap(e.fills) + e.key }

// fill makes what goes into the slots, and after a fragment what goes along with it. b holds the bytes.
func (e *entry) fill(ctx context.Context, b *bytes.Buffer, v ui.View, fragment string, shared findShared) ([]Piece, error) {
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
		if one, ok := part.(ui.Shared); ok && shared != nil {
			slots[i], err = shared(ctx, one)
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

// findShared finds or makes what a slot shares with others.
type findShared func(context.Context, ui.Shared) (Piece, error)

// sharedBy keeps shared parts along with the pages of a key.
func (p *Pages) sharedBy(key pageKey) findShared {
	return func(ctx context.Context, part ui.Shared) (Piece, error) {
		key := pageKey{path: "part " + part.Key, lang: key.lang, version: key.version}
		found, err := p.find(ctx, key, func(ctx context.Context, packed bool) (*entry, error) {
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
}

// sendUsual answers with an entry as it is for strangers.
func (e *entry) sendUsual(c *fiber.Ctx, zip bool) error {
	respond.AsPage(c)
	if respond.NotModified(c, http.StatusOK, func() string { return e.tag }) {
		return c.SendStatus(http.StatusNotModified)
	}
	body := e.page.plain
	if zip {
		body = e.page.gzip
		c.Response().Header.SetContentEncoding("gzip")
	}
	c.Response().SetBodyRaw(body) // nobody writes into it
	return nil
}

// send answers with an entry for one person.
func (p *Pages) send(c *fiber.Ctx, e *entry, v ui.View, key pageKey, zip bool) error {
	respond.AsPage(c)
	b := respond.TakeBuffer()
	defer respond.GiveBuffer(b)
	slots, err := e.fill(context.WithoutCancel(c.UserContext()), b, v, key.fragment, p.sharedBy(key))
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
