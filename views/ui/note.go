package ui

import "strconv"

func noteIcon(kind string) string {
	switch kind {
	case "ok":
		return "circle-check"
	case "wait":
		return "clock"
	case "err":
		return "circle-alert"
	}
	return "info"
}

func atMost99(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// Score writes an average score, such as 4.4.
func Score(average float64) string { return oneDecimal(average) }

func oneDecimal(score float64) string { return strconv.FormatFloat(score, 'f', 1, 64) }
