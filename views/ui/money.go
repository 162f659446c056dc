package ui

import (
	"strconv"

	"dashop/store/money"
)

// figures is an amount of money cut for display: its sign, its whole yuan with thousands separated, and its fen.
type figures struct {
	minus, yuan, fen string
}

func cut(f money.Fen) figures {
	n := uint64(f)
	var out figures
	if f < 0 {
		out.minus = "−"
		n = -n
	}
	out.yuan = grouped(strconv.FormatUint(n/100, 10))
	out.fen = "." + strconv.FormatUint(n/10%10, 10) + strconv.FormatUint(n%10, 10)
	return out
}

// browsing leaves out ".00", as prices do where one looks around.
func browsing(f money.Fen) figures {
	out := cut(f)
	if out.fen == ".00" {
		out.fen = ""
	}
	return out
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Yuan writes an amount in a sentence, such as "¥1,199.90", or "¥199" where no fen are left over.
func Yuan(f money.Fen) string {
	x := browsing(f)
	return x.minus + "¥" + x.yuan + x.fen
}

// Exact writes an amount with its two decimals, such as "¥109.80", for buttons.
func Exact(f money.Fen) string {
	x := cut(f)
	return x.minus + "¥" + x.yuan + x.fen
}

// Number writes a count with its thousands separated.
func Number(n int64) string {
	if n < 0 {
		return "−" + grouped(strconv.FormatInt(n, 10)[1:])
	}
	return grouped(strconv.FormatInt(n, 10))
}

// Signed writes a change of a count, with its sign.
func Signed(n int64) string {
	if n > 0 {
		return "+" + Number(n)
	}
	return Number(n)
}

// ID writes an id for an attribute or a path.
func ID[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }
