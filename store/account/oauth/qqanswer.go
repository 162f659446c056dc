package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"
)

// qqAnswer holds the plain values of an answer as text.
type qqAnswer map[string]string

// parseQQ reads the three forms in which QQ answers, with status 200 for errors too: JSON, callback( JSON ); and a=b&c=d.
func parseQQ(body []byte) (qqAnswer, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if !utf8.Valid(body) {
		return nil, errors.New("the answer is no UTF-8")
	}
	if script, ok := bytes.CutPrefix(body, []byte("callback")); ok {
		inner, open := bytes.CutPrefix(bytes.TrimSpace(script), []byte("("))
		inner, closed := bytes.CutSuffix(bytes.TrimRight(inner, " \t\r\n;"), []byte(")"))
		if !open || !closed {
			return nil, errors.New("the answer is a broken script")
		}
		return parseObject(inner)
	}
	if bytes.HasPrefix(body, []byte("{")) {
		return parseObject(body)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) == 0 || bytes.ContainsAny(body, "<>{} \r\n") {
		return nil, errors.New("the answer is in no form that is known")
	}
	a := qqAnswer{}
	for name, values := range form {
		if len(values) > 1 {
			return nil, errors.New("the answer says a thing twice")
		}
		a[name] = values[0]
	}
	return a, nil
}

// parseObject reads the strings and numbers of a JSON object; nested values are not needed.
func parseObject(text []byte) (qqAnswer, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		return nil, errors.New("the answer is no JSON object")
	}
	a := qqAnswer{}
	for name, value := range members {
		var s string
		if json.Unmarshal(value, &s) == nil && value[0] == '"' {
			a[name] = s
		} else if value[0] == '-' || value[0] >= '0' && value[0] <= '9' {
			a[name] = string(value)
		}
	}
	return a, nil
}

// fault is the number of the error in an answer, or "".
func (a qqAnswer) fault() string {
	for _, name := range []string{"error", "code"} {
		if n := a[name]; n != "" && n != "0" {
			return n
		}
	}
	if n, ok := a["ret"]; ok && n != "0" {
		return n
	}
	return ""
}

// number is the number of an error for the log; QQ's text, which may repeat what was sent, is left out.
func number(fault string) string {
	if fault == "" || len(fault) > 10 || strings.Trim(fault, "-0123456789") != "" {
		return "no number"
	}
	return fault
}
