package web_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"dashop/store/account"
	"dashop/web"
	"dashop/web/webtest"
)

// extras are fields that no form of the shop has, called as columns of its tables are. A form that has a field of such a name
// keeps its own.
var extras = map[string]string{
	"role": "owner", "Role": "owner", "user.role": "owner", "is_admin": "true", "disabled": "true", "password_hash": "x",
	"deleted_at": "1999-01-01 00:00:00",
	"created_at": "1999-01-01 00:00:00", "paid_at": "1999-01-01 00:00:00", "user_id": "2", "UserID": "2", "actor_id": "2",
	"publisher_id": "2", "id": "2", "version": "98765",
	"price": "98765", "price_fen": "98765", "cost_fen": "98765", "market_fen": "98765", "min_price_fen": "98765",
	"unit_fen": "98765", "goods_fen": "98765",
	"freight_fen": "98765", "discount_fen": "98765", "payable_fen": "98765", "amount_fen": "98765", "quantity": "98765",
	"sold": "98765", "sales": "98765",
	"score_5": "98765", "held": "98765", "reviewed_count": "98765", "status": "98", "is_launched": "false", "is_hidden": "true",
	"reply": "98765", "trade_no": "98765",
}

// sample is a form as its page sends it, and what it is for.
type sample struct {
	as     string            // who sends it: a user's name, or "" for a stranger
	page   string            // the page on which the form stands; "" for none, then set is the form
	at     string            // where it is sent, if that is not the route's path as it stands
	set    map[string]string // what is filled in
	status int
	may    string // what it may change: "table.column", "table.*", and "table+" or "table-" for rows that come and go
}

const (
	anyProduct   = " spus.version spus.held catalog_version.* "
	wholeGoods   = anyProduct + " spus.* skus.* "
	anyPromotion = " promotions.version promotion_version.* catalog_version.* "
	orderMoved   = " orders.status orders.held payments.held "
	orderClosed  = orderMoved + " orders.cancel_reason orders.ended_at payments.status payments.closed_at payments.open_key payments.next_query_at stocks.quantity stocks.sold spus.in_stock spus.sales "
)

