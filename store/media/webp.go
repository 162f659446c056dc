package media

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a still WebP. Lossy ones hold their colours in the narrow range of video, in which white is 235, and the
// decoder hands them on as though they were in the full range of JPEG, so that a white page would come out grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	picture, err := webp.Decode(r)
	switch p := picture.(type) {
	case *image.YCbCr:
		widen(p)
	case *image.NYCbCrA:
		widen(&p.YCbCr)
	}
	return picture, err
}

// widen spreads a picture's colours from the narrow range, 16 to 235 and 16 to 240, over the full one.
func widen(p *image.YCbCr) {
	var light, hue [256]byte
	for i := range 256 {
		light[i] = spread(i, 16, 0, 219)
		hue[i] = spread(i, 128, 128, 224)
	}
	for i, y := range p.Y {
		p.Y[i] = light[y]
	}
	for i := range p.Cb {
		p.Cb[i], p.Cr[i] = hue[p.Cb[i]], hue[p.Cr[i]]
	}
}

// spread maps from to to, and a range of this width to 255.
func spread(value, from, to, width int) byte {
	return byte(min(255, max(0, to+(value-from)*255/width)))
}
