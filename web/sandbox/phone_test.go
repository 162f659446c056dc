package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"dashop/store/sms"
)

// text posts a message as a shop would and gives the status and the code of the answer.
func (f *fixture) text(form url.Values) (int, string) {
	f.t.Helper()
	resp, err := http.PostForm(f.URL()+"/sms", form)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Code string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		f.t.Fatal(err)
	}
	return resp.StatusCode, answer.Code
}

func code(id, mobile, code string) url.Values {
	return url.Values{"id": {id}, "mobile": {mobile}, "kind": {"code"}, "code": {code}}
}

func TestPhoneShowsMessages(t *testing.T) {
	f := newFixture(t)
	b := newBuyer(t)
	b.open(f.URL() + "/phone")
	if b.status != 200 || b.doc.Find("h1").Length() != 1 || b.doc.Find("[data-mobile]").Length() != 0 {
		t.Fatalf("empty: %d", b.status)
	}
	for i, form := range []url.Values{
		code("m1", "13800138001", "123456"), code("m2", "13800138002", "234567"),
		{"id": {"m3"}, "mobile": {"13800138001"}, "kind": {"mobile_changed"}},
	} {
		if status, answer := f.text(form); status != 200 || answer != "OK" {
			t.Fatalf("message %d: %d %s", i, status, answer)
		}
		f.clock.Add(time.Second)
	}
	all := f.Phone.Messages("")
	if len(all) != 3 || all[0].ID != "m3" || all[2].Code != "123456" || all[2].Kind != sms.Code || !all[0].At.After(all[1].At) {
		t.Errorf("all: %+v", all)
	}
	if mine := f.Phone.Messages("13800138001"); len(mine) != 2 || mine[0].Kind != sms.MobileChanged || mine[1].ID != "m1" {
		t.Errorf("of one number: %+v", mine)
	}

	b.open(f.URL() + "/phone")
	if b.doc.Find("[data-mobile]").Length() != 3 || b.doc.Find("[data-mobile]").First().AttrOr("data-kind", "") != "mobile_changed" {
		t.Errorf("page: %s", b.doc.Find("main").Text())
	}
	m := b.doc.Find("[data-mobile='13800138002']")
	if m.AttrOr("data-code", "") != "234567" || m.Find(".message__code").Text() != "234567" ||
		m.Find(".message__text").Text() != "【达达商城】验证码 234567，5 分钟内有效。如非本人操作请忽略。" || !strings.Contains(m.Text(), "2026-01-02 11:04:06") {
		t.Errorf("message: %s", m.Text())
	}
	if b.doc.Find("meta[http-equiv=refresh]").AttrOr("content", "") != "5" || b.doc.Find("label[for=mobile]").Length() != 1 {
		t.Error("the page must fetch itself again, and its field be labelled")
	}
	b.open(f.URL() + "/phone?mobile=13800138002&lang=en")
	if b.doc.Find("[data-mobile]").Length() != 1 || b.doc.Find("#mobile").AttrOr("value", "") != "13800138002" {
		t.Errorf("one number: %s", b.doc.Find("main").Text())
	}
	stop, _ := b.doc.Find("#refresh-off").Attr("href")
	b.open(f.URL() + stop)
	if b.doc.Find("meta[http-equiv=refresh]").Length() != 0 || b.doc.Find("[data-mobile]").Length() != 1 ||
		b.doc.Find("html").AttrOr("lang", "") != "en" {
		t.Errorf("held still at %s", b.at)
	}
	b.open(f.URL() + "/")
	if href, _ := b.doc.Find("#phone").Attr("href"); href != "/phone" {
		t.Errorf("the state page leads to %q", href)
	}
}

