package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"dashop/store/account"
	"dashop/store/storetest"
	"dashop/web"
	"dashop/web/webtest"
)

// The sorts of routes by who may call them.
const (
	forAll   = "everybody"
	forUsers = "who is logged in"
	forClerk = "owner and staff"
	forDesk  = "owner, staff and support"
	forGate  = "the gateway"
)

// rule says what a route answers. The address it is called with names an order and an address of xiaoming's; answer is
// what those who may call the route get, theirs what other users get where that differs since nothing of it is theirs.
type rule struct {
	who    string
	answer int
	theirs int
	login  leads
}

// leads says whether a page that everybody may ask for leads to the login page all the same.
type leads int

const (
	never leads = iota
	strangers
	always
)

// rules has every route of the shop. A route that is not here fails TestRoutes.
var rules = map[string]rule{
	"GET /":                                      {who: forAll, answer: 200},
	"GET /categories":                            {who: forAll, answer: 200},
	"GET /categories/:id":                        {who: forAll, answer: 200},
	"GET /search":                                {who: forAll, answer: 200},
	"GET /search/suggest":                        {who: forAll, answer: 200},
	"GET /flash":                                 {who: forAll, answer: 200},
	"GET /products/:spu":                         {who: forAll, answer: 200},
	"GET /promotions/:promotion":                 {who: forAll, answer: 200},
	"GET /media/*":                               {who: forAll, answer: 200},
	"POST /preferences":                          {who: forAll, answer: 303},
	"GET /coupons":                               {who: forAll, answer: 200},
	"POST /coupons/code":                         {who: forUsers, answer: 422},
	"POST /coupons/:coupon/claim":                {who: forAll, answer: 303, login: strangers},
	"GET /cart":                                  {who: forAll, answer: 200},
	"POST /cart/items":                           {who: forAll, answer: 422},
	"POST /cart/items/:sku":                      {who: forAll, answer: 422},
	"POST /cart/items/:sku/remove":               {who: forAll, answer: 303},
	"POST /cart/gone/remove":                     {who: forAll, answer: 303},
	"POST /cart/selection":                       {who: forAll, answer: 422},
	"POST /cart/items/:sku/spec":                 {who: forAll, answer: 422},
	"POST /cart/ticked/remove":                   {who: forAll, answer: 303},
	"POST /cart/ticked/favour":                   {who: forUsers, answer: 303},
	"POST /cart/undo":                            {who: forAll, answer: 303},
	"POST /cart/merge":                           {who: forUsers, answer: 303},
	"POST /login":                                {who: forAll, answer: 422},
	"GET /areas":                                 {who: forAll, answer: 200},
	"GET /payments/:provider/return":             {who: forAll, answer: 422},
	"POST /payments/:provider/notify":            {who: forGate, answer: 200},
	"GET /dev/ui":                                {who: forAll, answer: 200}, // in development only
	"GET /account":                               {who: forUsers, answer: 200},
	"GET /account/addresses":                     {who: forUsers, answer: 200},
	"POST /account/addresses":                    {who: forUsers, answer: 422},
	"GET /checkout":                              {who: forUsers, answer: 200},
	"POST /checkout/quote":                       {who: forUsers, answer: 200},
	"POST /orders":                               {who: forUsers, answer: 422},
	"GET /orders":                                {who: forUsers, answer: 200},
	"GET /admin":                                 {who: forClerk, answer: 303},
	"GET /admin/orders":                          {who: forClerk, answer: 200},
	"GET /admin/orders/:no":                      {who: forClerk, answer: 200},
	"POST /admin/orders/:no/ship":                {who: forClerk, answer: 422},
	"GET /admin/products":                        {who: forClerk, answer: 200},
	"GET /admin/products/:spu":                   {who: forClerk, answer: 200},
	"POST /admin/products/:spu":                  {who: forClerk, answer: 409}, // without the version that the form shows
	"GET /admin/products/new":                    {who: forClerk, answer: 200},
	"POST /admin/products":                       {who: forClerk, answer: 422},
	"POST /admin/products/:spu/delete":           {who: forClerk, answer: 409},
	"POST /admin/products/:spu/specs":            {who: forClerk, answer: 409},
	"POST /admin/products/:spu/skus":             {who: forClerk, answer: 422},
	"POST /admin/products/:spu/skus/:sku/remove": {who: forClerk, answer: 303},
	"POST /admin/products/:spu/pictures":         {who: forClerk, answer: 422},
	"POST /admin/products/:spu/pictures/move":    {who: forClerk, answer: 404},
	"GET /admin/categories":                      {who: forClerk, answer: 200},
	"POST /admin/categories":                     {who: forClerk, answer: 422},
	"GET /admin/categories/new":                  {who: forClerk, answer: 200},
	"GET /admin/categories/:category":            {who: forClerk, answer: 200},
	"POST /admin/categories/:category":           {who: forClerk, answer: 422},
	"POST /admin/categories/:category/delete":    {who: forClerk, answer: 409},
	"GET /admin/credits":                         {who: forClerk, answer: 200},
	"POST /admin/credits":                        {who: forClerk, answer: 422},
	"GET /admin/brands":                          {who: forClerk, answer: 200},
	"POST /admin/brands":                         {who: forClerk, answer: 422},
	"GET /admin/brands/new":                      {who: forClerk, answer: 200},
	"GET /admin/brands/:brand":                   {who: forClerk, answer: 200},
	"POST /admin/brands/:brand":                  {who: forClerk, answer: 422},
	"POST /admin/brands/:brand/delete":           {who: forClerk, answer: 409},
	"GET /admin/channels":                        {who: forClerk, answer: 200},
	"POST /admin/channels":                       {who: forClerk, answer: 422},
	"GET /admin/channels/new":                    {who: forClerk, answer: 200},
	"GET /admin/channels/:group":                 {who: forClerk, answer: 200},
	"POST /admin/channels/:group":                {who: forClerk, answer: 422},
	"POST /admin/channels/:group/delete":         {who: forClerk, answer: 409},
	"GET /admin/promotions":                      {who: forClerk, answer: 200},
	"POST /admin/promotions":                     {who: forClerk, answer: 422},
	"GET /admin/promotions/new":                  {who: forClerk, answer: 200},
	"GET /admin/promotions/trial":                {who: forClerk, answer: 200},
	"GET /admin/promotions/:promotion":           {who: forClerk, answer: 200},
	"POST /admin/promotions/:promotion":          {who: forClerk, answer: 409}, // without the version that the form shows
	"POST /admin/promotions/:promotion/withdraw": {who: forClerk, answer: 409},
	"POST /admin/promotions/:promotion/delete":   {who: forClerk, answer: 409},
	"GET /admin/coupons":                         {who: forClerk, answer: 200},
	"POST /admin/coupons":                        {who: forClerk, answer: 422},
	"GET /admin/coupons/new":                     {who: forClerk, answer: 200},
	"GET /admin/coupons/:coupon":                 {who: forClerk, answer: 200},
	"POST /admin/coupons/:coupon":                {who: forClerk, answer: 422},
	"POST /admin/coupons/:coupon/delete":         {who: forClerk, answer: 409},
	"POST /admin/coupons/:coupon/give":           {who: forClerk, answer: 422},
	"GET /admin/ads":                             {who: forClerk, answer: 200},
	"POST /admin/ads":                            {who: forClerk, answer: 422},
	"GET /admin/ads/new":                         {who: forClerk, answer: 200},
	"GET /admin/ads/:ad":                         {who: forClerk, answer: 200},
	"POST /admin/ads/:ad":                        {who: forClerk, answer: 422},
	"POST /admin/ads/:ad/delete":                 {who: forClerk, answer: 409},
	"POST /admin/products/:spu/stock":            {who: forClerk, answer: 404},
	"GET /admin/searches":                        {who: forClerk, answer: 200},
	"GET /admin/jobs":                            {who: forClerk, answer: 200},
	"POST /admin/jobs/:id/retry":                 {who: forClerk, answer: 303},
	"POST /admin/jobs/:id/give-up":               {who: forClerk, answer: 303},
	"GET /admin/refunds":                         {who: forClerk, answer: 200},
	"GET /login":                                 {who: forAll, answer: 200, theirs: 303},
	"POST /logout":                               {who: forAll, answer: 303},
	"GET /register":                              {who: forAll, answer: 200, theirs: 303},
	"POST /register":                             {who: forAll, answer: 422},
	"GET /register/check":                        {who: forAll, answer: 200},
	"GET /captcha/:id":                           {who: forAll, answer: 404}, // of another browser
	"POST /captcha":                              {who: forAll, answer: 404},
	"POST /sms-codes":                            {who: forAll, answer: 422},
	"GET /password/forgot":                       {who: forAll, answer: 200},
	"POST /password/forgot":                      {who: forAll, answer: 422},
	"GET /password/reset":                        {who: forAll, answer: 200},
	"POST /password/reset":                       {who: forAll, answer: 422},
	"GET /oauth/bind":                            {who: forAll, answer: 303, login: always}, // nobody is to be bound
	"POST /oauth/bind":                           {who: forAll, answer: 303, login: always},
	"GET /oauth/:provider/start":                 {who: forAll, answer: 303},
	"GET /oauth/:provider/callback":              {who: forAll, answer: 303, login: strangers},
	"POST /account":                              {who: forUsers, answer: 422},
	"GET /account/profile":                       {who: forUsers, answer: 200},
	"POST /account/identities/:provider/remove":  {who: forUsers, answer: 404}, // none is bound
	"GET /account/sessions":                      {who: forUsers, answer: 200},
	"POST /account/sessions":                     {who: forUsers, answer: 303},
	"GET /account/password":                      {who: forUsers, answer: 200},
	"POST /account/password":                     {who: forUsers, answer: 422},
	"GET /account/mobile":                        {who: forUsers, answer: 200},
	"POST /account/mobile":                       {who: forUsers, answer: 422},
	"GET /account/history":                       {who: forUsers, answer: 200},
	"POST /account/history/clear":                {who: forUsers, answer: 303},
	"POST /account/history/:spu/remove":          {who: forUsers, answer: 303},
	"GET /account/coupons":                       {who: forUsers, answer: 200},
	"GET /account/credits":                       {who: forUsers, answer: 200},
	"GET /account/purchases":                     {who: forUsers, answer: 200},
	"GET /account/delete":                        {who: forUsers, answer: 200},
	"POST /account/delete":                       {who: forUsers, answer: 422},
	"GET /terms":                                 {who: forAll, answer: 200},
	"GET /privacy":                               {who: forAll, answer: 200},
	"GET /orders/:no":                            {who: forUsers, answer: 200, theirs: 404},
	"GET /orders/:no/pay":                        {who: forUsers, answer: 200, theirs: 404},
	"POST /orders/:no/pay":                       {who: forUsers, answer: 422, theirs: 404},
	"GET /orders/:no/pay/:provider":              {who: forUsers, answer: 303, theirs: 404},
	"GET /orders/:no/pay/:provider/code.png":     {who: forUsers, answer: 404, theirs: 404},
	"GET /orders/:no/status":                     {who: forUsers, answer: 303, theirs: 404},
	"GET /orders/:no/result":                     {who: forUsers, answer: 200, theirs: 404},
	"POST /orders/:no/remind":                    {who: forUsers, answer: 409, theirs: 404},
	"POST /orders/:no/receipt":                   {who: forUsers, answer: 409, theirs: 404},
	"POST /orders/:no/reorder":                   {who: forUsers, answer: 303, theirs: 404},
	"POST /orders/:no/cancel":                    {who: forUsers, answer: 303, theirs: 404},
	"GET /account/addresses/:id":                 {who: forUsers, answer: 200, theirs: 404},
	"POST /account/addresses/:id":                {who: forUsers, answer: 422, theirs: 404},
	"POST /account/addresses/:id/default":        {who: forUsers, answer: 303, theirs: 404},
	"POST /account/addresses/:id/delete":         {who: forUsers, answer: 303, theirs: 404},
	"GET /products/:spu/reviews":                 {who: forAll, answer: 200},
	"POST /products/:spu/favourite":              {who: forUsers, answer: 303},
	"POST /products/:spu/favourite/remove":       {who: forUsers, answer: 303},
	"GET /sitemap.xml":                           {who: forAll, answer: 200},
	"GET /sitemap/categories.xml":                {who: forAll, answer: 200},
	"GET /sitemap/products/:after.xml":           {who: forAll, answer: 200},
	"GET /account/reviews":                       {who: forUsers, answer: 200},
	"GET /account/favourites":                    {who: forUsers, answer: 200},
	"GET /orders/:no/review":                     {who: forUsers, answer: 409, theirs: 404},
	"POST /orders/:no/review":                    {who: forUsers, answer: 409, theirs: 404},
	"GET /admin/reviews":                         {who: forDesk, answer: 200},
	"POST /admin/reviews/:id/reply":              {who: forClerk, answer: 422},
	"POST /admin/reviews/:id/hide":               {who: forClerk, answer: 422},
	"POST /admin/reviews/:id/unhide":             {who: forClerk, answer: 303},

	"GET /account/purchases/:spu":                 {who: forUsers, answer: 404, theirs: 404},
	"GET /account/purchases/:spu/files/:material": {who: forUsers, answer: 404, theirs: 404},
}

