package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/account"
	"dashop/store/storetest"
)

func parse(t *testing.T, body string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func goodAddress(change ...string) url.Values {
	v := url.Values{
		"receiver": {"张小明"}, "mobile": {"138 0013 5621"}, "province_id": {"110000"}, "city_id": {"110100"}, "district_id": {"110101"},
		"place": {"景山前街 4 号院"}, "title": {"家"}, "postal_code": {"100009"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func TestAddressPages(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		other := s.user("daming", account.Shopper)
		s.user("xiaoming", account.Shopper)
		theirs := itoa(storetest.Address(t, s.store.DB, other.ID)) // brings the areas, too
		b := s.browser().login("xiaoming")

		res := b.post("/account/addresses", goodAddress())
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/account/addresses" {
			t.Fatalf("add: %d %q\n%s", res.StatusCode, res.Header.Get("Location"), res.body)
		}
		page := b.get("/account/addresses")
		if !strings.Contains(page.body, "北京市 北京市 东城区") || !strings.Contains(page.body, "138****5621") ||
			!strings.Contains(page.body, "地址已保存") {
			t.Errorf("the address is not on the page:\n%s", page.body)
		}
		href, _ := parse(t, page.body).Find(".addresses__acts a").Attr("href")
		mine, _, _ := strings.Cut(href, "#")

		res = b.post("/account/addresses", goodAddress("place", "中关村", "mobile", "123", "receiver", `<b onclick="x">`, "next",
			"/checkout?sku_id=1&count=2"))
		doc := parse(t, res.body)
		if res.StatusCode != http.StatusUnprocessableEntity || doc.Find("#f-place-wrong").Text() == "" ||
			doc.Find("#f-mobile-wrong").Text() == "" {
			t.Errorf("bad address: %d", res.StatusCode)
		}
		if got, _ := doc.Find("#f-receiver").Attr("value"); got != `<b onclick="x">` || doc.Find("b[onclick]").Length() > 0 {
			t.Errorf("what was typed came back as %q", got)
		}
		if got, _ := doc.Find("#f-district_id option[selected]").Attr("value"); got != "110101" {
			t.Errorf("the chosen district came back as %q", got)
		}
		res = b.post("/account/addresses", goodAddress("next", "/checkout?sku_id=1&count=2"))
		if got := res.Header.Get("Location"); !strings.HasPrefix(got, "/checkout?address_id=") ||
			!strings.HasSuffix(got, "&count=2&sku_id=1") {
			t.Errorf("from the confirmation page an address leads to %q", got)
		}

		if res := b.post(mine, goodAddress("receiver", "王阿姨")); res.StatusCode != http.StatusSeeOther ||
			!strings.Contains(b.get("/account/addresses").body, "王阿姨") {
			t.Errorf("edit: %d", res.StatusCode)
		}
		for _, path := range []string{"", "/delete", "/default"} {
			if res := b.post("/account/addresses/"+theirs+path, goodAddress()); res.StatusCode != http.StatusNotFound {
				t.Errorf("POST to another's address%s: %d", path, res.StatusCode)
			}
		}
		for _, id := range []string{theirs, "0", "-1", "x", "99999999999999999999", "1e3", "１"} {
			if res := b.get("/account/addresses/" + url.PathEscape(id)); res.StatusCode != http.StatusNotFound {
				t.Errorf("GET address %s: %d", id, res.StatusCode)
			}
		}
		if res := b.post(mine+"/delete", nil); res.StatusCode != http.StatusSeeOther ||
			strings.Contains(b.get("/account/addresses").body, "王阿姨") {
			t.Errorf("delete: %d", res.StatusCode)
		}
	})
}

// Without a script, the button beside the lists fills them and saves nothing.
func TestAddressFormWithoutScript(t *testing.T) {
	each(t, func(t *testing.T, s *testShop) {
		u := s.user("xiaoming", account.Shopper)
		storetest.Address(t, s.store.DB, u.ID)
		b := s.browser().login("xiaoming")
		form := url.Values{"receiver": {"张"}, "province_id": {"110000"}, "refresh": {"1"}}
		doc := parse(t, b.post("/account/addresses", form).body)
		if n := doc.Find("#f-city_id option").Length(); n != 2 {
			t.Errorf("%d cities after choosing the province", n)
		}
		form.Set("city_id", "110100")
		doc = parse(t, b.post("/account/addresses", form).body)
		if got, _ := doc.Find("#f-receiver").Attr("value"); doc.Find("#f-district_id option").Length() != 2 || got != "张" {
			t.Errorf("after choosing the city: %d districts, receiver %q", doc.Find("#f-district_id option").Length(), got)
		}
		if list, err := s.store.Account.Addresses(t.Context(), u.ID); err != nil || len(list) != 1 {
			t.Errorf("the button saved something: %v, %v", list, err)
		}
	})
}

func TestAreas(t *testing.T) {
	s := one(t, nil)
	storetest.Address(t, s.store.DB, storetest.User(t, s.store.DB, "somebody"))
	for query, want := range map[string]string{
		"parent=0": "110000", "parent=110000": "110100", "province_id=110000": "110100", "city_id=110100": "110101",
		"": "", "parent=x": "", "parent=-1": "", "province_id=": "", "parent=99": "",
	} {
		res := s.browser().get("/areas?" + query)
		doc := parse(t, "<select>"+res.body+"</select>")
		got, _ := doc.Find("select > option").Eq(1).Attr("value")
		if res.StatusCode != http.StatusOK || got != want || len(res.Cookies()) > 0 {
			t.Errorf("%s: %d, first area %q, want %q", query, res.StatusCode, got, want)
		}
		if reset := strings.Contains(res.body, "hx-partial"); reset != strings.HasPrefix(query, "province_id=1") {
			t.Errorf("%s: districts emptied: %v", query, reset)
		}
	}
}
