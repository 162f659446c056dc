// Package money counts in fen, so that no sum of the shop is ever a float.
package money

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen (1/100 yuan). It may be negative, as a discount or a refund is.
type Fen int64

// Max is the largest amount that the shop handles: a hundred million yuan, which is also the gateways' limit for one payment.
const Max Fen = 100_000_000_00

// ErrFormat says that a text is not an amount of money in yuan with at most two decimals.
var ErrFormat = errors.New("money: not an amount in yuan")

// ErrRange says that an amount is larger than Max in size.
var ErrRange = errors.New("money: amount out of range")

// Parse reads yuan with at most two decimals, such as "12", "12.3" or "-0.05", without going through a float.
func Parse(s string) (Fen, error) {
	digits, negative := strings.CutPrefix(s, "-")
	yuan, cents, hasPoint := strings.Cut(digits, ".")
	if yuan == "" || len(yuan) > 12 || (hasPoint && (cents == "" || len(cents) > 2)) {
		return 0, ErrFormat
	}
	cents += "00"[:2-len(cents)]
	for _, r := range yuan + cents {
		if r < '0' || r > '9' {
			return 0, ErrFormat
		}
	}
	n, err := strconv.ParseInt(yuan+cents, 10, 64)
	if err != nil {
		return 0, ErrFormat
	}
	if n > int64(Max) {
		return 0, ErrRange
	}
	if negative {
		n = -n
	}
	return Fen(n), nil
}

// String writes the amount in yuan with two decimals, such as "12.30" or "-0.05".
func (f Fen) String() string {
	return string(f.Append(nil))
}

// Append writes what String gives behind b.
func (f Fen) Append(b []byte) []byte {
	n := uint64(f)
	if f < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendUint(b, n/100, 10)
	return append(b, '.', byte('0'+n%100/10), byte('0'+n%10))
}

// Times multiplies a price by a count and refuses what leaves the range of money.
func (f Fen) Times(count int64) (Fen, error) {
	if f == 0 || count == 0 {
		return 0, nil
	}
	size, times := abs(int64(f)), abs(count)
	if size < 0 || times < 0 || size > math.MaxInt64/times || size*times > int64(Max) {
		return 0, ErrRange
	}
	return Fen(int64(f) * count), nil
}

// Add adds two amounts and refuses what leaves the range of money.
func (f Fen) Add(g Fen) (Fen, error) {
	if abs(int64(f)) > int64(Max) || abs(int64(g)) > int64(Max) {
		return 0, ErrRange
	}
	if sum := f + g; sum <= Max && sum >= -Max {
		return sum, nil
	}
	return 0, ErrRange
}

// abs stays negative for the one number that has no opposite; callers refuse that.
func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
