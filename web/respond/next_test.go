package respond

import "testing"

func TestNext(t *testing.T) {
	for raw, want := range map[string]string{
		"/":                            "/",
		"/orders?status=1&page=2":      "/orders?status=1&page=2",
		"/search?q=%E8%80%B3%E6%9C%BA": "/search?q=%E8%80%B3%E6%9C%BA",
		"/search?q=耳机":                 "/search?q=耳机",
		"/cart#top":                    "/cart",
		"/products/1?sku=2":            "/products/1?sku=2",

		"":                              "/",
		"orders":                        "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		"/\\evil.example":               "/",
		"\\\\evil.example":              "/",
		"/%5cevil.example":              "/",
		"/%2fevil.example":              "/",
		"https://evil.example/":         "/",
		"https:evil.example":            "/",
		"javascript:alert(1)":           "/",
		"/a\r\nSet-Cookie:x=1":          "/",
		"/a%0d%0aSet-Cookie:x=1":        "/",
		"/\t/evil.example":              "/",
		" /cart":                        "/",
		"@evil.example":                 "/",
		"http:///evil.example":          "/",
		"/login?next=/login":            "/",
		"/logout":                       "/",
		"/" + string(make([]byte, 600)): "/",
	} {
		if got := Next(raw); got != want {
			t.Errorf("Next(%q) = %q, want %q", raw, got, want)
		}
	}
}
