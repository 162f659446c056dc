package ui

import (
	"net/url"
	"time"

	"dashop/store/fault"
	"dashop/store/order"
)

// OrderList is a page of a list of orders with the address that asks for it, for shoppers and for the merchant.
type OrderList struct {
	Path   string // /orders or /admin/orders
	Status int    // the tab; 0 for all
	Range  order.Range
	Words  string
	SPU    int64
	After  order.Cursor // the page begins behind this order; zero: it has a number
	Counts order.Counts
	Page   order.Page
	Fault  *fault.Error // what is wrong with the words
}

// Filter is what the list asks of the store, with its time range as seen at now.
func (l OrderList) Filter(now time.Time) order.Filter {
	f := order.Filter{Statuses: order.Tab(order.Status(l.Status)), Words: l.Words, SPU: l.SPU, After: l.After}
	f.From, f.To = l.Range.Bounds(now)
	return f
}

// Narrowed says whether more than a tab narrows the list.
func (l OrderList) Narrowed() bool { return l.Range != order.AnyTime || l.Words != "" || l.SPU > 0 }

// Beyond says whether the list has orders, but not on this page.
func (l OrderList) Beyond() bool {
	return len(l.Page.Orders) == 0 && (l.Page.Number > 1 || !l.After.IsZero())
}

// address is this list under other conditions, from its beginning.
func (l OrderList) address(change func(*OrderList)) string {
	l.After = order.Cursor{}
	if change != nil {
		change(&l)
	}
	return l.href("", "")
}

// href is the list at a page of it.
func (l OrderList) href(page, after string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if l.Status != 0 {
		q.Set("status", ID(l.Status))
	}
	if l.SPU > 0 {
		q.Set("spu", ID(l.SPU))
	}
	set("range", string(l.Range))
	set("q", l.Words)
	set("page", page)
	set("after", after)
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// First is the beginning of the list.
func (l OrderList) First() string { return l.href("", "") }

// All is the tab without any other condition.
func (l OrderList) All() string { return OrderList{Path: l.Path, Status: l.Status}.First() }

// Tab is the address of another tab, under the same conditions.
func (l OrderList) Tab(status int) string {
	return l.address(func(l *OrderList) { l.Status = status })
}

func (l OrderList) inRange(r order.Range) string {
	return l.address(func(l *OrderList) { l.Range = r })
}

func (l OrderList) withoutProduct() string { return l.address(func(l *OrderList) { l.SPU = 0 }) }

// next is where the page after this one is: by number as long as there are any, then by cursor.
func (l OrderList) next() string {
	if n := l.Page.Number + 1; n > 1 && n <= order.MaxPage && l.After.IsZero() {
		return l.href(ID(n), "")
	}
	return l.href("", l.Page.Next.String())
}

func (l OrderList) paging(target string) Paging {
	p := Paging{Page: l.Page.Number, More: !l.Page.Next.IsZero(), Target: target}
	if l.Page.Total <= order.CountMost {
		p.Pages = (l.Page.Total + order.PageSize - 1) / order.PageSize
	}
	p.Href = func(n int) string {
		switch {
		case n == l.Page.Number+1 && !l.Page.Next.IsZero():
			return l.next()
		case n > 1:
			return l.href(ID(n), "")
		}
		return l.First()
	}
	return p
}

// product is what to call the product that the list is narrowed to.
func (l OrderList) product(v View) string {
	for _, o := range l.Page.Orders {
		for _, it := range o.Items {
			if it.SPUID == l.SPU {
				return v.Pick(it.Name, it.NameEN)
			}
		}
	}
	return v.T("商品 %d", l.SPU)
}

// Bounded writes a number that was counted out only as far as order.CountMost.
func Bounded(n int64) string {
	if n > order.CountMost {
		return Number(order.CountMost) + "+"
	}
	return Number(n)
}
