package captcha

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
)

// The size of a digit in the font, in dots.
const (
	digitWidth  = 11
	digitHeight = 18
)

//go:embed digits.txt
var digitsText string

// font has the rows of each digit, in which # is a dot.
var font = sync.OnceValue(func() (digits [10][]string) {
	for i, digit := range strings.Split(digitsText, "\n\n") {
		digits[i] = strings.Fields(digit)
	}
	return digits
})

const (
	specks  = 40  // how many are strewn over the picture
	maxSkew = 0.5 // how far a row of a digit is pushed from the one above it, in pixels
)

// Colours by their index in a picture's palette; the specks have those after ink.
const (
	paper = iota
	ink
)

// drawing is a captcha being drawn.
type drawing struct {
	*image.Paletted
	dot int // the size of a font's dot in pixels
}

// Picture draws digits as a PNG: skewed and struck through, with waves and specks.
func Picture(digits string, width, height int) ([]byte, error) {
	d := &drawing{Paletted: image.NewPaletted(image.Rect(0, 0, width, height), colours())}
	n, border := len(digits), min(width, height)/4
	across := min(float64(width-2*border)/float64(n), float64(height-2*border)*(digitWidth+1)/digitHeight) // of a digit and a gap
	d.dot = max(1, int(across)/(digitWidth+1))
	wide, high := int(across), int(across*digitHeight/(digitWidth+1))

	border = min(width, height) / 5
	x := among(border, width-wide*n-d.dot-border)
	y := among(border, height-high-2*d.dot-border)
	for i := range n {
		if digits[i] < '0' || digits[i] > '9' {
			return nil, fmt.Errorf("captcha: %q are not digits", digits)
		}
		d.digit(font()[digits[i]-'0'], x+i*wide, y)
	}
	d.strike()
	d.wave(within(5, 10), within(100, 200))
	for range specks {
		r := among(1, d.dot)
		d.disc(among(r, width-r), among(r, height-r), r, uint8(among(ink, specks-1)))
	}
	var out bytes.Buffer
	err := png.Encode(&out, d.Paletted)
	return out.Bytes(), err
}

// colours are a dark one for the digits, and the same in other shades for the specks. The ground is white, so that dark pages show
// the digits too.
func colours() color.Palette {
	r, g, b := rand.IntN(129), rand.IntN(129), rand.IntN(129)
	all := color.Palette{color.White, color.RGBA{uint8(r), uint8(g), uint8(b), 255}}
	for len(all) <= specks {
		n := rand.IntN(255-max(r, g, b)) - min(r, g, b)
		all = append(all, color.RGBA{uint8(r + n), uint8(g + n), uint8(b + n), 255})
	}
	return all
}

// digit draws one with a slant of its own.
func (d *drawing) digit(rows []string, x, y int) {
	slant := within(-maxSkew, maxSkew)
	y += among(-d.dot/2, d.dot/2)
	for down, row := range rows {
		left := int(float64(x) + slant*float64(down))
		for right := range len(row) {
			if row[right] == '#' {
				d.disc(left+right*d.dot, y+down*d.dot, d.dot/2, ink)
			}
		}
	}
}

// strike draws a wavy line through the digits.
func (d *drawing) strike() {
	height := d.Bounds().Max.Y
	y := among(height/3, height-height/3)
	high, turn := within(5, 20), 2*math.Pi/within(80, 180)
	across := int(high * math.Cos(float64(y)*turn))
	for x := range d.Bounds().Max.X {
		down := int(high * math.Sin(float64(x)*turn))
		for n := range d.dot {
			d.disc(x+across, y+down+n*d.dot, rand.IntN(d.dot)/2, ink)
		}
	}
}

// wave bends the whole picture both ways.
func (d *drawing) wave(high, long float64) {
	straight, turn := d.Paletted, 2*math.Pi/long
	d.Paletted = image.NewPaletted(straight.Rect, straight.Palette)
	for y := range straight.Rect.Max.Y {
		across := int(high * math.Sin(float64(y)*turn))
		for x := range straight.Rect.Max.X {
			down := int(high * math.Cos(float64(x)*turn))
			d.SetColorIndex(x, y, straight.ColorIndexAt(x+across, y+down))
		}
	}
}

// disc draws a filled circle; what is outside of the picture is cut off.
func (d *drawing) disc(x, y, radius int, colour uint8) {
	for down := -radius; down <= radius; down++ {
		for across := -radius; across <= radius; across++ {
			if across*across+down*down <= radius*radius+radius/2 {
				d.SetColorIndex(x+across, y+down, colour)
			}
		}
	}
}
