// Package phone plays a phone that the short messages of a shop arrive at.
package phone

import (
	"encoding/json"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/payment/alipay"
	"dashop/store/sms"
	views "dashop/views/sandbox"
	"dashop/web/sandbox/desk"
)

// What the phone remembers and takes.
const (
	maxMessages = 200
	maxSMS      = 4 << 10
)

// OnSMS is where faults strike: a message to the phone.
const OnSMS desk.Place = "sms"

// Message is a short message that arrived at the phone.
type Message struct {
	sms.Message
	At time.Time
}

// Phone is one phone for all numbers. All its methods may be called by many goroutines.
type Phone struct {
	desk *desk.Desk

	mu       sync.Mutex
	messages desk.Shelf[Message] // by the number of their arrival
	serial   int64
}

// New makes a phone without messages.
func New(d *desk.Desk) *Phone {
	d.Allow(OnSMS, desk.Hang, desk.Broken, desk.Refused, desk.ResetAfter)
	return &Phone{desk: d, messages: desk.NewShelf[Message](maxMessages)}
}

// Routes adds the phone to pages.
func (p *Phone) Routes(pages fiber.Router) {
	pages.Get("/phone", p.page)
	pages.Post("/sms", p.takeSMS)
}

var (
	mobilePattern = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	codePattern   = regexp.MustCompile(`^[0-9]{4,8}$`)
)

// takeSMS takes a message from a shop on this machine: POST /sms with id, mobile, kind (code, mobile_changed) and, for a code, code, as a
// form or as JSON. It answers {"code":"OK"}, or 422 with what is wrong. A message that is sent again arrives again, as it does with the
// real ones.
func (p *Phone) takeSMS(c *fiber.Ctx) error {
	if !c.Context().RemoteIP().IsLoopback() {
		return fiber.ErrForbidden
	}
	m, ok := smsForm(c)
	if !ok {
		return smsAnswer(c, fiber.StatusUnprocessableEntity, "isv.INVALID_PARAMETERS")
	}
	if !mobilePattern.MatchString(m.Mobile) {
		return smsAnswer(c, fiber.StatusUnprocessableEntity, "isv.MOBILE_NUMBER_ILLEGAL")
	}
	p.mu.Lock()
	hit := p.desk.Strike(OnSMS, m.Mobile)
	refused := desk.Undone(hit)
	if !refused {
		p.serial++
		p.messages.Put(strconv.FormatInt(p.serial, 10), Message{m, p.desk.Now()})
	}
	p.mu.Unlock()
	if spoilt, err := p.desk.Spoil(c, hit); spoilt {
		return err
	}
	if refused {
		return smsAnswer(c, fiber.StatusUnprocessableEntity, "isv.BUSINESS_LIMIT_CONTROL")
	}
	return smsAnswer(c, fiber.StatusOK, "OK")
}

func smsAnswer(c *fiber.Ctx, status int, code string) error {
	return c.Status(status).JSON(fiber.Map{"code": code})
}

// smsForm reads a message; false when it is none.
func smsForm(c *fiber.Ctx) (sms.Message, bool) {
	if len(c.Body()) > maxSMS {
		return sms.Message{}, false
	}
	var f struct {
		ID, Mobile, Code string
		Kind             sms.Kind
	}
	if c.Is("json") {
		if json.Unmarshal(c.Body(), &f) != nil {
			return sms.Message{}, false
		}
	} else {
		f.ID, f.Mobile, f.Code, f.Kind = c.FormValue("id"), c.FormValue("mobile"), c.FormValue("code"), sms.Kind(c.FormValue("kind"))
	}
	m := sms.Message{ID: f.ID, Mobile: f.Mobile, Kind: f.Kind, Code: f.Code}
	good := m.Kind == sms.Code && codePattern.MatchString(m.Code) || m.Kind == sms.MobileChanged && m.Code == ""
	return m, good && m.ID != "" && len(m.ID) <= 64
}

// Messages lists what arrived for a number, or for any when mobile is "", the newest first.
func (p *Phone) Messages(mobile string) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Message
	for _, m := range p.messages.Newest(maxMessages) {
		if mobile == "" || m.Mobile == mobile {
			list = append(list, m)
		}
	}
	return list
}

// page shows the messages: GET /phone with mobile to see one number's only, and refresh=off to hold the page still.
func (p *Phone) page(c *fiber.Ctx) error {
	page := views.Phone{Mobile: c.Query("mobile"), Still: c.Query("refresh") == "off", Limit: maxMessages}
	if len(page.Mobile) > 20 {
		page.Mobile = ""
	}
	for _, m := range p.Messages(page.Mobile) {
		page.Messages = append(page.Messages, views.SMS{
			Mobile: m.Mobile, Kind: string(m.Kind), Code: m.Code, Text: m.Text(p.desk.Payee()), At: alipay.FormatTime(m.At),
		})
	}
	v := p.desk.View(c)
	if !page.Still {
		v.Refresh = 5
	}
	return p.desk.Page(c, fiber.StatusOK, views.PhonePage(v, page))
}
