package storefront

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Addresses shows the address book: GET /account/addresses.
func (p Pages) Addresses(c *fiber.Ctx) error {
	return p.showAddresses(c, http.StatusOK, page.AddressesPage{ShowNew: c.Query("new") != ""}, account.AddressInput{})
}

// Address shows the address book with one address to edit: GET /account/addresses/{id}.
func (p Pages) Address(c *fiber.Ctx) error {
	id, err := form.PathID(c, "id")
	if err != nil {
		return err
	}
	a, err := p.Store.Account.Address(c.UserContext(), nil, session.Of(c).UserID(), id)
	if err != nil {
		return err
	}
	return p.showAddresses(c, http.StatusOK, page.AddressesPage{Editing: id}, a.Input())
}

// AddAddress keeps a new address: POST /account/addresses.
func (p Pages) AddAddress(c *fiber.Ctx) error {
	in := parseAddress(c)
	if refreshes(c) {
		return p.showAddresses(c, http.StatusOK, page.AddressesPage{ShowNew: true}, in)
	}
	id, err := p.Store.Account.AddAddress(c.UserContext(), session.Of(c).UserID(), in)
	if fault.Is(err, fault.Invalid) {
		return p.showAddresses(c, http.StatusUnprocessableEntity, page.AddressesPage{ShowNew: true, Fault: fault.Of(err)}, in)
	}
	if err != nil {
		return err
	}
	return afterAddress(c, "地址已保存", id)
}

// EditAddress changes an address: POST /account/addresses/{id}.
func (p Pages) EditAddress(c *fiber.Ctx) error {
	id, err := form.PathID(c, "id")
	if err != nil {
		return err
	}
	in, user := parseAddress(c), session.Of(c).UserID()
	if refreshes(c) {
		_, err = p.Store.Account.Address(c.UserContext(), nil, user, id)
	} else {
		err = p.Store.Account.EditAddress(c.UserContext(), user, id, in)
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return p.showAddresses(c, http.StatusUnprocessableEntity, page.AddressesPage{Editing: id, Fault: fault.Of(err)}, in)
	case err != nil:
		return err
	case refreshes(c):
		return p.showAddresses(c, http.StatusOK, page.AddressesPage{Editing: id}, in)
	}
	return afterAddress(c, "地址已保存", id)
}

// DeleteAddress takes an address out of the book: POST /account/addresses/{id}/delete.
func (p Pages) DeleteAddress(c *fiber.Ctx) error {
	id, err := form.PathID(c, "id")
	if err == nil {
		err = p.Store.Account.DeleteAddress(c.UserContext(), session.Of(c).UserID(), id)
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "地址已删除")
	return respond.SeeOther(c, page.AddressesHref(addressNext(c)))
}

// DefaultAddress makes an address the one chosen first: POST /account/addresses/{id}/default.
func (p Pages) DefaultAddress(c *fiber.Ctx) error {
	id, err := form.PathID(c, "id")
	if err == nil {
		err = p.Store.Account.SetDefault(c.UserContext(), session.Of(c).UserID(), id)
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "默认地址已更改")
	return respond.SeeOther(c, page.AddressesHref(addressNext(c)))
}

// Areas answers with the areas under another as entries of a list: GET /areas?parent=. The lists of the form, which send
// their own names, are understood too.
func (p Pages) Areas(c *fiber.Ctx) error {
	reset := c.Query("province_id") != ""
	parent, ok := form.Number(first(c.Query("parent"), c.Query("province_id"), c.Query("city_id"), "0"))
	var areas []account.Area
	if chosen := parent != 0 || c.Query("parent") == "0"; ok && chosen {
		var err error
		if areas, err = p.Store.Account.Areas(c.UserContext(), parent); err != nil {
			return err
		}
	}
	return respond.Part(c, page.AreaOptions(respond.View(c), areas, reset))
}

func (p Pages) showAddresses(c *fiber.Ctx, status int, a page.AddressesPage, in account.AddressInput) error {
	var err error
	if a.List, err = p.Store.Account.Addresses(c.UserContext(), session.Of(c).UserID()); err != nil {
		return err
	}
	if a.Form, err = p.Store.Account.AddressForm(c.UserContext(), in); err != nil {
		return err
	}
	a.Next = addressNext(c)
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Addresses(v, a) }, "")
}

func parseAddress(c *fiber.Ctx) account.AddressInput {
	area := func(name string) int64 {
		id, _ := form.Number(form.Value(c, name)) // 0 is chosen by nobody, and so a fault of that field
		return id
	}
	text := func(name string) string { return strings.ToValidUTF8(form.Value(c, name), "") }
	return account.AddressInput{
		Receiver: text("receiver"), Mobile: text("mobile"), Place: text("place"), Title: text("title"), PostalCode: text("postal_code"),
		ProvinceID: area("province_id"), CityID: area("city_id"), DistrictID: area("district_id"),
		Default: form.Value(c, "default") == "true",
	}
}

// refreshes says that without a script the lists of cities and districts are to be filled, and nothing to be saved.
func refreshes(c *fiber.Ctx) bool { return form.Value(c, "refresh") != "" }

// addressNext is where saving an address leads on to, or "" for the address book.
func addressNext(c *fiber.Ctx) string {
	if next := respond.Next(form.Value(c, "next")); next != "/" {
		return next
	}
	return ""
}

// afterAddress leads on after saving; the confirmation page gets the address chosen.
func afterAddress(c *fiber.Ctx, said string, id int64) error {
	next := addressNext(c)
	if next == "" {
		session.Of(c).Flash("ok", said)
		return respond.SeeOther(c, "/account/addresses")
	}
	if u, err := url.Parse(next); err == nil && u.Path == "/checkout" {
		q := u.Query()
		q.Set("address_id", ui.ID(id))
		next = u.Path + "?" + q.Encode()
	}
	return respond.SeeOther(c, next)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
