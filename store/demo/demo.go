// Package demo fills an empty shop with the goods, advertisements, areas and pictures of the demo shop.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dashop/sql"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/store/search"
)

// marker is the setting that says which demo data were loaded.
const marker, version = "demo", "1"

// pictureWriters put pictures at once: each waits for the disk, not for the processor.
const pictureWriters = 16

// Progress hears how far loading has come. It is called by several goroutines, one at a time.
type Progress func(what string, done, total int)

// Load fills the shop in d, once: into a shop that has the demo already, or any goods of its own, it puts nothing and says
// false. Of several programs that do so at once one loads, and the others wait for it. The rows are written in one transaction, after the
// pictures, so that what breaks off is simply begun again. Ages and times of the demo count back from now. pictures may be nil, for tests
// that look at none; so may progress.
//
// What the shop cannot honour yet is not put on sale: see launched and hidden.
func Load(ctx context.Context, d *db.DB, pictures *media.Store, now time.Time, progress Progress) (loaded bool, err error) {
	empty, err := isEmpty(ctx, d)
	if err != nil || !empty {
		return false, err
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	err = d.Alone(ctx, func(ctx context.Context) error {
		if empty, err := isEmpty(ctx, d); err != nil || !empty {
			return err
		}
		if err := load(ctx, d, pictures, now, progress); err != nil {
			return err
		}
		loaded = true
		return nil
	})
	if errors.Is(err, errLoaded) {
		return false, nil
	}
	return loaded, err
}

func load(ctx context.Context, d *db.DB, pictures *media.Store, now time.Time, progress Progress) error {
	if pictures != nil {
		if err := PutPictures(ctx, pictures, progress); err != nil {
			return err
		}
	}
	data, err := read(db.Cut(now))
	if err != nil {
		return err
	}
	if err := d.Tx(ctx, func(tx *db.Tx) error { return data.write(ctx, tx, progress) }); err != nil {
		return fmt.Errorf("load demo shop: %w", err)
	}
	return nil
}

func isEmpty(ctx context.Context, d *db.DB) (bool, error) {
	_, err := db.Setting(ctx, d, marker)
	if !fault.Is(err, fault.NotFound) {
		return false, err
	}
	var rows int
	err = d.Get(ctx, &rows, "SELECT (SELECT COUNT(*) FROM spus) + (SELECT COUNT(*) FROM categories)")
	return rows == 0, err
}

// PutPictures copies the embedded pictures into the media folder under the paths that the rows name.
func PutPictures(ctx context.Context, pictures *media.Store, progress Progress) error {
	files, err := fs.Sub(sql.Demo, "demo")
	if err != nil {
		return err
	}
	var names []string
	err = fs.WalkDir(files, "images", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	var mu sync.Mutex // guards done, and makes progress be told in order
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(pictureWriters)
	for _, name := range names {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := putPicture(pictures, files, name); err != nil {
				return fmt.Errorf("put demo picture %s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			progress("pictures", done, len(names))
			return nil
		})
	}
	return group.Wait()
}

func putPicture(pictures *media.Store, files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return pictures.Put(name, f)
}

// errLoaded says that another program loaded the demo while this one, which was thought dead, was about to.
var errLoaded = errors.New("demo shop is loaded already")

// write puts all rows into tx, and the marker, which can be there only once.
func (s *shop) write(ctx context.Context, tx *db.Tx, progress Progress) error {
	_, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", marker, version)
	if db.IsDuplicate(err) {
		return errLoaded
	}
	if err != nil {
		return err
	}
	for i, t := range s.tables {
		if err := t.insert(ctx, tx); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		progress("tables", i+1, len(s.tables))
	}
	catalog.MarkChanged(ctx, tx)
	if err := catalog.RefreshCards(ctx, tx, s.spus); err != nil {
		return fmt.Errorf("card figures: %w", err)
	}
	if err := search.IndexAll(ctx, tx, s.spus); err != nil {
		return err
	}
	return catalog.CountFacets(ctx, tx)
}
