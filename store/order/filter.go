package order

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

// MaxWords is how many characters the words of a Filter may have.
const MaxWords = 64

// Filter says which orders a list, a count, an export or a report is about. Its zero value is all orders; each field
// that is set narrows it further.
type Filter struct {
	Statuses  []Status
	UserID    int64     // placed by this user
	Publisher int64     // with goods of this publisher
	Words     string    // an order number, a trade number or a product; see finder
	From, To  time.Time // placed at From or later, and before To
	SPU       int64     // with this product
	After     Cursor    // placed before the order that the cursor points at, as lists go: newest first
}

// Check refuses words that no order can be found by.
func (f Filter) Check() error {
	if utf8.RuneCountInString(f.Words) > MaxWords {
		return fault.Field("q", "搜索词最多 %d 个字", MaxWords)
	}
	return nil
}

// Tab is the statuses that a tab of the lists shows: that of its number, and under 5 those that wait for reviews too
// (design.md 5). 0 is all.
func Tab(status Status) []Status {
	switch status {
	case 0:
		return nil
	case StatusCompleted:
		return []Status{StatusPendingReview, StatusCompleted}
	}
	return []Status{status}
}

// Range is a time range that lists offer by name.
type Range string

// The ranges, by the days of Beijing. Older is what Last30 leaves out.
const (
	AnyTime   Range = ""
	Today     Range = "today"
	Yesterday Range = "yesterday"
	Last7     Range = "7"
	Last30    Range = "30"
	Older     Range = "older"
)

// Ranges are all of them, in the order shown.
var Ranges = []Range{AnyTime, Today, Yesterday, Last7, Last30, Older}

// Name is the Chinese word for the range.
func (r Range) Name() string {
	return map[Range]string{
		AnyTime: "全部时间", Today: "今天", Yesterday: "昨天", Last7: "最近 7 天", Last30: "最近 30 天", Older: "30 天前",
	}[r]
}

// Bounds are the From and To of a Filter for the range as seen at now; a zero time is no bound. A day counts whole:
// the last 7 days are today and the six before it.
func (r Range) Bounds(now time.Time) (from, to time.Time) {
	local := now.In(Beijing)
	day := func(back int) time.Time {
		return db.Cut(time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, Beijing))
	}
	switch r {
	case Today:
		return day(0), time.Time{}
	case Yesterday:
		return day(1), day(0)
	case Last7:
		return day(6), time.Time{}
	case Last30:
		return day(29), time.Time{}
	case Older:
		return time.Time{}, day(29)
	}
	return time.Time{}, time.Time{}
}

// Cursor points at an order in a list, newest first. The zero Cursor is before the first.
type Cursor struct {
	At time.Time `db:"created_at"`
	ID int64     `db:"id"`
}

// IsZero says whether the cursor is before the first order.
func (c Cursor) IsZero() bool { return c.ID == 0 }

// String is the cursor for an address; ParseCursor reads it.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d-%d", c.At.UnixMilli(), c.ID)
}

// maxCursor bounds both numbers of a cursor; in milliseconds it is the year 33658.
const maxCursor = 1_000_000_000_000_000

// ParseCursor reads what Cursor.String wrote; anything else is NotFound.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	at, id, _ := strings.Cut(text, "-")
	ms, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	c := Cursor{At: time.UnixMilli(ms).UTC(), ID: n}
	if err1 != nil || err2 != nil || ms < 0 || ms > maxCursor || n < 1 || n > maxCursor || c.String() != text {
		return Cursor{}, fault.Missing()
	}
	return c, nil
}
