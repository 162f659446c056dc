package order

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
)

// Shipment is one parcel.
type Shipment struct {
	OrderID    int64     `db:"order_id"`
	Carrier    string    `db:"carrier"` // a key of Carriers
	TrackingNo string    `db:"tracking_no"`
	CreatedAt  time.Time `db:"created_at"`
}

// Carriers are the parcel services to choose from: key and Chinese name, in the order shown.
var Carriers = []struct{ Key, Name string }{
	{"sf", "顺丰速运"}, {"zto", "中通快递"}, {"yto", "圆通速递"}, {"sto", "申通快递"},
	{"yunda", "韵达快递"}, {"jd", "京东物流"}, {"ems", "中国邮政 EMS"}, {"deppon", "德邦快递"}, {"other", "其他快递"},
}

// CarrierName is the Chinese name of a carrier's key.
func CarrierName(key string) string {
	for _, c := range Carriers {
		if c.Key == key {
			return c.Name
		}
	}
	return key
}

var trackingForm = regexp.MustCompile(`^[0-9A-Z-]{5,40}$`)

// Ship hands a paid order's parcel to a carrier. The same parcel sent in again changes nothing.
func (s *Service) Ship(ctx context.Context, staffID int64, no, carrier, trackingNo string) error {
	trackingNo = strings.ToUpper(strings.TrimSpace(trackingNo))
	if err := checkParcel(carrier, trackingNo); err != nil {
		return err
	}
	var id int64
	if err := s.db.Get(ctx, &id, "SELECT id FROM orders WHERE order_no = ?", no); err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := move(ctx, tx, id, StatusPendingShipment, change{
			to: StatusPendingReceipt, kind: EventShipped, actor: ByMerchant, actorID: staffID, detail: carrier + " " + trackingNo,
			set: []column{{"shipped_at", now}, {"receipt_due", now.Add(s.rules.AutoReceipt)}},
		}, now)
		if err != nil {
			return err
		}
		if !moved {
			return notShipped(ctx, tx, id, carrier, trackingNo)
		}
		_, err = tx.Exec(ctx, "INSERT INTO shipments (order_id, carrier, tracking_no, created_at) VALUES (?, ?, ?, ?)", id, carrier,
			trackingNo, now)
		if err != nil {
			return fmt.Errorf("insert shipment of order %s: %w", no, err)
		}
		return audit.Log(ctx, tx, staffID, "order.ship", "order "+no, carrier+" "+trackingNo, now)
	})
}

// notShipped tells why an order could not be shipped; nothing is wrong when this parcel is on record already.
func notShipped(ctx context.Context, tx *db.Tx, id int64, carrier, trackingNo string) error {
	var known int
	err := tx.Get(ctx, &known, "SELECT COUNT(*) FROM shipments WHERE order_id = ? AND carrier = ? AND tracking_no = ?", id, carrier,
		trackingNo)
	if err != nil || known > 0 {
		return err
	}
	status, err := statusNow(ctx, tx, id)
	if err != nil {
		return err
	}
	return wrongState(status)
}

func checkParcel(carrier, trackingNo string) error {
	f := fault.Form()
	if CarrierName(carrier) == carrier {
		f.With("carrier", "请选择快递公司")
	}
	if !trackingForm.MatchString(trackingNo) {
		f.With("tracking_no", "请填写运单号：5 到 40 位字母、数字或短横线")
	}
	return f.OrNil()
}