// samples has one form for each route of a form. One that is missing fails TestExtraFieldsChangeNothing.
func samples(s *webtest.Shop) map[string]sample {
	unpaid, toCancel, toShip, toRemind := s.Order(xiaoming, 100102, 1), s.Order(xiaoming, 100102, 1), s.Order(xiaoming, 100102, 1),
		s.Order(xiaoming, 100102, 1)
	toReceive, toReview := s.Order(xiaoming, 100102, 1), s.Order(xiaoming, 100202, 1)
	for _, no := range []string{toShip, toRemind, toReceive} {
		s.Pay(xiaoming, no)
	}
	if err := s.Store.Order.Ship(context.Background(), 2, toReceive, "sf", "SF100200300"); err != nil {
		s.T.Fatal(err)
	}
	s.Receive(xiaoming, toReview)
	s.User("leaver", account.Shopper)
	s.User("changer", account.Shopper)
	own := s.Text("SELECT username FROM users WHERE id = ?", xiaoming)
	review := itoa(s.Int("SELECT MAX(id) FROM reviews"))
	owner := s.Login("owner")
	owner.Get("/admin/products/new")
	owner.Press("下一步：款式、图片和库存", "name", "围巾", "category_id", "10101", "brand_id", "1", "new_spec", "颜色", "new_options", "雾蓝，炭灰")
	made := owner.Page.URL.Path
	running, draft := promotions(s)
	toWithdraw, toDelete := "/admin/promotions/"+itoa(running), "/admin/promotions/"+itoa(draft)
	_, draft = promotions(s)
	toSave := "/admin/promotions/" + itoa(draft)
	free := itoa(s.Int("SELECT MAX(category_id) FROM channels WHERE group_id = 2"))
	s.Exec("DELETE FROM channels WHERE group_id = 2")
	return map[string]sample{
		"POST /products/:spu/favourite": {as: own, at: "/products/1001/favourite", status: 303,
			may: "users.favourites users.held"},
		"POST /products/:spu/favourite/remove": {as: own, at: "/products/1001/favourite/remove", status: 303,
			may: "users.favourites users.held"},
		"POST /coupons/code":           {as: own, set: map[string]string{"code": "NOSUCHCODE"}, status: 422},
		"POST /coupons/:coupon/claim":  {as: own, at: "/coupons/1/claim", status: 303, may: "coupons.claimed user_coupons+ users.held"},
		"POST /preferences":            {set: map[string]string{"theme": "dark"}, status: 303},
		"POST /cart/items":             {as: own, set: map[string]string{"sku_id": "100101", "count": "1"}, status: 303},
		"POST /cart/items/:sku":        {as: own, at: "/cart/items/100101", set: map[string]string{"count": "2"}, status: 303},
		"POST /cart/items/:sku/remove": {as: own, at: "/cart/items/100101/remove", status: 303},
		"POST /cart/gone/remove":       {as: own, status: 303},
		"POST /cart/selection":         {as: own, set: map[string]string{"selected": "true"}, status: 303},
		"POST /cart/items/:sku/spec":   {as: own, at: "/cart/items/100101/spec", set: map[string]string{"to": "100103"}, status: 303},
		"POST /cart/ticked/remove":     {as: own, status: 303},
		"POST /cart/ticked/favour":     {as: own, status: 303, may: "users.favourites users.held"},
		"POST /cart/undo":              {as: own, set: map[string]string{"token": "x"}, status: 303},
		"POST /cart/merge":             {as: own, status: 303},
		"POST /captcha":                {set: map[string]string{"form": "/register"}, status: 303},
		"POST /sms-codes":              {set: map[string]string{"purpose": "register", "mobile": newMobile}, status: 422},
		"POST /login": {set: map[string]string{"username": own, "password": account.DemoPassword},
			status: 303},
		"POST /logout":          {as: own, status: 303},
		"POST /password/forgot": {set: map[string]string{"mobile": newMobile}, status: 422},
		"POST /password/reset": {set: map[string]string{"mobile": newMobile, "password": newPassword,
			"password2": newPassword}, status: 422},
		"POST /oauth/bind": {status: 303},
		"POST /account": {as: own, page: "/account/profile", set: map[string]string{"nickname": "明明"},
			status: 303, may: "users.nickname users.held reviews.author"},
		"POST /account/identities/:provider/remove": {as: own, at: "/account/identities/qq/remove", status: 404},
		"POST /account/sessions":                    {as: own, set: map[string]string{"id": ""}, status: 303},
		"POST /account/password": {as: "changer", set: map[string]string{"old_password": account.DemoPassword,
			"password": newPassword, "password2": newPassword}, status: 303, may: "users.password_hash users.held"},
		"POST /account/mobile":              {as: own, set: map[string]string{"mobile": newMobile}, status: 422},
		"POST /account/history/clear":       {as: own, status: 303, may: "users.history_cleared_at users.held"},
		"POST /account/history/:spu/remove": {as: own, at: "/account/history/1001/remove", status: 303, may: "users.held"},
		"POST /account/delete": {as: "leaver", set: map[string]string{"password": account.DemoPassword, "sure": "true"}, status: 303,
			may: "users.username users.nickname users.mobile users.avatar users.password_hash users.disabled users.deleted_at users.held"},
		"POST /account/addresses": {as: own, set: map[string]string{"receiver": "王明", "mobile": "13900001111",
			"province_id": "330000", "city_id": "330100", "district_id": "330106", "place": "文三路 478 号"},
			status: 303, may: "addresses+ users.held"},
		"POST /account/addresses/:id": {as: own, at: "/account/addresses/1", page: "/account/addresses/1",
			set: map[string]string{"receiver": "王小明"}, status: 303,
			may: "addresses.receiver users.held"},
		"POST /account/addresses/:id/default": {as: own, at: "/account/addresses/1/default", status: 303,
			may: "addresses.is_default users.held"},
		"POST /account/addresses/:id/delete": {as: own, at: "/account/addresses/2/delete", status: 303,
			may: "addresses.deleted_at addresses.is_default users.held"},
		"POST /checkout/quote": {as: own, set: map[string]string{"sku_id": "100101", "count": "1"}, status: 200},
		"POST /orders": {as: own, page: "/checkout?sku_id=100102&count=1", status: 303,
			may: "orders+ order_items+ order_shares+ stocks.quantity stocks.sold spus.sales spus.in_stock skus.held users.held addresses.held"},
		"POST /orders/:no/pay": {as: own, at: "/orders/" + unpaid + "/pay",
			set: map[string]string{"method": "alipay"}, status: 303, may: "payments+ orders.held"},
		"POST /orders/:no/cancel": {as: own, at: "/orders/" + toCancel + "/cancel", status: 303, may: orderClosed},
		"POST /orders/:no/receipt": {as: own, at: "/orders/" + toReceive + "/receipt", status: 303,
			may: orderMoved + "orders.received_at orders.review_due orders.receipt_due"},
		"POST /orders/:no/remind": {as: own, at: "/orders/" + toRemind + "/remind", status: 303,
			may: "orders.reminded_at orders.held"},
		"POST /orders/:no/reorder": {as: own, at: "/orders/" + toReview + "/reorder", status: 303},
		"POST /orders/:no/review": {as: own, at: "/orders/" + toReview + "/review",
			page: "/orders/" + toReview + "/review", set: map[string]string{"score": "4", "comment": "不错"}, status: 303,
			may: orderMoved + "users.held orders.reviewed_count orders.ended_at order_items.reviewed_at reviews+ spus.score_4 skus.score_4"},
		"POST /payments/:provider/notify": {at: "/payments/alipay/notify",
			set: map[string]string{"out_trade_no": unpaid, "trade_status": "TRADE_SUCCESS", "sign": "x"}, status: 200},
		"POST /admin/orders/:no/ship": {as: "owner", at: "/admin/orders/" + toShip + "/ship",
			set: map[string]string{"carrier": "sf", "tracking_no": "SF1002003004"}, status: 303,
			may: orderMoved + "orders.shipped_at orders.receipt_due shipments+"},
		"POST /admin/products": {as: "owner", page: "/admin/products/new",
			set: map[string]string{"name": "新货", "category_id": "10101", "brand_id": "1"}, status: 303,
			may: "spus+ brands.held categories.held"},
		"POST /admin/products/:spu": {as: "owner", at: "/admin/products/1005", page: "/admin/products/1005",
			set: map[string]string{"caption": "新句"}, status: 303,
			may: anyProduct + "spus.caption spus.sales brands.held categories.held skus.held"},
		"POST /admin/products/:spu/delete": {as: "owner", at: made + "/delete", set: map[string]string{"version": "99"},
			status: 409},
		"POST /admin/products/:spu/specs": {as: "owner", at: "/admin/products/1005/specs", page: "/admin/products/1005",
			status: 303, may: anyProduct},
		"POST /admin/products/:spu/skus": {as: "owner", at: made + "/skus", page: made,
			set: map[string]string{"do": "all", "price": "77"}, status: 303,
			may: anyProduct + "skus+ spus.min_price_fen spus.max_price_fen spus.market_fen"},
		"POST /admin/products/:spu/skus/:sku/remove": {as: "owner", at: "/admin/products/1005/skus/100501/remove", status: 303,
			may: wholeGoods},
		"POST /admin/products/:spu/pictures":      {as: "owner", at: "/admin/products/1005/pictures", status: 422},
		"POST /admin/products/:spu/pictures/move": {as: "owner", at: "/admin/products/1001/pictures/move", status: 404},
		"POST /admin/products/:spu/stock": {as: "owner", at: "/admin/products/1002/stock",
			set:    map[string]string{"do": "receive", "sku_id": "100202", "pieces": "3", "delivery": "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
			status: 303, may: "stocks.quantity spus.in_stock skus.held"},
		"POST /admin/categories": {as: "owner", set: map[string]string{"name": "新类", "parent_id": "101",
			"sequence": "7"}, status: 303, may: "categories+ categories.held"},
		"POST /admin/categories/:category": {as: "owner", at: "/admin/categories/10101", page: "/admin/categories/10101",
			set: map[string]string{"name": "新名"}, status: 303, may: "categories.name categories.version categories.held spus.held"},
		"POST /admin/categories/:category/delete": {as: "owner", at: "/admin/categories/5/delete", page: "/admin/categories/5",
			status: 409},
		"POST /admin/credits": {as: "owner", page: "/admin/credits?username=xiaoming",
			set: map[string]string{"amount": "5", "reason": "补偿"}, status: 303,
			may: "credits+ credits.balance credits.entries credit_entries+ users.held"},
		"POST /admin/brands": {as: "owner", set: map[string]string{"name": "新牌"}, status: 303, may: "brands+"},
		"POST /admin/brands/:brand": {as: "owner", at: "/admin/brands/1", page: "/admin/brands/1",
			set: map[string]string{"name": "好牌"}, status: 303, may: "brands.name brands.version brands.held spus.held"},
		"POST /admin/brands/:brand/delete": {as: "owner", at: "/admin/brands/1/delete", page: "/admin/brands/1", status: 409},
		"POST /admin/channels": {as: "owner", set: map[string]string{"name": "新组", "sequence": "7",
			"channel_1": free}, status: 303, may: "channel_groups+ categories.held"},
		"POST /admin/channels/:group": {as: "owner", at: "/admin/channels/1", page: "/admin/channels/1",
			set: map[string]string{"name": "好组"}, status: 303, may: "channel_groups.name channel_groups.version categories.held"},
		"POST /admin/channels/:group/delete": {as: "owner", at: "/admin/channels/2/delete", page: "/admin/channels/2",
			status: 303, may: "channel_groups-"},
		"POST /admin/promotions": {as: "owner", set: map[string]string{"kind": "reduction", "name": "新活动", "starts_at": "2026-03-04T00:00",
			"ends_at": "2036-03-04T00:00", "scope": "all", "from_1": "100", "off_1": "10", "do": "publish"}, status: 303,
			may: "promotions+ promotion_steps+" + anyPromotion},
		"POST /admin/promotions/:promotion": {as: "owner", at: toSave, page: toSave, set: map[string]string{"name": "好活动", "do": "save"}, status: 303,
			may: "promotions.name promotion_steps+ promotion_steps-" + anyPromotion},
		"POST /admin/promotions/:promotion/withdraw": {as: "owner", at: toWithdraw + "/withdraw", page: toWithdraw, status: 303,
			may: "promotions.ends_at" + anyPromotion},
		"POST /admin/promotions/:promotion/delete": {as: "owner", at: toDelete + "/delete", page: toDelete, status: 303,
			may: "promotions- promotion_steps-" + anyPromotion},
		"POST /admin/coupons": {as: "owner", set: map[string]string{"name": "新券", "kind": "fixed", "off": "5", "scope": "all", "way": "public",
			"per_person": "1", "starts_at": "2026-03-04T00:00", "ends_at": "2026-04-04T00:00"}, status: 303, may: "coupons+"},
		"POST /admin/coupons/:coupon": {as: "owner", at: "/admin/coupons/5", page: "/admin/coupons/5",
			set: map[string]string{"name": "好券"}, status: 303, may: "coupons.name coupons.version"},
		"POST /admin/coupons/:coupon/delete": {as: "owner", at: "/admin/coupons/9/delete", page: "/admin/coupons/9", status: 303,
			may: "coupons- coupon_targets-"},
		"POST /admin/coupons/:coupon/give": {as: "owner", at: "/admin/coupons/8/give",
			set: map[string]string{"username": own, "reason": "补偿"}, status: 303, may: "coupons.claimed user_coupons+ users.held"},
		"POST /admin/ads": {as: "owner", set: map[string]string{"title": "新广告", "text": "字",
			"place": "search_hot_word", "target_type": "search", "sequence": "7"}, status: 303, may: "ads+"},
		"POST /admin/ads/:ad": {as: "owner", at: "/admin/ads/7", page: "/admin/ads/7",
			set: map[string]string{"title": "好广告"}, status: 303, may: "ads.title ads.version"},
		"POST /admin/ads/:ad/delete": {as: "owner", at: "/admin/ads/8/delete", page: "/admin/ads/8", status: 303,
			may: "ads-"},
		"POST /admin/jobs/:id/retry":   {as: "owner", at: "/admin/jobs/999999/retry", status: 303},
		"POST /admin/jobs/:id/give-up": {as: "owner", at: "/admin/jobs/999999/give-up", status: 303},
		"POST /admin/reviews/:id/reply": {as: "owner", at: "/admin/reviews/" + review + "/reply",
			set: map[string]string{"reply": "谢谢"}, status: 303, may: "reviews.reply reviews.replied_at"},
		"POST /admin/reviews/:id/hide": {as: "owner", at: "/admin/reviews/" + review + "/hide",
			set: map[string]string{"reason": "广告"}, status: 303, may: "reviews.is_hidden reviews.hidden_reason spus.* skus.*"},
		"POST /admin/reviews/:id/unhide": {as: "owner", at: "/admin/reviews/" + review + "/unhide", status: 303,
			may: "reviews.is_hidden reviews.hidden_reason spus.* skus.*"},
	}
}

// Fields that a form does not have, in its body or its address, change nothing: neither who somebody is, nor what something
// costs, nor where it stands, nor whose it is. Nor does an address that names the form's own fields with other values. Each form
// does what it is for meanwhile.
func TestExtraFieldsChangeNothing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Store.Sweep(context.Background()) // opens the demo's sale, which a changed product would otherwise enter on its own
		table, err := web.Table(s.Deps)
		if err != nil {
			t.Fatal(err)
		}
		forms := samples(s)
		for _, r := range table {
			key := r.Method + " " + r.Path
			f, known := forms[key]
			switch {
			case r.Method != http.MethodPost || key == "POST /register":
				continue // registering takes a code: TestNobodyRegistersAsMore
			case !known:
				t.Errorf("%s has no sample", key)
				continue
			}
			b := s.Visitor()
			if f.as != "" {
				b = s.Login(f.as)
			}
			path := f.at
			if path == "" {
				path = r.Path
			}
			form := url.Values{}
			if f.page != "" {
				selector := "form[action='" + path + "'][method=post]"
				if !b.Get(f.page).Has(selector) {
					t.Errorf("%s: no such form on %s (%d)", key, f.page, b.Page.Status)
					continue
				}
				form = b.Page.Form(selector)
			}
			for name, value := range f.set {
				form.Set(name, value)
			}
			more := withExtras(form)
			before := protected(t, s)
			query := url.Values{} // all fields again, the form's own with other values
			for name := range form {
				query.Set(name, cmp.Or(more.Get(name), "98765"))
			}
			p, err := b.Send(http.MethodPost, path+"?"+query.Encode(), form)
			if err != nil || p.Status != f.status {
				t.Errorf("%s: %d, want %d: %s (%v)", key, p.Status, f.status, p.Text("[role=alert], .field__wrong"), err)
			}
			wantChanges(t, key, before, protected(t, s), f.may, more)
		}
	})
}