// unruled are the routes that no rule speaks of, and rules that speak of no route.
func unruled(table []web.Route) (strays []string) {
	seen := map[string]bool{}
	for _, r := range table {
		key := r.Method + " " + r.Path
		if seen[key] = true; rules[key] == (rule{}) {
			strays = append(strays, key)
		}
	}
	for key := range rules {
		if !seen[key] {
			strays = append(strays, key+" (gone)")
		}
	}
	return strays
}

// roles are all callers: a stranger, another shopper, and the merchant's people.
var roles = []account.Role{"", account.Shopper, account.Support, account.Publisher, account.Staff, account.Owner}

// asks says whether a stranger is asked to log in first.
func (r rule) asks() bool { return r.who == forUsers || r.who == forClerk || r.who == forDesk }

// expected is what a route answers to a caller; xiaoming, to whom the order belongs, is no caller in this sense.
func (r rule) expected(role account.Role) int {
	switch {
	case role == "" && r.asks():
		return http.StatusSeeOther
	case r.who == forDesk && role != account.Owner && role != account.Staff && role != account.Support:
		return http.StatusForbidden
	case r.who == forClerk && role != account.Owner && role != account.Staff:
		return http.StatusForbidden
	case r.theirs != 0 && role != "":
		return r.theirs
	}
	return r.answer
}

