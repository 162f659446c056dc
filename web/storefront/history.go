package storefront

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/interest"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// History shows what one has looked at: GET /account/history.
func (p Pages) History(c *fiber.Ctx) error {
	list, err := p.Store.Interest.History(c.UserContext(), session.Of(c).UserID())
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.History(v, list) }, "history")
}

// RemoveSeen takes a product out of the history: POST /account/history/{spu}/remove.
func (p Pages) RemoveSeen(c *fiber.Ctx) error {
	id, err := form.PathID(c, "spu")
	if err == nil {
		err = p.Store.Interest.RemoveViewed(c.UserContext(), session.Of(c).UserID(), id)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/account/history")
}

// ClearHistory forgets all of it: POST /account/history/clear.
func (p Pages) ClearHistory(c *fiber.Ctx) error {
	if err := p.Store.Interest.ClearHistory(c.UserContext(), session.Of(c).UserID()); err != nil {
		return err
	}
	return respond.SeeOther(c, "/account/history")
}

// noteSeen remembers that a product was looked at: of a user in the browsing history, of a visitor in a cookie, which costs no row.
func (p Pages) noteSeen(c *fiber.Ctx, spu int64) {
	respond.Personal(c)
	if c.Method() != fiber.MethodGet || respond.IsFragment(c) {
		return // not somebody who comes to see it, or another SKU of the same product
	}
	if user := session.Of(c).UserID(); user != 0 {
		p.Store.Interest.RecordView(user, spu)
		return
	}
	before := seenByVisitor(c)
	if len(before) > 0 && before[0] == spu {
		return
	}
	now := append([]int64{spu}, slices.DeleteFunc(before, func(id int64) bool { return id == spu })...)
	texts := make([]string, 0, len(now))
	for _, id := range now[:min(len(now), interest.MaxHistory)] {
		texts = append(texts, strconv.FormatInt(id, 36))
	}
	respond.Remember(c, respond.SeenCookie, strings.Join(texts, "."), p.Secure)
}

// seenByVisitor is what the cookie tells, the newest first. Nothing that it says is believed to be more than a number.
func seenByVisitor(c *fiber.Ctx) (ids []int64) {
	text := c.Cookies(respond.SeenCookie)
	if text == "" || len(text) > 16*interest.MaxHistory {
		return nil
	}
	for part := range strings.SplitSeq(text, ".") {
		id, err := strconv.ParseInt(part, 36, 64)
		if err != nil || id < 1 || id > form.MaxNumber || len(ids) == interest.MaxHistory || slices.Contains(ids, id) {
			return nil // not one of ours
		}
		ids = append(ids, id)
	}
	return ids
}

// mergeSeen adds what a visitor has looked at to the history of the user whom the visitor turned out to be. A login never
// fails because of it.
func (p Pages) mergeSeen(c *fiber.Ctx, userID int64) {
	ids := seenByVisitor(c)
	if len(ids) == 0 {
		return
	}
	if err := p.Store.Interest.MergeHistory(c.UserContext(), userID, ids); err != nil {
		slog.WarnContext(c.UserContext(), "histories not merged", "request", respond.RequestID(c), "error", err)
		return
	}
	respond.Remember(c, respond.SeenCookie, "", p.Secure)
}