// withExtras adds the extras to a form, but for the fields that it has itself, and gives them alone.
func withExtras(form url.Values) (added url.Values) {
	added = url.Values{}
	for name, value := range extras {
		if _, own := form[name]; !own {
			added.Set(name, value)
			form.Set(name, value)
		}
	}
	return added
}

// Somebody who registers is a shopper, whatever else the form says.
func TestNobodyRegistersAsMore(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Visitor()
		b.Get("/register")
		code := askCode(t, s, b, newMobile)
		form := url.Values{"username": {"li_lei"}, "mobile": {newMobile}, "sms_code": {code}, "password": {newPassword},
			"password2": {newPassword}, "allow": {"true"}}
		more := withExtras(form)
		before := protected(t, s)
		p, err := b.Send(http.MethodPost, "/register?"+more.Encode(), form)
		if err != nil || p.Status != http.StatusSeeOther {
			t.Errorf("register: %d, %s (%v)", p.Status, p.Alert(), err)
		}
		wantChanges(t, "POST /register", before, protected(t, s), "users+", more)
		if role := s.Text("SELECT role FROM users WHERE username = 'li_lei'"); role != string(account.Shopper) {
			t.Errorf("somebody registered as %s", role)
		}
	})
}

// rows are the rows of a table by their key, each by column.
type rows map[string]map[string]string