// toLogin says whether a caller is led to the login page.
func (r rule) toLogin(role account.Role) bool {
	return r.login == always || role == "" && (r.login == strangers || r.asks())
}

// Each route, called with ids of somebody else's, answers to each caller as its rule says, and changes nothing of what is
// not the caller's.
func TestRoutes(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		table, err := web.Table(s.Deps)
		if err != nil {
			t.Fatal(err)
		}
		if strays := unruled(table); len(strays) > 0 {
			t.Fatalf("routes without a rule: %v", strays)
		}
		s.Exec("UPDATE addresses SET receiver = '欧阳明', place = '秘密路 77 号'")
		no := s.Order(xiaoming, 100102, 2)
		running, _ := promotions(s)
		path := strings.NewReplacer(":promotion", itoa(running), ":coupon", "1", "/admin/products/:spu/skus/:sku", "/admin/products/1005/skus/100501", ":category", "5", ":brand", "1",
			":group", "1", ":ad", "1", ":no", no, ":id", itoa(s.Int("SELECT MAX(id) FROM addresses WHERE user_id = ?", xiaoming)),
			":spu", "1001", ":sku", "100101", ":provider", "alipay", ":after", "0", "*", "images/products/1001-1.webp")
		before := remains(t, s)
		for _, role := range roles {
			b := s.Visitor()
			if role != "" {
				s.User("other-"+string(role), role)
				b = s.Login("other-" + string(role))
			}
			for _, r := range table {
				if r.Method+" "+r.Path == "POST /logout" && role != "" {
					continue // it works, as TestLogout shows, and would end this walk
				}
				callRoute(t, b, r, path.Replace(r.Path), role)
			}
		}
		after := remains(t, s)
		sessions := len(after) - 1 // the last row counts them; the callers have theirs
		if diff := cmp.Diff(before[:len(before)-1], after[:sessions]); diff != "" {
			t.Errorf("strangers changed what is not theirs:\n%s", diff)
		}
		walkAsOwner(t, s, table, path)
	})
}

