package sandbox

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/payment/alipay"
	"dashop/store/sms"
	views "dashop/views/sandbox"
)

// What the phone remembers and takes.
const (
	maxMessages = 200
	maxSMS      = 4 << 10
)

// Message is a short message that arrived at the phone.
type Message struct {
	sms.Message
	At time.Time
}

var (
	mobilePattern = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	codePattern   = regexp.MustCompile(`^[0-9]{4,8}$`)
)

// takeSMS takes a message from a shop on this machine: POST /sms with id, mobile, kind (code, mobile_changed) and, for a code, code, as a form or as
// JSON. It answers {"code":"OK"}, or 422 with what is wrong. A message that is sent again arrives again, as it does with the real ones.
func (s *Sandbox) takeSMS(c *fiber.Ctx) error {
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
	s.mu.Lock()
	hit := s.strike(OnSMS, m.Mobile)
	refused := undone(hit)
	if !refused {
		s.serial++
		s.messages.put(strconv.FormatInt(s.serial, 10), Message{m, s.now()})
	}
	s.mu.Unlock()
	if spoilt, err := s.spoil(c, hit); spoilt {
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
func (s *Sandbox) Messages(mobile string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Message
	for _, m := range s.messages.newest(maxMessages) {
		if mobile == "" || m.Mobile == mobile {
			list = append(list, m)
		}
	}
	return list
}

// phone shows the messages: GET /phone with mobile to see one number's only, and refresh=off to hold the page still.
func (s *Sandbox) phone(c *fiber.Ctx) error {
	page := views.Phone{Mobile: c.Query("mobile"), Still: c.Query("refresh") == "off", Limit: maxMessages}
	if len(page.Mobile) > 20 {
		page.Mobile = ""
	}
	for _, m := range s.Messages(page.Mobile) {
		page.Messages = append(page.Messages, views.SMS{
			Mobile: m.Mobile, Kind: string(m.Kind), Code: m.Code, Text: m.Text(s.opt.Payee), At: alipay.FormatTime(m.At),
		})
	}
	v := s.view(c)
	if !page.Still {
		v.Refresh = 5
	}
	return s.page(c, fiber.StatusOK, views.PhonePage(v, page))
}
