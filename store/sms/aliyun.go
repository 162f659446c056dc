package sms

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// aliyunEndpoint is Aliyun's address on the mainland.
const aliyunEndpoint = "https://dysmsapi.aliyuncs.com"

// AliyunConfig is what a shop knows about its account at Aliyun SMS.
type AliyunConfig struct {
	AccessKeyID, AccessKeySecret string
	SignName                     string // 短信签名, such as 达达商城
	TemplateCode                 string // of the verification code: a template with the one variable ${code}
	NoticeTemplateCode           string // of MobileChanged: a template without variables; "": such notices are not sent, and Send says nil
	Endpoint                     string // "" means Aliyun's own
}

// aliyun sends through Aliyun SMS, action SendSms of version 2017-05-25.
type aliyun struct {
	caller
	cfg  AliyunConfig
	base *url.URL
	now  func() time.Time
}

// NewAliyun makes the Sender of a shop with an account at Aliyun.
func NewAliyun(c AliyunConfig) (Sender, error) {
	for _, need := range [][2]string{
		{"access_key_id", c.AccessKeyID}, {"access_key_secret", c.AccessKeySecret}, {"sign_name", c.SignName},
		{"template_code", c.TemplateCode},
	} {
		if need[1] == "" {
			return nil, errors.New("sms: Aliyun needs " + need[0])
		}
	}
	if c.Endpoint == "" {
		c.Endpoint = aliyunEndpoint
	}
	base, err := plainBase(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("sms: endpoint of Aliyun: %w", err)
	}
	return &aliyun{newCaller(), c, base, time.Now}, nil
}

// Send sends m through Aliyun. Aliyun does not detect repeated messages: OutId only appears in its reports.
func (a *aliyun) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	template, param := a.cfg.TemplateCode, ""
	if m.Kind == MobileChanged {
		if template = a.cfg.NoticeTemplateCode; template == "" {
			return nil
		}
	} else {
		text, err := json.Marshal(map[string]string{"code": m.Code})
		if err != nil {
			return fmt.Errorf("%w: the code cannot be written", ErrRefused)
		}
		param = string(text)
	}
	query := url.Values{"PhoneNumbers": {m.Mobile}, "SignName": {a.cfg.SignName}, "TemplateCode": {template}, "OutId": {m.ID}}
	if param != "" {
		query.Set("TemplateParam", param)
	}
	req, err := a.request(ctx, query)
	if err != nil {
		return err
	}
	status, body, err := a.do(req)
	if err != nil {
		return err
	}
	return aliyunResult(status, body)
}

// request is a signed SendSms with everything in the address, as the interface's description has it, and an empty body.
func (a *aliyun) request(ctx context.Context, query url.Values) (*http.Request, error) {
	address := *a.base
	address.RawQuery = canonicalQuery(query)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("sms: %w", withoutAddress(err))
	}
	headers := map[string]string{
		"host": a.base.Host, "x-acs-action": "SendSms", "x-acs-version": "2017-05-25", "x-acs-content-sha256": emptySum,
		"x-acs-date": a.now().UTC().Format(acsTime), "x-acs-signature-nonce": rand.Text(),
	}
	for name, value := range headers {
		if name != "host" {
			req.Header.Set(name, value)
		}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", authorization(a.cfg.AccessKeyID, a.cfg.AccessKeySecret, http.MethodPost, "/", address.RawQuery,
		headers))
	return req, nil
}

// plainCode matches a result code; anything else is not repeated in an error, since it might contain the number.
var plainCode = regexp.MustCompile(`^[A-Za-z][A-Za-z_.-]{0,79}$`)

// setupFaults are prefixes of the codes by which the gateway in front of the service refuses a wrong configuration.
var setupFaults = []string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature", "Forbidden", "NoPermission",
	"InvalidVersion", "InvalidAction", "Missing"}

// aliyunResult reads an answer. isv. codes are faults of the customer or the number and permanent; isp. codes, Throttling and unknown ones
// are temporary (codes: help.aliyun.com/document_detail/101346.html).
func aliyunResult(status int, body []byte) error {
	var answer struct{ Code string }
	if json.Unmarshal(body, &answer) != nil || !plainCode.MatchString(answer.Code) {
		return fmt.Errorf("sms: Aliyun answered %d without a readable code", status)
	}
	if status == http.StatusOK && answer.Code == "OK" {
		return nil
	}
	refused := strings.HasPrefix(answer.Code, "isv.")
	for _, fault := range setupFaults {
		refused = refused || strings.HasPrefix(answer.Code, fault)
	}
	if refused && status < 500 {
		return fmt.Errorf("%w: Aliyun answered %d %s", ErrRefused, status, answer.Code)
	}
	return fmt.Errorf("sms: Aliyun answered %d %s", status, answer.Code)
}