func callRoute(t *testing.T, b *webtest.Browser, r web.Route, path string, role account.Role) {
	t.Helper()
	want := rules[r.Method+" "+r.Path]
	p, err := b.Send(r.Method, address(r, path), form(r))
	if err != nil {
		t.Errorf("%s %s as %q: %v", r.Method, path, role, err)
		return
	}
	status := want.expected(role)
	toLogin := strings.HasPrefix(p.Header.Get("Location"), "/login")
	switch {
	case p.Status != status:
		t.Errorf("%s %s as %q: %d, want %d: %s", r.Method, path, role, p.Status, status, brief(p))
	case toLogin != want.toLogin(role):
		t.Errorf("%s %s as %q leads to %q", r.Method, path, role, p.Header.Get("Location"))
	case role != account.Owner && role != account.Staff && (strings.Contains(p.Body, "欧阳") || strings.Contains(p.Body, "秘密路")):
		t.Errorf("%s %s as %q tells of xiaoming's address", r.Method, path, role)
	case r.Who.IsGateway() && p.Body != "fail":
		t.Errorf("%s %s answers %q", r.Method, path, p.Body)
	case want.who != forGate && r.Who.Admits(role) != (status != http.StatusForbidden && (!toLogin || want.login != never)):
		t.Errorf("%s %s as %q: the table and the rule differ", r.Method, path, role)
	}
	// htmx is led to the login page by a header, since it would follow a redirect by itself.
	if toLogin && want.login == never {
		h, err := b.Send(r.Method, path, form(r), "HX-Request", "true", "HX-Request-Type", "partial")
		if err != nil || h.Status != http.StatusUnauthorized || !strings.HasPrefix(h.Header.Get("HX-Redirect"), "/login") ||
			h.Body != "" && h.Has("h1") {
			t.Errorf("%s %s by htmx: %d %v, %v", r.Method, path, h.Status, h.Header, err)
		}
	}
}

