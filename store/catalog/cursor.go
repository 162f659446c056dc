package catalog

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dashop/store/fault"
	"dashop/store/search"
)

// A cursor says after which product a page begins, in an order: the order's name, the product's value in it, and its id,
// in base64 for addresses. It holds nothing that the page before did not show, and is good for its own order only.

func cursorAt(sort Sort, k key) string {
	at := k.Number
	if sort == SortNew {
		at = k.Time.UnixMilli()
	}
	return pack(string(sort), at, k.ID)
}

func hitCursor(h search.Hit) string {
	return pack(string(SortBest), int64(h.Level), int64(h.Bucket), h.SPUID)
}

func pack(sort string, numbers ...int64) string {
	for _, n := range numbers {
		sort += " " + strconv.FormatInt(n, 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(sort))
}

// unpack reads n numbers from a cursor of an order. Whatever pack did not make is NotFound.
func unpack(sort Sort, text string, n int) ([]int64, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	parts := strings.Split(string(raw), " ")
	if err != nil || len(text) > 120 || strings.ContainsAny(text, "\r\n") || len(parts) != n+1 || parts[0] != string(sort) {
		return nil, fault.Missing()
	}
	numbers := make([]int64, n)
	for i := range numbers {
		v, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil || v < 0 || v > 1_000_000_000_000_000 || fmt.Sprint(v) != parts[i+1] {
			return nil, fault.Missing()
		}
		numbers[i] = v
	}
	return numbers, nil
}

// parseAfter reads where a list goes on; nil for its beginning.
func parseAfter(sort Sort, text string) (*key, error) {
	if text == "" {
		return nil, nil
	}
	n, err := unpack(sort, text, 2)
	if err != nil {
		return nil, err
	}
	k := key{ID: n[1], Number: n[0]}
	if sort == SortNew {
		k.Time = time.UnixMilli(n[0]).UTC()
	}
	return &k, nil
}

func parseHit(text string) (*search.Hit, error) {
	if text == "" {
		return nil, nil
	}
	n, err := unpack(SortBest, text, 3)
	if err != nil || n[0] < 1 || n[0] > 3 || n[1] > 255 {
		return nil, fault.Missing()
	}
	return &search.Hit{Level: int(n[0]), Bucket: int(n[1]), SPUID: n[2]}, nil
}
