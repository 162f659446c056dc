package stock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
)

// Corrected is the kind of a ledger entry that brings the books to what was counted.
const Corrected = "corrected"

// MostPieces bounds what the stock of one SKU may come to.
const MostPieces = 1_000_000

const (
	reasonLength = 100
	tokenLength  = 32
	deliveryLife = 30 * 24 * time.Hour
)

// Keeper changes stock by the merchant's hand. It is safe for concurrent use.
type Keeper struct {
	db    *db.DB
	clock db.Clock
}

// NewKeeper makes a Keeper.
func NewKeeper(d *db.DB, clock db.Clock) *Keeper { return &Keeper{db: d, clock: clock} }

// NewDelivery makes the token of a form with which goods are booked in.
func NewDelivery() string { return strings.ToLower(rand.Text()) }

// Receive books pieces that came in. Under one delivery token that is done once, however often it is asked for, such as by
// a double click; without a token it is done each time. The wrong field is named pieces.
func (k *Keeper) Receive(ctx context.Context, staffID int64, delivery string, skuID, pieces int64) error {
	if pieces < 1 || pieces > MostPieces {
		return fault.Field("pieces", "到货数量要填 1 到 %d 之间的整数", MostPieces)
	}
	return k.deliver(ctx, delivery, func(tx *db.Tx, now time.Time) error {
		return receive(ctx, tx, staffID, Piece{skuID, pieces}, "pieces", now)
	})
}

// ReceiveAll is Receive for several SKUs at once, all or nothing. The wrong field of the SKU 7 is named pieces_7.
func (k *Keeper) ReceiveAll(ctx context.Context, staffID int64, delivery string, came []Piece) error {
	bad := fault.Form()
	for _, p := range came {
		if p.Count < 1 || p.Count > MostPieces {
			bad.With(fmt.Sprintf("pieces_%d", p.SKUID), "到货数量要填 1 到 %d 之间的整数", MostPieces)
		}
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return k.deliver(ctx, delivery, func(tx *db.Tx, now time.Time) error {
		for _, p := range merged(came) { // in the order of ids, as orders take them
			if err := receive(ctx, tx, staffID, p, fmt.Sprintf("pieces_%d", p.SKUID), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// errDelivered says that a delivery has been booked before.
var errDelivered = errors.New("this delivery is booked already")

// deliver runs do in one transaction with the mark that this delivery is booked.
func (k *Keeper) deliver(ctx context.Context, token string, do func(tx *db.Tx, now time.Time) error) error {
	if len(token) > tokenLength {
		return fault.Missing() // no form of ours
	}
	now := k.clock()
	err := k.db.Tx(ctx, func(tx *db.Tx) error {
		if token != "" {
			_, err := tx.Exec(ctx, "INSERT INTO stock_deliveries (token, created_at) VALUES (?, ?)", token, now)
			if db.IsDuplicate(err) {
				return errDelivered
			}
			if err != nil {
				return fmt.Errorf("mark delivery: %w", err)
			}
		}
		return do(tx, now)
	})
	if errors.Is(err, errDelivered) {
		return nil
	}
	return err
}

// Expired are the deliveries whose forms nobody will send again.
var Expired = db.Expired{Table: "stock_deliveries", Key: []string{"token"}, At: "created_at", Keep: deliveryLife}

func receive(ctx context.Context, tx *db.Tx, staffID int64, p Piece, field string, now time.Time) error {
	if err := exists(ctx, tx, p.SKUID); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity + ? WHERE sku_id = ? AND quantity <= ?", p.Count, p.SKUID,
		MostPieces-p.Count)
	if err != nil {
		return fmt.Errorf("receive stock of SKU %d: %w", p.SKUID, err)
	}
	if n == 0 {
		return fault.Field(field, "库存最多 %d 件", MostPieces)
	}
	return book(ctx, tx, staffID, Received, p.SKUID, p.Count, "", now)
}

// Correct brings the stock of a SKU to what was counted, with a reason, unless it is no longer what was shown when
// somebody counted. Wrong fields are named counted and reason.
func (k *Keeper) Correct(ctx context.Context, staffID, skuID, shown, counted int64, reason string) error {
	bad := fault.Form()
	if counted < 0 || counted > MostPieces {
		bad.With("counted", "盘点数量要填 0 到 %d 之间的整数", MostPieces)
	}
	if n := utf8.RuneCountInString(reason); n < 1 || n > reasonLength {
		bad.With("reason", "请写下原因，最多 %d 个字", reasonLength)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if counted == shown {
		return nil
	}
	now := k.clock()
	return k.db.Tx(ctx, func(tx *db.Tx) error {
		if err := exists(ctx, tx, skuID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE stocks SET quantity = ? WHERE sku_id = ? AND quantity = ?", counted, skuID, shown)
		if err != nil {
			return fmt.Errorf("correct stock of SKU %d: %w", skuID, err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, fault.CodeTooFast, "库存刚刚变了，请按新的数量再盘一次")
		}
		return book(ctx, tx, staffID, Corrected, skuID, counted-shown, reason, now)
	})
}

// exists refuses a SKU that does not exist, and inserts its row of stock if it has none yet, since the stock is going to change.
func exists(ctx context.Context, tx *db.Tx, skuID int64) error {
	tx.Changed(Named(skuID))
	// Somebody may be removing a SKU that never had stock.
	if err := tx.Hold(ctx, "skus", skuID); err != nil {
		return err
	}
	var stocked int
	if err := tx.Get(ctx, &stocked, "SELECT COUNT(*) FROM stocks WHERE sku_id = ?", skuID); err != nil || stocked > 0 {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO stocks (sku_id, quantity, sold) VALUES (?, 0, 0)", skuID)
	return err
}

// book enters a change into the ledger and the audit log.
func book(ctx context.Context, tx *db.Tx, staffID int64, kind string, sku, delta int64, reason string, now time.Time) error {
	_, err := tx.Exec(ctx, "INSERT INTO stock_ledger (sku_id, kind, delta, order_id, created_at) VALUES (?, ?, ?, NULL, ?)", sku, kind,
		delta, now)
	if err != nil {
		return fmt.Errorf("enter %s of SKU %d: %w", kind, sku, err)
	}
	detail := fmt.Sprintf("%+d", delta)
	if reason != "" {
		detail += " " + reason
	}
	return audit.Log(ctx, tx, staffID, "stock_"+kind, fmt.Sprintf("sku %d", sku), detail, now)
}
