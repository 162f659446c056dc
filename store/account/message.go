package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/sms"
)

// The kinds of the jobs SendCodeJob and MobileChangedJob.
const (
	SendCodeKind      = "send_sms"
	MobileChangedKind = "mobile_changed"
)

const (
	sendWait = 10 * time.Second // for the provider to answer
	// noticeLife is when a notice is given up; the old number should not stay in the queue for ever.
	noticeLife = 15 * time.Minute
)

// Jobs are the messages that the service sends in the background.
func (s *Service) Jobs() []job.Kind {
	const limit = sendWait + 5*time.Second
	return []job.Kind{
		{
			Name: SendCodeKind, Title: "发送短信验证码", Lane: job.Messages, Limit: limit,
			Do: func(ctx context.Context, j job.Job) error { return s.SendCodeJob(ctx, j.Payload) },
		},
		{
			Name: MobileChangedKind, Title: "通知原手机号", Lane: job.Messages, Limit: limit,
			Do: func(ctx context.Context, j job.Job) error { return s.MobileChangedJob(ctx, j.Payload) },
		},
	}
}

// SendCodeJob sends the code that a payload names, if it is still the valid one. A code for a new password is sent only to a number
// that has an account.
func (s *Service) SendCodeJob(ctx context.Context, payload string) error {
	id, err := strconv.ParseInt(payload, 10, 64)
	if err != nil {
		return fmt.Errorf("code to send: %w", err)
	}
	var c code
	if err := s.db.Get(ctx, &c, "SELECT "+codeColumns+" FROM sms_codes WHERE id = ?", id); err != nil {
		return ignoreMissing(err)
	}
	if c.UsedAt != nil || !c.ExpiresAt.After(s.clock()) {
		return nil
	}
	if newest, err := newestCode(ctx, s.db, c.Mobile, c.Purpose); err != nil || newest.ID != c.ID {
		return ignoreMissing(err)
	}
	if c.Purpose == ForReset {
		if taken, err := s.mobileTaken(ctx, c.Mobile); err != nil || !taken {
			return err
		}
	}
	return s.send(ctx, sms.Message{ID: "code-" + payload, Mobile: c.Mobile, Kind: sms.Code, Code: c.Code})
}

// notice is the payload of a MobileChangedJob. The number is no longer written anywhere else.
type notice struct {
	ID     string    `json:"id"`
	Mobile string    `json:"mobile"`
	Since  time.Time `json:"since"`
}

// notifyOldMobile queues a notice to the old number, within the transaction that changes it.
func notifyOldMobile(ctx context.Context, tx *db.Tx, userID int64, old string, now time.Time) error {
	id := fmt.Sprintf("%d-%d", userID, now.UnixMilli())
	b, err := json.Marshal(notice{ID: "mobile-" + id, Mobile: old, Since: now})
	if err != nil {
		return err
	}
	return job.Enqueue(ctx, tx, MobileChangedKind, id, string(b), now, now)
}

// MobileChangedJob tells an old number that the account has another one now.
func (s *Service) MobileChangedJob(ctx context.Context, payload string) error {
	var n notice
	if err := json.Unmarshal([]byte(payload), &n); err != nil {
		return errors.New("notice to an old mobile: unreadable payload") // without the cause, which would quote it
	}
	err := s.send(ctx, sms.Message{ID: n.ID, Mobile: n.Mobile, Kind: sms.MobileChanged})
	if err != nil && s.clock().Sub(n.Since) >= noticeLife {
		s.opt.Log.ErrorContext(ctx, "notice to an old mobile given up", "message", n.ID, "error", err)
		return nil
	}
	return err
}

// send sends a message. One that is refused for good is dropped; after any other error the job queue tries again.
func (s *Service) send(ctx context.Context, m sms.Message) error {
	if s.opt.SMS == nil {
		return errors.New("no sender of short messages")
	}
	ctx, cancel := context.WithTimeout(ctx, sendWait)
	defer cancel()
	err := s.opt.SMS.Send(ctx, m)
	if err == nil {
		return nil
	}
	// The queue logs and keeps the error, which may contain the number or the code in an address.
	secrets := []string{m.Mobile, "…"}
	if m.Code != "" {
		secrets = append(secrets, m.Code, "…")
	}
	words := strings.NewReplacer(secrets...).Replace(err.Error())
	if errors.Is(err, sms.ErrRefused) {
		s.opt.Log.WarnContext(ctx, "short message refused", "message", m.ID, "error", words)
		return nil
	}
	return fmt.Errorf("send short message %s: %s", m.ID, words)
}

// ignoreMissing turns NotFound into nil.
func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
