package catalog

import (
	"bytes"
	"context"
	"fmt"

	"github.com/yuin/goldmark"

	"dashop/store/db"
)

// The kinds of materials.
const (
	KindChapter  = "chapter"  // to read
	KindDownload = "download" // a file
)

// Material is a piece of what a course or a download consists of.
type Material struct {
	ID       int64  `db:"id"`
	SPUID    int64  `db:"spu_id"`
	Sequence int64  `db:"sequence"`
	Kind     string `db:"kind"`
	Title    string `db:"title"`
	TitleEN  string `db:"title_en"`
	Body     string `db:"body"` // of a chapter: Markdown of the merchant
	BodyEN   string `db:"body_en"`
	File     string `db:"file"`      // of a download: where the file is kept
	FileName string `db:"file_name"` // and what it is called
	FileSize int64  `db:"file_size"` // in bytes
	Trial    bool   `db:"is_trial"`  // everybody may read the chapter
}

// Materials are all of a product, in order.
func (s *Service) Materials(ctx context.Context, spuID int64) ([]Material, error) {
	return MaterialsOf(s.db.PointRead(ctx), s.db, spuID)
}

// MaterialsOf is Materials as q reads them.
func MaterialsOf(ctx context.Context, q db.Queryer, spuID int64) (list []Material, err error) {
	err = q.Select(ctx, &list, `SELECT id, spu_id, sequence, kind, title, title_en, body, body_en, file, file_name, file_size, is_trial
		FROM materials WHERE spu_id = ? ORDER BY sequence, id`, spuID)
	if err != nil {
		return nil, fmt.Errorf("read materials of product %d: %w", spuID, err)
	}
	return list, nil
}

// outline is what everybody may know of a product's materials: the titles, and the text of what may be tried.
func (s *Service) outline(ctx context.Context, spuID int64) ([]Material, error) {
	list, err := MaterialsOf(ctx, s.db, spuID)
	for i := range list {
		list[i].File = ""
		if !list[i].Trial {
			list[i].Body, list[i].BodyEN = "", ""
		}
	}
	return list, err
}

// Prose turns Markdown that a merchant typed into safe HTML: text without pictures, links, scripts or styles.
func Prose(markdown string) string {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &out); err != nil {
		return "" // a bytes.Buffer does not fail
	}
	return descriptionPolicy.Sanitize(out.String())
}
