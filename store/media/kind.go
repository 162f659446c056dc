package media

import (
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/draw"
)

// Kind is what a picture is of, which decides its sizes and shape.
type Kind int

// The kinds of pictures that are uploaded.
const (
	Photo   Kind = iota // a shopper's, with a review: whole, up to 1280 pixels, and up to 320
	Face                // of a person: a square from the middle, 256
	Product             // a square of 800, and of 320: the whole picture, on white where it is no square
	Banner              // wide: 1600 by 480 from the middle, and 800 by 240
	Logo                // of a brand, or a category's icon: a square of 192, the whole picture on white
)

// version is one of the sizes kept of an upload.
type version struct {
	folder        string
	width, height int // the room it has, in pixels
	fit           fit
	scaler        draw.Interpolator
}

// fit is how a picture goes into its room.
type fit int

const (
	within fit = iota // whole, in its own shape, and no larger than it came
	cover             // fills the room; two sides may be cut off
	pad               // whole, on white, the room filled up
)

// kinds has the versions kept of each kind, the largest first; its name is the name of the picture.
// Small versions need the better scaler, which would take a second for a large one.
var kinds = [...][]version{
	Photo:   {{"uploads/full/", 1280, 1280, within, draw.ApproxBiLinear}, {"uploads/small/", 320, 320, within, draw.BiLinear}},
	Face:    {{"uploads/faces/", 256, 256, cover, draw.BiLinear}},
	Product: {{"uploads/products/", 800, 800, pad, draw.BiLinear}, {"uploads/thumbs/", 320, 320, pad, draw.BiLinear}},
	Banner:  {{"uploads/banners/", 1600, 480, cover, draw.ApproxBiLinear}, {"uploads/banners-small/", 800, 240, cover, draw.BiLinear}},
	Logo:    {{"uploads/logos/", 192, 192, pad, draw.BiLinear}},
}

// smaller maps folders to those of the small versions, for uploads and for the demo.
var smaller = strings.NewReplacer(
	"uploads/full/", "uploads/small/",
	"uploads/products/", "uploads/thumbs/", "images/products/", "images/thumbs/",
	"uploads/banners/", "uploads/banners-small/",
)

// Thumb is the name of the small version of a picture; a picture of a single size is its own.
func Thumb(name string) string { return smaller.Replace(name) }

// Widths are the widths in pixels of the small and the large version of a picture, or 0 if they vary within its kind.
func Widths(name string) (small, large int) {
	switch {
	case strings.Contains(name, "/products/"):
		return 320, 800
	case strings.HasPrefix(name, "uploads/banners/"):
		return 800, 1600
	}
	return 0, 0
}

// scale draws what a version shows of a picture, on white. It lies as the camera was held, like the picture itself.
func (v version) scale(picture image.Image, turn int) *image.RGBA {
	if turn >= 5 && turn <= 8 {
		v.width, v.height = v.height, v.width
	}
	room, to, from := v.layout(picture.Bounds())
	scaled := image.NewRGBA(room)
	draw.Draw(scaled, room, image.NewUniform(color.White), image.Point{}, draw.Src)
	v.scaler.Scale(scaled, to, picture, from, draw.Over, nil)
	return scaled
}

// layout says how large a version comes out, and where in it which part of a picture with these bounds goes.
func (v version) layout(b image.Rectangle) (room, to, from image.Rectangle) {
	room = image.Rect(0, 0, v.width, v.height)
	switch {
	case v.fit == cover:
		return room, room, middle(b, shape(v.width, v.height, b.Size()))
	case v.fit == pad:
		return room, middle(room, shape(b.Dx(), b.Dy(), room.Size())), b
	case b.Dx() > v.width || b.Dy() > v.height:
		room.Max = shape(b.Dx(), b.Dy(), room.Size())
	default:
		room.Max = b.Size()
	}
	return room, room, b
}

// shape is the largest size in the shape of w by h that goes into a room.
func shape(w, h int, room image.Point) image.Point {
	if w*room.Y > h*room.X {
		return image.Pt(room.X, max(1, h*room.X/w))
	}
	return image.Pt(max(1, w*room.Y/h), room.Y)
}

// middle is the part of that size in the middle of b.
func middle(b image.Rectangle, size image.Point) image.Rectangle {
	corner := b.Min.Add(b.Size().Sub(size).Div(2))
	return image.Rectangle{Min: corner, Max: corner.Add(size)}
}
