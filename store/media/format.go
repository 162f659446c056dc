package media

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// format is how pictures of one sort are read.
type format struct {
	head   string // what the file begins with
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// Uploads are read by pure Go decoders, chosen here: the registry of the image package would give WebP to the encoder's library, whose
// decoder is C.
var formats = []format{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"RIFF", webp.DecodeConfig, decodeWebP},
}

// unknown is the format of what is no picture.
var unknown = format{
	config: func(io.Reader) (image.Config, error) { return image.Config{}, image.ErrFormat },
	decode: func(io.Reader) (image.Image, error) { return nil, image.ErrFormat },
}

func formatOf(content []byte) format {
	for _, f := range formats {
		if bytes.HasPrefix(content, []byte(f.head)) {
			return f
		}
	}
	return unknown
}

// decodeWebP corrects the colours of a picture: WebP's brightness runs from 16 to 235, and the decoder treats it as JPEG's 0 to 255, so
// that white would become grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	picture, err := webp.Decode(r)
	switch p := picture.(type) {
	case *image.YCbCr:
		return trueColours(p, nil), err
	case *image.NYCbCrA:
		return trueColours(&p.YCbCr, p), err
	}
	return picture, err
}

// trueColours converts p by the range that WebP uses, with the transparency of alpha, if any.
func trueColours(p *image.YCbCr, alpha *image.NYCbCrA) *image.NRGBA {
	out := image.NewNRGBA(p.Rect)
	at := 0
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		for x := p.Rect.Min.X; x < p.Rect.Max.X; x++ {
			c := p.COffset(x, y)
			luma, cb, cr := 298*(int(p.Y[p.YOffset(x, y)])-16)+128, int(p.Cb[c])-128, int(p.Cr[c])-128
			pix := out.Pix[at : at+4 : at+4]
			pix[0] = clamp(luma + 409*cr)
			pix[1] = clamp(luma - 100*cb - 208*cr)
			pix[2] = clamp(luma + 516*cb)
			pix[3] = 255
			if alpha != nil {
				pix[3] = alpha.A[alpha.AOffset(x, y)]
			}
			at += 4
		}
	}
	return out
}

// clamp is v, in 256ths, as a byte.
func clamp(v int) uint8 { return uint8(min(max(v>>8, 0), 255)) }