// protectedKeys are the tables that nobody changes by a field that a form does not have, with their keys.
var protectedKeys = map[string][]string{
	"users": {"id"}, "orders": {"id"}, "order_items": {"order_id", "line"}, "order_shares": {"order_id", "line", "seq"},
	"payments": {"id"}, "refunds": {"id"}, "shipments": {"id"}, "addresses": {"id"}, "reviews": {"id"},
	"spus": {"id"}, "skus": {"id"}, "stocks": {"sku_id"}, "categories": {"id"}, "brands": {"id"}, "channel_groups": {"id"},
	"ads": {"id"}, "identities": {"id"},
}

// protected reads the protected tables whole.
func protected(t *testing.T, s *webtest.Shop) map[string]rows {
	t.Helper()
	_, read := s.DB.Pools()
	all := map[string]rows{}
	for table, key := range protectedKeys {
		all[table] = rows{}
		list, err := read.QueryxContext(context.Background(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		for list.Next() {
			row := map[string]any{}
			if err := list.MapScan(row); err != nil {
				t.Fatal(err)
			}
			texts, id := map[string]string{}, ""
			for column, value := range row {
				if text, ok := value.([]byte); ok {
					value = string(text)
				}
				texts[column] = fmt.Sprint(value)
			}
			for _, column := range key {
				id += " " + texts[column]
			}
			all[table][id] = texts
		}
		if err := list.Err(); err != nil {
			t.Fatal(err)
		}
		_ = list.Close()
	}
	return all
}

// wantChanges finds what a form changed that it may not, and new rows that have the value of an extra field.
func wantChanges(t *testing.T, form string, before, after map[string]rows, may string, added url.Values) {
	t.Helper()
	allowed := strings.Fields(may)
	for table := range protectedKeys {
		for id, old := range before[table] {
			row, there := after[table][id]
			if !there && !slices.Contains(allowed, table+"-") {
				t.Errorf("%s removed row%s of %s", form, id, table)
			}
			for _, column := range slices.Sorted(maps.Keys(row)) {
				if row[column] != old[column] && !slices.Contains(allowed, table+"."+column) && !slices.Contains(allowed, table+".*") {
					t.Errorf("%s changed %s.%s of row%s from %q to %q", form, table, column, id, old[column], row[column])
				}
				if row[column] != old[column] && added.Get(column) == row[column] && added.Has(column) {
					t.Errorf("%s took %s.%s from a field that it does not have", form, table, column)
				}
			}
		}
		for id, row := range after[table] {
			if _, old := before[table][id]; old {
				continue
			}
			if !slices.Contains(allowed, table+"+") {
				t.Errorf("%s made a row%s of %s", form, id, table)
			}
			for column, value := range row {
				if added.Has(column) && (value == added.Get(column) || strings.HasPrefix(value, "1999-01-01")) {
					t.Errorf("%s took %s.%s of a new row from a field that it does not have", form, table, column)
				}
			}
		}
	}
}
