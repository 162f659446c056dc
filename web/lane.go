package web

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
)

// lane bounds how many requests of one sort are worked on at once. Who finds it full waits a moment and is then sent away
// quickly, which serves more people than letting all of them wait.
type lane chan struct{}

const laneWait = 100 * time.Millisecond

func newLane(size int) lane { return make(lane, size) }

func (l lane) enter() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
	}
	wait := time.NewTimer(laneWait)
	defer wait.Stop()
	select {
	case l <- struct{}{}:
		return true
	case <-wait.C:
		return false
	}
}

func (l lane) leave() { <-l }

// busyPage costs no template, no session and no database.
const busyPage = `<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>现在有点忙</title></head>
<body><main><h1>现在有点忙</h1><p role="alert">人有点多，请稍等几秒再试；您填的内容不会丢。</p>
<p lang="en">We are busy just now. Please try again in a few seconds.</p></main></body></html>
`

// busyNotice is the same for htmx, as a note on the page that it is on.
const busyNotice = `<div class="note note--wait" role="alert"><div class="note__text">现在有点忙，请稍等几秒再试。
<span lang="en">Busy; please try again in a few seconds.</span></div></div>
`

func busy(c *fiber.Ctx) error {
	c.Set(fiber.HeaderRetryAfter, "2")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Status(http.StatusServiceUnavailable)
	if c.Get("HX-Request") == "true" {
		c.Set("HX-Retarget", "#notices")
		c.Set("HX-Reswap", "innerHTML")
		return c.SendString(busyNotice)
	}
	return c.SendString(busyPage)
}
