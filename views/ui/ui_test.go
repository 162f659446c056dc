package ui

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"dashop/static"
	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/views/locale"
)

func view() View {
	return View{
		Lang: locale.Zh, ShopName: "达达商城", User: &Who{ID: 1, Name: "小明"}, CartCount: 120, Path: "/products/1001?sku=2", Freight: 1000,
		FreeFrom: 19900,
		Now:      time.Date(2026, 11, 22, 2, 15, 0, 0, time.UTC), Admin: true, Sandbox: true, HotWords: []string{"草莓 & 牛奶"},
		Menu: []catalog.MenuGroup{{ID: 1, Name: "数码办公", NameEN: "Digital",
			Categories: []catalog.MenuCategory{{Category: catalog.Category{ID: 1, Name: "手机数码", NameEN: "Phones"}}}}},
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(render(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestMoney(t *testing.T) {
	for _, test := range []struct {
		component templ.Component
		text, fen string
	}{
		{Money(862_90, 14), "¥862.90", "86290"},
		{Money(1234567_00, 14), "¥1,234,567.00", "123456700"},
		{Money(5, 14), "¥0.05", "5"},
		{Total(199_00, 24), "¥199.00", "19900"},
		{Off(60_00, 14), "−¥60.00", "-6000"},
		{Price(view(), 2599_00, 20, false), "¥2,599", "259900"},
		{Price(view(), 474_90, 20, false), "¥474.90", "47490"},
		{Price(view(), 100_05, 20, true), "¥100.05起", "10005"},
	} {
		doc := parse(t, test.component)
		if got := strings.TrimSpace(doc.Text()); got != test.text {
			t.Errorf("got %q, want %q", got, test.text)
		}
		if got := doc.Find(".money").AttrOr("data-fen", ""); got != test.fen {
			t.Errorf("%s: data-fen %q", test.text, got)
		}
	}
	if parse(t, Payable(1, 40, false)).Find("#payable[data-fen='1']").Length() != 1 {
		t.Error("Payable has no id")
	}
	for f, want := range map[money.Fen]string{0: "¥0", 199_00: "¥199", -10: "−¥0.10"} {
		if got := Yuan(f); got != want {
			t.Errorf("Yuan(%d) = %q", f, got)
		}
	}
}

func TestPagerNumbers(t *testing.T) {
	for _, test := range []struct {
		p    Paging
		want []int
	}{
		{Paging{Page: 1, Pages: 3}, []int{1, 2, 3}},
		{Paging{Page: 2, Pages: 9}, []int{1, 2, 3, 4, 0, 9}},
		{Paging{Page: 5, Pages: 9}, []int{1, 0, 4, 5, 6, 0, 9}},
		{Paging{Page: 9, Pages: 9}, []int{1, 0, 6, 7, 8, 9}},
		{Paging{Page: 3, More: true}, []int{1, 2, 3, 4}},
		{Paging{Page: 1}, []int{1}},
	} {
		if got := test.p.numbers(); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.p, got, test.want)
		}
	}
	p := Paging{Page: 1, Pages: 2, Href: func(n int) string { return "/orders?page=" + ID(n) }, Target: "#orders"}
	doc := parse(t, Pager(view(), p))
	if doc.Find("a[aria-current=page]").Text() != "1" {
		t.Error("the current page is not marked")
	}
	if got := doc.Find("a[aria-label='下一页']").AttrOr("hx-get", ""); got != "/orders?page=2" {
		t.Errorf("next: %q", got)
	}
	if render(t, Pager(view(), Paging{Page: 1, Pages: 1})) != "" {
		t.Error("one page needs no pager")
	}
}

func TestFieldTiesItsWords(t *testing.T) {
	doc := parse(t, Field(Input{Name: "mobile", Label: "手机号", Hint: "11 位数字", Wrong: "少了一位", Value: `"><b>`}))
	input := doc.Find("input")
	if doc.Find("label").AttrOr("for", "") != input.AttrOr("id", "-") {
		t.Error("the label is not tied to the input")
	}
	about := doc.Find("#" + input.AttrOr("aria-describedby", "none"))
	if !strings.Contains(about.Text(), "少了一位") || input.AttrOr("aria-invalid", "") != "true" {
		t.Error("what is wrong is not tied to the input")
	}
	if doc.Find("b").Length() != 0 || input.AttrOr("value", "") != `"><b>` {
		t.Error("the value is not escaped")
	}
	fine := parse(t, Field(Input{Name: "mobile", Label: "手机号"})).Find("input")
	if _, bad := fine.Attr("aria-invalid"); bad {
		t.Error("a good field is marked bad")
	}
}

func TestStepperButtonsKeepTheirNames(t *testing.T) {
	doc := parse(t, Quantity(view(), Stepper{Name: "count", Value: 1, Min: 1, Max: 3, Label: "数量",
		Attrs: templ.Attributes{"id": "count-7"}}))
	if doc.Find("#count-7-less[disabled]").Length() != 1 || doc.Find("#count-7-more:not([disabled])").Length() != 1 ||
		doc.Find("input#count-7").Length() != 1 {
		t.Error(render(t, Quantity(view(), Stepper{Attrs: templ.Attributes{"id": "count-7"}})))
	}
}

func TestNotes(t *testing.T) {
	doc := parse(t, FaultNote(view(), fault.New(fault.Conflict, fault.CodePriceChanged, "价格变了")))
	if doc.Find(".note--wait[role=alert][data-code='50106']").Length() != 1 {
		t.Error("a moved price is a waiting note with its code")
	}
	if parse(t, FaultNote(view(), fault.New(fault.Invalid, 0, "不对"))).Find(".note--err[role=alert]").Length() != 1 {
		t.Error("a fault is an alert")
	}
	if parse(t, Note("ok", 0)).Find("[role=status]").Length() != 1 {
		t.Error("good news is a status")
	}
	if render(t, FaultNote(view(), nil)) != "" {
		t.Error("no fault, no note")
	}
}

func TestFlashGoesWhereItBelongs(t *testing.T) {
	v := view()
	v.Flash = &Notice{Kind: "err", Text: fault.Text{Msg: "不行"}}
	if doc := parse(t, Layout(v, Page{})); doc.Find("#notices [role=alert]").Length() != 1 || doc.Find("#toasts .toast").Length() != 0 {
		t.Error("an error stays on the page")
	}
	v.Flash = &Notice{Kind: "ok", Text: fault.Text{Msg: "好了"}, Link: &Link{"去看看", "/cart"}}
	if doc := parse(t, Layout(v, Page{})); doc.Find("#toasts a[href='/cart']").Length() != 1 || doc.Find("#notices .note").Length() != 0 {
		t.Error("good news is a toast")
	}
}

func TestBadgeNamesEachStatus(t *testing.T) {
	tones := map[order.Status]string{1: "wait", 2: "info", 3: "info", 4: "ok", 5: "ok", 6: "mute"}
	for s, tone := range tones {
		doc := parse(t, Badge(view(), s))
		if doc.Find(".badge--"+tone).Text() != s.Name() {
			t.Errorf("%d: %s", s, render(t, Badge(view(), s)))
		}
	}
}

func TestCountdown(t *testing.T) {
	v := view()
	doc := parse(t, Countdown(v, v.Now.Add(29*time.Minute+42*time.Second), true))
	if doc.Text() != "29:42" || doc.Find("[data-countdown='1782'][data-reload]").Length() != 1 {
		t.Error(render(t, Countdown(v, v.Now.Add(29*time.Minute+42*time.Second), true)))
	}
	if got := parse(t, Countdown(v, v.Now.Add(-time.Minute), false)).Text(); got != "00:00" {
		t.Errorf("after the end: %q", got)
	}
	if got := parse(t, Countdown(v, v.Now.Add(61*time.Minute), false)).Text(); got != "1:01:00" {
		t.Errorf("over an hour: %q", got)
	}
}

func TestHere(t *testing.T) {
	v := view()
	for _, test := range []struct{ path, name, value, want string }{
		{"/orders?page=2&status=1", "lang", "en", "/orders?lang=en&page=2&status=1"},
		{"/orders?lang=zh", "lang", "en", "/orders?lang=en"},
		{"/orders?page=2", "page", "", "/orders"},
		{"https://evil.example/x", "lang", "en", "/?lang=en"},
		{"//evil.example/x", "lang", "en", "/x?lang=en"},
	} {
		v.Path = test.path
		if got := v.Here(test.name, test.value); got != test.want {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
}

// TestLayouts holds what is true of every page: language, theme, one way past the head, no id twice, nothing inline.
func TestLayouts(t *testing.T) {
	for _, lang := range []locale.Lang{locale.Zh, locale.En} {
		v := view()
		v.Lang, v.Theme = lang, "dark"
		for name, page := range map[string]templ.Component{
			"layout":  Layout(v, Page{Title: "甲", Nav: "home"}),
			"bar":     Layout(v, Page{Title: "甲", BarTitle: true, ActionBar: true}),
			"back":    Layout(v, Page{Title: "甲", Back: "/categories", ActionBar: true}),
			"quiet":   Quiet(v, Page{Title: "甲"}, 2),
			"account": Account(v, Page{Title: "甲"}, "orders"),
			"admin":   Admin(v, Page{Title: "甲"}, "orders"),
		} {
			html := render(t, page)
			doc := parse(t, page)
			root := doc.Find("html")
			if root.AttrOr("lang", "") != lang.Tag() || root.AttrOr("data-theme", "") != "dark" {
				t.Errorf("%s: lang or theme missing", name)
			}
			if doc.Find(".skip[href='#main']").Length() != 1 || doc.Find("main#main").Length() != 1 {
				t.Errorf("%s: no way past the head", name)
			}
			doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
				if id := s.AttrOr("id", ""); doc.Find("[id='"+id+"']").Length() > 1 {
					t.Errorf("%s: id %s twice", name, id)
				}
			})
			if doc.Find("[style], style, script:not([src])").Length() > 0 || regexp.MustCompile(`\son[a-z]+=`).MatchString(html) {
				t.Errorf("%s: something inline", name)
			}
			doc.Find("button, a, summary, input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
				if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
					h, _ := goquery.OuterHtml(s)
					t.Errorf("%s: nothing says what this is: %s", name, h)
				}
			})
			if lang == locale.En {
				doc.Find("[lang='zh-CN'], .logo, title").Remove()
				if han := regexp.MustCompile(`[\p{Han}]+`).FindString(doc.Find("header, .foot__col, .tabbar").Text()); han != "" &&
					!strings.Contains("甲小明草莓牛奶达商城", han) {
					t.Errorf("%s: Chinese on the English page: %s", name, han)
				}
			}
		}
	}
}

