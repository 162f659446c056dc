package session

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"dashop/store/recent"
)

// movedCookie is given for a moment to a browser with a session that has just sent a form, and names the node that took it. Any other
// node that the browser comes to meanwhile reads all anew, since it cannot know what was changed and may have kept what was before:
// so one's own moves are seen at once behind any balancer. The node itself goes on using what it keeps, which is up to date.
// The cookie proves nothing; who makes one up only has pages read anew.
const (
	movedCookie = "moved"
	movedAge    = 3   // seconds: more than anything is kept
	movedOnMany = "-" // after forms sent to more nodes than one: the name of none
)

// heedMove has a request read anew what its browser may have changed on another node.
func (s *Store) heedMove(c *fiber.Ctx) {
	if node := c.Request().Header.Cookie(s.prefix + movedCookie); len(node) > 0 && string(node) != s.node {
		c.SetUserContext(recent.Anew(c.UserContext()))
	}
}

// noteMove tells the browser that it has moved here.
func (s *Store) noteMove(w http.ResponseWriter, of *Session) {
	if m := of.ctx.Method(); m == fiber.MethodGet || m == fiber.MethodHead || of.inner.ID == "" {
		return
	}
	options, value := s.options, s.node
	if node := of.ctx.Request().Header.Cookie(s.prefix + movedCookie); len(node) > 0 && string(node) != s.node {
		value = movedOnMany
	}
	options.MaxAge = movedAge
	http.SetCookie(w, sessions.NewCookie(s.prefix+movedCookie, value, &options))
}