// address adds what a route needs in its query to have something to show.
func address(r web.Route, path string) string {
	switch r.Method + " " + r.Path {
	case "GET /checkout":
		return path + "?sku_id=100101&count=1"
	case "GET /search", "GET /search/suggest":
		return path + "?q=" + url.QueryEscape("手机")
	}
	return path
}

// form is an empty form for a POST, but where a route needs something to have a page to show.
func form(r web.Route) url.Values {
	switch {
	case r.Method == http.MethodGet:
		return nil
	case r.Path == "/checkout/quote" || r.Path == "/orders":
		return url.Values{"sku_id": {"100101"}, "count": {"1"}}
	}
	return url.Values{}
}

// walkAsOwner lets xiaoming do what nobody else could, what ends something last.
func walkAsOwner(t *testing.T, s *webtest.Shop, table []web.Route, path *strings.Replacer) {
	t.Helper()
	b := s.Login("xiaoming")
	last := []string{"POST /orders/:no/cancel", "POST /account/addresses/:id/delete", "POST /logout"}
	for _, ending := range []bool{false, true} {
		for _, r := range table {
			want := rules[r.Method+" "+r.Path]
			if slices.Contains(last, r.Method+" "+r.Path) != ending || want.who == forClerk || want.who == forDesk {
				continue
			}
			status := want.answer
			if key := r.Method + " " + r.Path; key == "GET /login" || key == "GET /register" {
				status = want.theirs
			}
			p, err := b.Send(r.Method, address(r, path.Replace(r.Path)), form(r))
			if err != nil || p.Status != status {
				t.Errorf("%s %s as the one it belongs to: %d, want %d (%v)", r.Method, r.Path, p.Status, status, err)
			}
		}
	}
}

// A route that was put into the table and not into the rules is found, and one without a rule of its own lets nobody in.
func TestAPlantedRouteIsFound(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	table, err := web.Table(s.Deps)
	if err != nil {
		t.Fatal(err)
	}
	planted := web.Route{Method: http.MethodGet, Path: "/planted", Handler: func(c *fiber.Ctx) error { return c.SendString("come in") }}
	if got := unruled(append(table, planted)); !slices.Equal(got, []string{"GET /planted"}) {
		t.Errorf("strays: %v", got)
	}
	for _, role := range roles {
		if planted.Who.Admits(role) {
			t.Errorf("a route without a rule lets in %q", role)
		}
	}
}

