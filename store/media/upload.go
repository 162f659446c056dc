package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decodes uploads
	"strings"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decodes uploads

	"dashop/store/fault"
)

const (
	// MaxUpload is the largest picture that people may upload, in bytes.
	MaxUpload = 2 << 20

	maxSide   = 4096 // of an upload, in pixels
	shownSide = 1600 // of what is kept of it
	thumbSide = 320
	quality   = 85
	decoders  = 2 // pictures that are decoded at once: each may take 64 MB
)

// decoding lets few pictures be decoded at once.
var decoding = make(chan struct{}, decoders)

// Upload keeps a picture that somebody sent, PNG, JPEG or WebP, and a small one of it, under names that nobody can guess
// and that lead nowhere else: it is decoded, turned upright and encoded anew, so that nothing of the file itself
// is kept, neither a place where it was taken nor what else it may have been. Anything else is Invalid.
// The small one's name is Thumb of the answer.
func (s *Store) Upload(ctx context.Context, content []byte) (name string, err error) {
	if err := checkUpload(content); err != nil {
		return "", err
	}
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		busy := fault.New(fault.Unavailable, 0, "现在有点忙").Wrap(ctx.Err())
		busy.RetryAfter = 5 * time.Second
		return "", busy
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return "", notAPicture()
	}
	turn := orientation(content)
	full, err := encode(picture, shownSide, turn)
	if err != nil {
		return "", err
	}
	small, err := encode(picture, thumbSide, turn)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(full)
	name = "uploads/full/" + strings.ToLower(rand.Text()) + "-" + hex.EncodeToString(sum[:16]) + ".jpg"
	if err := s.Put(name, bytes.NewReader(full)); err != nil {
		return "", err
	}
	if err := s.Put(Thumb(name), bytes.NewReader(small)); err != nil {
		return "", err
	}
	return name, nil
}

// Remove takes an uploaded picture away again, with its small one; one that is not there does no harm.
func (s *Store) Remove(name string) {
	if strings.HasPrefix(name, "uploads/full/") && contentType(name) != "" {
		_ = s.root.Remove(name)
		_ = s.root.Remove(Thumb(name))
	}
}

// Thumb is the name of the small one of an uploaded picture; any other name is its own.
func Thumb(name string) string { return strings.Replace(name, "uploads/full/", "uploads/small/", 1) }

func notAPicture() error { return fault.Field("picture", "请上传 PNG、JPEG 或 WebP 图片") }

// checkUpload looks at the size that a picture claims before any of it is decoded.
func checkUpload(content []byte) error {
	if len(content) > MaxUpload {
		return fault.Field("picture", "图片最大 %d MB", MaxUpload>>20)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || kind != "png" && kind != "jpeg" && kind != "webp" {
		return notAPicture()
	}
	if size.Width < 1 || size.Height < 1 || size.Width > maxSide || size.Height > maxSide {
		return fault.Field("picture", "图片的边长最多 %d 像素", maxSide)
	}
	return nil
}

// encode scales a picture down to fit a square, turns it upright and writes it as JPEG on white.
func encode(picture image.Image, side, turn int) ([]byte, error) {
	from := picture.Bounds()
	w, h := from.Dx(), from.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	scaled := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(scaled, scaled.Bounds(), picture, from, draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(scaled, turn), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return out.Bytes(), nil
}