func TestPhoneTakesJSONToo(t *testing.T) {
	f := newFixture(t)
	resp, err := http.Post(f.URL()+"/sms", "application/json",
		strings.NewReader(`{"id":"m1","mobile":"13800138001","kind":"code","code":"123456"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := f.Phone.Messages("13800138001"); resp.StatusCode != 200 || len(got) != 1 || got[0].Code != "123456" {
		t.Errorf("%d %+v", resp.StatusCode, got)
	}
}

func TestPhoneRefuses(t *testing.T) {
	f := newFixture(t)
	for what, form := range map[string]url.Values{
		"short number":       code("m1", "1380013800", "123456"),
		"foreign number":     code("m1", "12800138000", "123456"),
		"no id":              code("", "13800138000", "123456"),
		"long id":            code(strings.Repeat("x", 65), "13800138000", "123456"),
		"no code":            code("m1", "13800138000", ""),
		"markup as code":     code("m1", "13800138000", "<b>1</b>"),
		"unknown kind":       {"id": {"m1"}, "mobile": {"13800138000"}, "kind": {"advert"}},
		"a notice with code": {"id": {"m1"}, "mobile": {"13800138000"}, "kind": {"mobile_changed"}, "code": {"123456"}},
		"too large": {"id": {"m1"}, "mobile": {"13800138000"}, "kind": {"code"}, "code": {"123456"},
			"more": {strings.Repeat("x", 4<<10)}},
	} {
		if status, answer := f.text(form); status != 422 || !strings.HasPrefix(answer, "isv.") {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, f.URL()+"/sms", strings.NewReader(code("m1", "13800138000", "123456").Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page: %d", resp.StatusCode)
	}
	// Without a listener there is no address, so nobody can be known to be on this machine.
	req = httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(code("m1", "13800138000", "123456").Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err = f.App().Test(req); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("from elsewhere: %v %v", resp, err)
	}
	if got := f.Phone.Messages(""); len(got) != 0 {
		t.Errorf("refused, yet there: %+v", got)
	}
}

func TestPhoneForgetsTheOldest(t *testing.T) {
	f := newFixture(t)
	for i := range 205 {
		if status, _ := f.text(code("m"+strconv.Itoa(i), "13800138000", "123456")); status != 200 {
			t.Fatal(status)
		}
	}
	if got := f.Phone.Messages(""); len(got) != 200 || got[0].ID != "m204" || got[199].ID != "m5" {
		t.Errorf("%d messages, from %s", len(got), got[0].ID)
	}
}

func TestPhoneFaults(t *testing.T) {
	f := newFixture(t)
	send := func(mobile string) (int, error) {
		resp, err := http.PostForm(f.URL()+"/sms", code("m1", mobile, "123456"))
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return resp.StatusCode, err
	}
	f.inject(Fault{On: OnSMS, Kind: Broken, Times: 2, OutTradeNo: "13800138001"})
	if status, err := send("13800138002"); err != nil || status != 200 {
		t.Errorf("another number's fault: %d %v", status, err)
	}
	for _, want := range []int{502, 502, 200} {
		if status, err := send("13800138001"); err != nil || status != want {
			t.Errorf("broken: %d %v, want %d", status, err, want)
		}
	}
	f.inject(Fault{On: OnSMS, Kind: Refused, Times: 1})
	if status, _ := send("13800138001"); status != 422 || len(f.Phone.Messages("13800138001")) != 1 {
		t.Errorf("refused: %d", status)
	}
	f.inject(Fault{On: OnSMS, Kind: ResetAfter, Times: 1})
	if _, err := send("13800138001"); err == nil || len(f.Phone.Messages("13800138001")) != 2 {
		t.Errorf("taken, but not answered: %v, %d messages", err, len(f.Phone.Messages("13800138001")))
	}
	f.inject(Fault{On: OnSMS, Kind: Hang, Times: 1, Delay: 20 * time.Millisecond})
	if _, err := send("13800138001"); err == nil || len(f.Phone.Messages("13800138001")) != 2 {
		t.Errorf("hanging: %v, %d messages", err, len(f.Phone.Messages("13800138001")))
	}
}
