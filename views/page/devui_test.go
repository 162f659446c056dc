package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dashop/views/locale"
	"dashop/views/ui"
)

// TestDevUI renders every shared part at once: one heading of the page, no id twice, a label for each field.
func TestDevUI(t *testing.T) {
	v := ui.View{Lang: locale.Zh, ShopName: "达达商城", Path: "/dev/ui", Now: time.Date(2026, 11, 22, 2, 15, 0, 0, time.UTC)}
	var b strings.Builder
	if err := DevUI(v).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d headings of the page", n)
	}
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id] {
			t.Errorf("id %s twice", id)
		}
		seen[id] = true
	})
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		labelled := s.AttrOr("aria-label", "") != "" || s.Closest("label").Length() > 0 ||
			doc.Find("label[for='"+s.AttrOr("id", "-")+"']").Length() > 0
		if !labelled {
			t.Errorf("no label for %s", s.AttrOr("name", "?"))
		}
	})
	for _, part := range []string{".btn--main", ".money--40", ".field", ".check--mixed", ".spec--out", ".qty", ".choice--off",
		".badge--wait", ".note--err", ".toast", ".dialog", ".tabs", ".pager", ".sorts", ".path", ".tiles", ".crumbs", ".empty", ".opath",
		".timeline", ".sum", ".why", ".price-note", ".pcard--out", ".table", ".cats"} {
		if doc.Find(part).Length() == 0 {
			t.Errorf("does not show %s", part)
		}
	}
}
