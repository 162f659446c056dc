package web

import (
	"net/url"
	"strings"
	"testing"

	"dashop/store/account"
	"dashop/store/storetest"
)

// Whatever a browser is given to keep, the page on privacy names.
func TestPrivacyNamesEachCookie(t *testing.T) {
	s := one(t, nil)
	s.user("xiaoming", account.Shopper)
	b := s.browser()
	given := map[string]bool{}
	note := func(res answer) {
		for _, c := range res.Cookies() {
			given[c.Name] = true
		}
	}
	add := url.Values{"sku_id": {itoa(storetest.SKU(t, s.store.DB, 1000, 50))}, "count": {"1"}}
	note(b.get("/?lang=en"))
	note(b.post("/preferences", url.Values{"theme": {"dark"}}))
	note(b.get("/products/" + itoa(product(t, s))))
	note(b.post("/cart/items", add))
	note(b.post("/login", url.Values{"username": {"xiaoming"}, "password": {"correct horse"}}))
	note(b.post("/cart/items", add))
	if len(given) < 7 {
		t.Errorf("only %v were given", given)
	}
	privacy := s.browser().get("/privacy").body
	_, names, _ := strings.Cut(privacy, "（cookie）</h2>")
	names, _, _ = strings.Cut(names, "</dl>")
	for name := range given {
		if !strings.Contains(names, "<dt>"+name+"<") && !strings.Contains(names, "<dt>"+name+",") && !strings.Contains(names, ", "+name+"</dt>") {
			t.Errorf("%s is not named", name)
		}
	}
}