// Another's order and one that never was look the same, to the byte.
func TestAnothersOrderIsAsIfItWereNot(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no, never := s.Order(xiaoming, 100102, 1), "20260304000000000000"
		s.User("curious", account.Shopper)
		b := s.Login("curious")
		for _, header := range [][]string{nil, {"HX-Request", "true", "HX-Request-Type", "partial"}} {
			for _, r := range []string{"GET ", "GET /pay", "POST /pay", "GET /pay/alipay", "GET /status", "GET /result", "POST /cancel",
				"POST /receipt", "POST /remind", "POST /reorder", "GET /review", "POST /review"} {
				method, part, _ := strings.Cut(r, " ")
				seen := map[string]string{}
				for _, order := range []string{no, never} {
					var fields url.Values
					if method == http.MethodPost {
						fields = url.Values{"method": {"alipay"}}
					}
					p, err := b.Send(method, "/orders/"+order+part, fields, header...)
					if err != nil || p.Status != http.StatusNotFound {
						t.Fatalf("%s: %d, %v", r, p.Status, err)
					}
					p.Header.Del("X-Request-Id")
					p.Header.Del("Date")
					var head strings.Builder
					_ = p.Header.Write(&head)
					// The time at which a cookie ends is the time of the answer, as Date is.
					seen[order] = regexp.MustCompile("Expires=[^;]+").ReplaceAllString(head.String(), "") + strings.NewReplacer(order, "NO").Replace(p.Body)
				}
				if diff := cmp.Diff(seen[no], seen[never]); diff != "" {
					t.Errorf("%s %v: another's order and one that is not there differ:\n%s", r, header, diff)
				}
			}
		}
	})
}

// No form on another site can do anything here, whoever is logged in.
func TestCrossSiteFormsChangeNothing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		table, err := web.Table(s.Deps)
		if err != nil {
			t.Fatal(err)
		}
		no := s.Order(xiaoming, 100102, 1)
		paid := s.Order(xiaoming, 100102, 1)
		s.Pay(xiaoming, paid)
		victim, owner := s.Login("xiaoming"), s.Login("owner")
		victim.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
		running, _ := promotions(s)
		path := strings.NewReplacer(":promotion", itoa(running), ":coupon", "1", ":spu", "1001", ":category", "5", ":brand", "1", ":group", "1", ":ad", "1", "/admin/orders/:no",
			"/admin/orders/"+paid, ":no", no, ":id", itoa(s.Int("SELECT MAX(id) FROM addresses")), ":sku", "100101")
		fields := url.Values{"count": {"3"}, "sku_id": {"100102"}, "selected": {"false"}, "theme": {"dark"}, "method": {"alipay"},
			"username": {"xiaoming"},
			"password": {account.DemoPassword}, "carrier": {"sf"}, "tracking_no": {"SF1"}}
		before := remains(t, s)
		for _, r := range table {
			if r.Method != http.MethodPost || r.Who.IsGateway() {
				continue
			}
			for _, header := range [][]string{
				{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
				{"Sec-Fetch-Site", "same-site", "Origin", s.Sandbox.URL()}, // another port of this host
				{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
				{"Sec-Fetch-Site", "", "Origin", "null"},
				{"Sec-Fetch-Site", "", "Origin", "", "Referer", ""},
				{"Sec-Fetch-Site", "cross-site", "HX-Request", "true", "HX-Request-Type", "partial"},
			} {
				for _, b := range []*webtest.Browser{victim, owner} {
					p, err := b.Send(r.Method, path.Replace(r.Path), fields, header...)
					if err != nil || p.Status != http.StatusForbidden || len(p.Header.Values("Set-Cookie")) > 0 {
						t.Errorf("POST %s with %v: %d, %v", r.Path, header, p.Status, err)
					}
				}
			}
		}
		if diff := cmp.Diff(before, remains(t, s)); diff != "" {
			t.Errorf("forms on other sites changed:\n%s", diff)
		}
		storetest.CheckBooks(t, s.DB)
	})
}
