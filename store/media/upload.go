package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"dashop/store/fault"
)

const (
	// MaxUpload is the largest picture that people may upload, in bytes.
	MaxUpload = 2 << 20

	maxSide  = 4096 // of an upload, in pixels
	decoders = 2    // pictures that are decoded at once: each may take 100 MB
)

// decoding limits how many pictures are decoded concurrently.
var decoding = make(chan struct{}, decoders)

// Upload stores a PNG, JPEG or WebP picture in the sizes of its kind, under names that nobody can guess. It is decoded, turned upright
// and encoded again as WebP, so that no metadata, such as the place where it was taken, and no hidden content is kept. Anything else is
// Invalid. It returns the name of the largest size; Thumb of it is the small one.
func (s *Store) Upload(ctx context.Context, kind Kind, content []byte) (name string, err error) {
	if err := checkUpload(content); err != nil {
		return "", err
	}
	versions := kinds[kind]
	encoded, err := reencode(ctx, content, versions)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded[0])
	file := strings.ToLower(rand.Text()) + "-" + hex.EncodeToString(sum[:16]) + ".webp"
	name = versions[0].folder + file
	for i, v := range versions {
		if err := s.Put(v.folder+file, bytes.NewReader(encoded[i])); err != nil {
			s.Remove(name)
			return "", err
		}
	}
	return name, nil
}

// Remove deletes an uploaded picture in all sizes. A missing one does no harm, and pictures that were not uploaded, such as the demo's,
// stay.
func (s *Store) Remove(name string) {
	if contentType(name) == "" {
		return
	}
	for _, versions := range kinds {
		file, ours := strings.CutPrefix(name, versions[0].folder)
		if !ours {
			continue
		}
		for _, v := range versions {
			_ = s.root.Remove(v.folder + file)
		}
	}
}

func notAPicture() error { return fault.Field("picture", "请上传 PNG、JPEG 或 WebP 图片") }

// checkUpload checks the size in the header before any of the picture is decoded.
func checkUpload(content []byte) error {
	if len(content) > MaxUpload {
		return fault.Field("picture", "图片最大 %d MB", MaxUpload>>20)
	}
	size, err := formatOf(content).config(bytes.NewReader(content))
	if err != nil {
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
	picture, err := formatOf(content).decode(bytes.NewReader(content))
	if err != nil {
		return nil, notAPicture()
	}
	turn := orientation(content)
	encoded := make([][]byte, len(versions))
	for i, v := range versions {
		scaled := v.scale(picture, turn)
		var out bytes.Buffer
		if err := encode(&out, upright(scaled, turn)); err != nil {
			return nil, fmt.Errorf("encode picture: %w", err)
		}
		encoded[i], picture = out.Bytes(), scaled // the next version is a smaller one and soon made from this one
	}
	return encoded, nil
}
