package ui

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"dashop/store/media"
)

// Load says when a browser fetches a picture.
type Load int

// Pictures further down are fetched when one comes near; those of the first screen at once, and the one that is seen first
// before all others.
const (
	LoadLate Load = iota
	LoadNow
	LoadFirst
)

// firstCards is how many cards at the head of a list are on the first screen.
const firstCards = 4

// cardSizes is how wide the picture of a card is shown.
const cardSizes = "(max-width: 760px) 45vw, 230px"

// loadOfCard is when the picture of the i-th card of a list is fetched.
func loadOfCard(i int) Load {
	switch {
	case i == 0:
		return LoadFirst
	case i < firstCards:
		return LoadNow
	}
	return LoadLate
}

// Loading are the attributes of a picture that is fetched then.
func Loading(l Load) templ.Attributes {
	switch l {
	case LoadFirst:
		return templ.Attributes{"fetchpriority": "high"}
	case LoadNow:
		return nil
	}
	return templ.Attributes{"loading": "lazy", "decoding": "async"}
}

// Sizes offers a browser all that is kept of a picture, given how wide it is shown: it fetches the small one where that will
// do. A picture of which there is but one size gets no attributes.
func Sizes(stored, shown string) templ.Attributes {
	set := srcset(stored)
	if set == "" {
		return nil
	}
	return templ.Attributes{"srcset": set, "sizes": shown}
}

// srcset names the sizes of a stored picture, or "" when there is one alone.
func srcset(stored string) string {
	small, full := Thumb(stored), Picture(stored)
	if small == full {
		return ""
	}
	width := 800 // of the pictures that came with the shop
	if strings.HasPrefix(stored, "uploads/") {
		width = media.FullSide
	}
	return fmt.Sprintf("%s %dw, %s %dw", small, media.SmallSide, full, width)
}

// First is the picture that one sees first on a page, which a browser may fetch while it still reads the head.
type First struct {
	Stored string // its stored path, or "" for none
	Shown  string // how wide it is shown, as in the picture's own sizes
}

// FirstCard is the picture of the first card of a list.
func FirstCard(stored string) First { return First{stored, cardSizes} }

// attributes are those of the link that asks for the picture, which must be those of the picture itself, or it is fetched twice.
func (f First) attributes() templ.Attributes {
	if set := srcset(f.Stored); set != "" {
		return templ.Attributes{"imagesrcset": set, "imagesizes": f.Shown}
	}
	return templ.Attributes{"href": Picture(f.Stored)}
}
