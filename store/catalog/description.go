package catalog

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// A description is Markdown that a merchant typed: text without pictures, links, scripts or styles.
var (
	descriptionPolicy = bluemonday.NewPolicy().AllowElements(
		"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "h5", "h6", "blockquote", "code", "pre", "hr")

	// paramLine is a line of the list that ends a description: - **重量**：182g.
	paramLine = regexp.MustCompile(`^\s*[-*] \*\*(.+?)\*\*[：:]\s*(.+?)\s*$`)
)

// describe turns a description into safe HTML and the facts in the list at its end.
func describe(markdown string) (html string, params []Param) {
	lines := strings.Split(strings.TrimSpace(markdown), "\n")
	for len(lines) > 0 {
		m := paramLine.FindStringSubmatch(lines[len(lines)-1])
		if m == nil {
			break
		}
		params = append([]Param{{Name: m[1], Value: m[2]}}, params...)
		lines = lines[:len(lines)-1]
	}
	return strings.TrimSpace(Prose(strings.Join(lines, "\n"))), params
}
