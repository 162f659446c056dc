package session

import (
	"encoding/json"
	"fmt"

	"dashop/store/account"
	"dashop/store/fault"
)

// The keys of a session's values; nobody outside this package sees them.
type key int

const (
	keyUser     key = iota // account.User
	keyVisitor             // string: the token under which a visitor's cart is kept
	keyFlash               // flash
	keyBrowser             // string: the token of this browser, which captchas and logins under way belong to
	keyDraft               // draft: what was typed into a form that is shown again
	keyStranger            // account.Stranger: who has come back from a provider and is to be bound
	keyRemember            // bool: the cookie outlives the browser
	keyReplaces            // string: the id that this session had until now; not kept
	keyRenew               // bool: time to send the cookie again; not kept
)

// kept is the form in which a session's data lie in the database; the user has a column of its own.
type kept struct {
	Visitor  string            `json:"v,omitempty"`
	Browser  string            `json:"b,omitempty"`
	Flash    *flash            `json:"f,omitempty"`
	Draft    *draft            `json:"d,omitempty"`
	Stranger *account.Stranger `json:"s,omitempty"`
}

// draft is what was typed into a form; never a password.
type draft struct {
	Form   string            `json:"f"`
	Values map[string]string `json:"v"`
}

type flash struct {
	Kind string  `json:"k"`
	Code int     `json:"c,omitempty"`
	Text message `json:"t"`
}

// message is a fault.Text whose arguments keep their types on the way through JSON.
type message struct {
	Msg  string     `json:"m"`
	Args []argument `json:"a,omitempty"`
}

type argument struct {
	Int    *int64   `json:"i,omitempty"`
	String *string  `json:"s,omitempty"`
	Text   *message `json:"t,omitempty"`
}

func toMessage(t fault.Text) message {
	m := message{Msg: t.Msg}
	for _, a := range t.Args {
		var arg argument
		switch a := a.(type) {
		case fault.Text:
			inner := toMessage(a)
			arg.Text = &inner
		case int:
			n := int64(a)
			arg.Int = &n
		case int64:
			arg.Int = &a
		default: // text, and what writes itself as text, such as money
			s := fmt.Sprint(a)
			arg.String = &s
		}
		m.Args = append(m.Args, arg)
	}
	return m
}

func (m message) text() fault.Text {
	t := fault.Text{Msg: m.Msg}
	for _, a := range m.Args {
		switch {
		case a.Text != nil:
			t.Args = append(t.Args, a.Text.text())
		case a.Int != nil:
			t.Args = append(t.Args, *a.Int)
		case a.String != nil:
			t.Args = append(t.Args, *a.String)
		}
	}
	return t
}

// encode gives the user and the data to keep, and says whether there is nothing to remember.
func encode(values map[any]any) (user int64, data []byte, empty bool, err error) {
	var k kept
	if u, ok := values[keyUser].(account.User); ok {
		user = u.ID
	}
	k.Visitor, _ = values[keyVisitor].(string)
	k.Browser, _ = values[keyBrowser].(string)
	if f, ok := values[keyFlash].(flash); ok {
		k.Flash = &f
	}
	if d, ok := values[keyDraft].(draft); ok {
		k.Draft = &d
	}
	if who, ok := values[keyStranger].(account.Stranger); ok {
		k.Stranger = &who
	}
	data, err = json.Marshal(k)
	return user, data, user == 0 && k == (kept{}), err
}

func decode(s account.Session, values map[any]any) error {
	var k kept
	if err := json.Unmarshal(s.Data, &k); err != nil {
		return err
	}
	if s.User != nil {
		values[keyUser] = *s.User
	}
	if k.Visitor != "" {
		values[keyVisitor] = k.Visitor
	}
	if k.Browser != "" {
		values[keyBrowser] = k.Browser
	}
	if k.Flash != nil {
		values[keyFlash] = *k.Flash
	}
	if k.Draft != nil {
		values[keyDraft] = *k.Draft
	}
	if k.Stranger != nil {
		values[keyStranger] = *k.Stranger
	}
	values[keyRemember] = s.Remember
	values[keyRenew] = s.NewDay
	return nil
}
