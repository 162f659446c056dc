package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says which packages of the house each room may import, by prefix; a room not named here may import none.
// Arrows run downwards only: cmd → web → views → store, and inside the store as listed (design: the house).
var mayImport = map[string][]string{
	"cmd/shop":    {"web", "views/locale", "store", "sql", "static"},
	"cmd/sandbox": {"web/sandbox"},
	"cmd/bench":   nil, // it measures the shop from outside, as a program

	"web": {"web/keep", "web/respond", "web/session", "web/storefront", "web/staff", "views", "store", "static"},
	"web/storefront": {"web/form", "web/keep", "web/respond", "web/session", "web/upload", "views/page", "views/ui", "views/locale",
		"store"},
	"web/staff":   {"web/form", "web/respond", "web/session", "web/upload", "views/staff", "views/ui", "views/locale", "store"},
	"web/form":    {"web/upload", "views/ui", "store"},
	"web/keep":    {"web/respond", "web/session", "views/ui", "views/locale", "static"},
	"web/upload":  {"store"},
	"web/respond": {"web/session", "views/page", "views/ui", "views/locale", "store"},
	"web/session": {"views/ui", "store/account", "store/cart", "store/recent", "store/fault", "store/db"},

	"web/sandbox":        {"web/sandbox", "views/sandbox", "store/money"},
	"web/sandbox/desk":   {"views/sandbox", "views/locale", "store/payment/alipay", "store/money"},
	"web/sandbox/alipay": {"web/sandbox/desk", "views/sandbox", "store/payment/alipay", "store/money"},
	"web/sandbox/logins": {"web/sandbox/desk", "web/sandbox/alipay", "views/sandbox", "store/payment/alipay"},
	"web/sandbox/phone":  {"web/sandbox/desk", "views/sandbox", "store/payment/alipay", "store/sms"},

	"views/page":    {"views/ui", "views/locale", "store", "static"},
	"views/staff":   {"views/ui", "views/locale", "store", "static"},
	"views/sandbox": {"views/locale", "store/money"},
	"views/ui":      {"views/locale", "store", "static"},
	"views/locale":  {"store/fault"},
	"static":        nil,
	"sql":           nil,

	"store":                {"store"},
	"store/demo":           {"store/credits", "store/promo", "sql", "store/fault", "store/catalog", "store/search", "store/media", "store/db", "store/money"},
	"store/payment":        {"store/order", "store/payment/gateway", "store/db", "store/money", "store/fault"},
	"store/payment/alipay": {"store/payment/gateway", "store/money"},
	"store/order": {"store/coupon", "store/credits", "store/promo/sale", "store/entitlement", "store/cart", "store/promo", "store/review",
		"store/catalog", "store/stock", "store/account", "store/audit", "store/db", "store/money", "store/fault"},
	"store/cart":        {"store/promo", "store/catalog", "store/recent", "store/db", "store/money", "store/fault"},
	"store/entitlement": {"store/catalog", "store/account", "store/audit", "store/typed", "store/db", "store/fault"},
	"store/coupon": {"store/promo", "store/account", "store/audit", "store/limit", "store/typed", "store/catalog", "store/db", "store/money",
		"store/fault"},
	"store/credits":    {"store/promo", "store/account", "store/audit", "store/db", "store/money", "store/fault"},
	"store/promo":      {"store/catalog", "store/recent", "store/db", "store/money", "store/fault"},
	"store/promo/sale": {"store/promo", "store/catalog", "store/db", "store/money", "store/fault"},
	"store/promo/desk": {"store/promo", "store/promo/sale", "store/catalog", "store/catalog/desk", "store/audit", "store/typed", "store/db",
		"store/money", "store/fault"},
	"store/review":   {"store/catalog", "store/audit", "store/typed", "store/db", "store/fault"},
	"store/interest": {"store/catalog", "store/recent", "store/db", "store/fault"},
	"store/catalog/desk": {"store/catalog", "store/search", "store/stock", "store/audit", "store/job", "store/typed", "store/db",
		"store/money", "store/fault"},
	"store/catalog": {"store/search", "store/stock", "store/job", "store/recent", "store/db", "store/money", "store/fault"},
	"store/search":  {"store/typed", "store/db", "store/fault"},
	"store/account": {"store/account/captcha", "store/account/oauth", "store/limit", "store/sms", "store/job", "store/typed",
		"store/recent", "store/db", "store/fault"},
	"store/account/oauth": {"store/payment/alipay"}, // which is a leaf: the client that signs
	"store/limit":         {"store/db", "store/fault"},
	"store/sms":           nil,
	"store/stock":         {"store/audit", "store/recent", "store/db", "store/fault"},
	"store/audit":         {"store/db"},
	"store/job":           {"store/audit", "store/typed", "store/db", "store/fault"},
	"store/media":         {"store/fault"},
	"store/typed":         nil,
	"store/db":            {"sql", "store/recent", "store/fault"},
	"store/recent":        nil,
	"store/storetest":     {"store/catalog", "store/recent", "store/db", "store/money"},
	"store/money":         nil,
	"store/fault":         nil,

	"store/account/captcha": nil,

	"store/payment/gateway":             {"store/money"},
	"store/payment/gateway/gatewaytest": {"store/payment/gateway", "store/money"},
}

// fiberRooms are the only ones that know of Fiber.
var fiberRooms = []string{"web", "cmd"}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestArrowsRunDownwards(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "dashop/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	rooms := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rooms++
		checkRoom(t, p)
	}
	if rooms < 20 {
		t.Fatalf("only %d packages were seen", rooms)
	}
}

func checkRoom(t *testing.T, p listed) {
	room := strings.TrimPrefix(p.ImportPath, "dashop/")
	if room == "web/webtest" {
		return // only tests import it, as is seen to below, so it may look upwards
	}
	allowed, known := mayImport[room]
	if !known {
		t.Errorf("%s is no room of the house: add it to mayImport", room)
	}
	for _, path := range p.Imports {
		if path == "github.com/gofiber/fiber/v2" && !under(room, fiberRooms) {
			t.Errorf("%s imports Fiber; only web and cmd may", room)
		}
		inside, ours := strings.CutPrefix(path, "dashop/")
		if ours && !under(inside, allowed) {
			t.Errorf("%s imports %s; the arrow runs the wrong way", room, inside)
		}
		if strings.HasSuffix(inside, "test") && ours {
			t.Errorf("%s, which is shipped, imports %s", room, inside)
		}
	}
}

// inner are rooms below another's folder that not everybody who may import that one may import: only those who name them, and
// the floors above.
var inner = []string{"store/catalog/desk"}

// under says whether a path is one of the prefixes or lies below it. The store as a whole stands for each of its rooms
// only towards those above it.
func under(path string, prefixes []string) bool {
	for _, p := range prefixes {
		below := strings.HasPrefix(path, p+"/") && (p == "store" || !slices.Contains(inner, path))
		if path == p || below {
			return true
		}
	}
	return false
}