func TestHeadShowsWhatOneMaySee(t *testing.T) {
	v := view()
	if doc := parse(t, Layout(v, Page{})); doc.Find(".topbar a[href='/admin']").Length() != 1 ||
		doc.Find("form[action='/logout']").Length() == 0 {
		t.Error("the merchant's people see the way to /admin and out")
	}
	v.User, v.Admin = nil, false
	doc := parse(t, Layout(v, Page{}))
	if doc.Find("a[href='/admin'], form[action='/logout']").Length() != 0 {
		t.Error("a visitor sees neither")
	}
	if got := doc.Find(".topbar a[href^='/login']").AttrOr("href", ""); got != "/login?next=%2Fproducts%2F1001%3Fsku%3D2" {
		t.Errorf("login leads back: %q", got)
	}
	if doc.Find("a[href='/search?q=%E8%8D%89%E8%8E%93+%26+%E7%89%9B%E5%A5%B6']").Length() != 1 {
		t.Error("hot words are escaped in their address")
	}
	v.Theme = ""
	if _, set := parse(t, Layout(v, Page{})).Find("html").Attr("data-theme"); set {
		t.Error("without a choice the device decides")
	}
}

func TestPickFallsBack(t *testing.T) {
	v := view()
	if v.Pick("中", "en") != "中" {
		t.Error("Chinese page")
	}
	v.Lang = locale.En
	if v.Pick("中", "en") != "en" || v.Pick("中", "") != "中" {
		t.Error("English page")
	}
}

// TestIconsExist reads every template: an icon that the sprite lacks would show as nothing.
func TestIconsExist(t *testing.T) {
	icons := static.Icons()
	use := regexp.MustCompile(`(?:\bIcon\(|Icon: |promise\(|tabBarEntry\()"([a-z0-9-]+)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil // another's editor at work
		}
		for _, m := range use.FindAllStringSubmatch(string(src), -1) {
			if !slices.Contains(icons, m[1]) {
				t.Errorf("%s: the sprite has no %s", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range groupIcons {
		if !slices.Contains(icons, name) {
			t.Errorf("the sprite has no %s", name)
		}
	}
}
