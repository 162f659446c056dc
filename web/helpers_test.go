package web_test

import (
	"strconv"

	"dashop/web/webtest"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// brief is how a page begins, for messages.
func brief(p *webtest.Page) string {
	text := []rune(p.Text("main"))
	return string(text[:min(len(text), 150)])
}
