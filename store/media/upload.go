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

	maxSide  = 4096 // of an upload, in pixels
	quality  = 85
	decoders = 2 // pictures that are decoded at once: each may take 100 MB
)

// version is one of the pictures that are kept of an upload.
type version struct {
	folder string
	side   int  // the longest it may have, in pixels
	square bool // the middle alone, and always that large
	scaler draw.Interpolator
}

// What is kept of a photo and of somebody's face, the largest first; its name stands for all.
// Small ones need the better scaler, which for a large one would take a second.
var (
	photo = []version{{"uploads/full/", 1600, false, draw.ApproxBiLinear}, {"uploads/small/", 320, false, draw.BiLinear}}
	face  = []version{{"uploads/faces/", 256, true, draw.BiLinear}}
)

// decoding lets few pictures be decoded at once.
var decoding = make(chan struct{}, decoders)

// Upload keeps a picture that somebody sent, PNG, JPEG or WebP, and a small one of it, under names that nobody can guess
// and that lead nowhere else: it is decoded, turned upright and encoded anew, so that nothing of the file itself
// is kept, neither a place where it was taken nor what else it may have been. Anything else is Invalid.
// The small one's name is Thumb of the answer.
func (s *Store) Upload(ctx context.Context, content []byte) (name string, err error) {
	return s.upload(ctx, content, photo)
}

// UploadFace is Upload for a picture of somebody: of it, only a square from the middle is kept.
func (s *Store) UploadFace(ctx context.Context, content []byte) (name string, err error) {
	return s.upload(ctx, content, face)
}

func (s *Store) upload(ctx context.Context, content []byte, versions []version) (name string, err error) {
	if err := checkUpload(content); err != nil {
		return "", err
	}
	encoded, err := reencode(ctx, content, versions)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded[0])
	file := strings.ToLower(rand.Text()) + "-" + hex.EncodeToString(sum[:16]) + ".jpg"
	name = versions[0].folder + file
	for i, v := range versions {
		if err := s.Put(v.folder+file, bytes.NewReader(encoded[i])); err != nil {
			s.Remove(name)
			return "", err
		}
	}
	return name, nil
}

// Remove takes an uploaded picture away again, with its small one; one that is not there does no harm, and what was never
// uploaded, such as a picture of the demo, stays.
func (s *Store) Remove(name string) {
	if contentType(name) == "" {
		return
	}
	for _, versions := range [][]version{photo, face} {
		file, ours := strings.CutPrefix(name, versions[0].folder)
		if !ours {
			continue
		}
		for _, v := range versions {
			_ = s.root.Remove(v.folder + file)
		}
	}
}

// Thumb is the name of the small one of an uploaded picture; any other name is its own.
func Thumb(name string) string { return strings.Replace(name, photo[0].folder, photo[1].folder, 1) }

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

// reencode makes all versions of a picture, few pictures at a time.
func reencode(ctx context.Context, content []byte, versions []version) ([][]byte, error) {
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		busy := fault.New(fault.Unavailable, 0, "现在有点忙").Wrap(ctx.Err())
		busy.RetryAfter = 5 * time.Second
		return nil, busy
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, notAPicture()
	}
	turn := orientation(content)
	encoded := make([][]byte, len(versions))
	for i, v := range versions {
		scaled := v.scale(picture)
		var out bytes.Buffer
		if err := jpeg.Encode(&out, upright(scaled, turn), &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode picture: %w", err)
		}
		encoded[i], picture = out.Bytes(), scaled // the next version is a smaller one and soon made from this one
	}
	return encoded, nil
}

// scale draws what a version shows of a picture, on white.
func (v version) scale(picture image.Image) *image.RGBA {
	from := v.part(picture.Bounds())
	scaled := image.NewRGBA(v.size(from))
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	v.scaler.Scale(scaled, scaled.Bounds(), picture, from, draw.Over, nil)
	return scaled
}

// part is what a version shows of a picture with these bounds.
func (v version) part(b image.Rectangle) image.Rectangle {
	if !v.square {
		return b
	}
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(side, side))}
}

// size is how large a version of that part comes out.
func (v version) size(from image.Rectangle) image.Rectangle {
	w, h := from.Dx(), from.Dy()
	if longest := max(w, h); v.square || longest > v.side {
		w, h = max(1, w*v.side/longest), max(1, h*v.side/longest)
	}
	return image.Rect(0, 0, w, h)
}
