package catalog

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dashop/store/db"
)

// ChangedHook is what a transaction that changed the catalogue is called to those who watch the database.
const ChangedHook = "catalog changed"

// versionLife is how long this node may use the version that it read last, although another node may have changed it.
const versionLife = 500 * time.Millisecond

// MarkChanged makes every node drop what it keeps of the catalogue once tx is committed, because it changes categories, channels, brands,
// products, SKUs, specs, pictures, prices, what is launched, card figures, facets, advertisements, reviews. Whatever writes
// one of these calls it, any number of times; the version is counted up once, at the end of the transaction. Stock is none of
// these: pages read it each time, and placing an order must not wait for the one row of the version.
func MarkChanged(ctx context.Context, tx *db.Tx) {
	tx.BeforeCommit(ChangedHook, func() error {
		rows, err := tx.Exec(ctx, "UPDATE catalog_version SET version = version + 1 WHERE id = 1")
		if err == nil && rows == 0 {
			err = fmt.Errorf("its row is missing")
		}
		if err != nil {
			return fmt.Errorf("count up the catalogue's version: %w", err)
		}
		return nil
	})
}

// version is what this node knows of the version.
type version struct {
	mu        sync.Mutex // held while it is read, so that a crowd asks once
	known     int64
	at        time.Time
	committed int64 // of db.Committed when it was read
}

// Version is the version of what everybody sees: as long as it stays, so does what Home, Category, Product and the other
// public lists answer, but for the stock. Changes made on this node count at once, those made elsewhere within a second.
// Without an answer of the database there is none.
func (s *Service) Version(ctx context.Context) (int64, error) {
	v := &s.version
	v.mu.Lock()
	defer v.mu.Unlock()
	now, committed := s.clock(), s.db.Committed(ChangedHook)
	if age := now.Sub(v.at); v.known != 0 && committed == v.committed && age >= 0 && age < versionLife {
		return v.known, nil
	}
	var fresh int64
	if err := s.db.Get(ctx, &fresh, "SELECT version FROM catalog_version WHERE id = 1"); err != nil {
		return 0, fmt.Errorf("read the catalogue's version: %w", err)
	}
	v.known, v.at, v.committed = fresh, now, committed
	return fresh, nil
}
