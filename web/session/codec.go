package session

import (
	"encoding/json"

	"dashop/store/account"
)

// The keys of a session's values; nobody outside this package sees them.
type key int

const (
	keyUser     key = iota // *account.User, which nobody changes
	keyVisitor             // string: the token under which a visitor's cart is kept
	keyBrowser             // string: the token of this browser, which captchas and logins under way belong to
	keyDraft               // draft: what was typed into a form that is shown again
	keyStranger            // account.Stranger: who has come back from a provider and is to be bound
	keyWanted              // int64: the coupon that a visitor wants to claim
	keyRemember            // bool: the cookie outlives the browser
	keyReplaces            // string: the id that this session had until now; not kept
	keyRenew               // bool: time to send the cookie again; not kept
)

// kept is the form in which a session's data lie in the database; the user has a column of its own. Programs of before
// also kept a notice in it, as "f", which is passed over.
type kept struct {
	Visitor  string            `json:"v,omitempty"`
	Browser  string            `json:"b,omitempty"`
	Draft    *draft            `json:"d,omitempty"`
	Stranger *account.Stranger `json:"s,omitempty"`
	Wanted   int64             `json:"w,omitempty"`
}

// draft is what was typed into a form; never a password.
type draft struct {
	Form   string            `json:"f"`
	Values map[string]string `json:"v"`
}

// encode gives the user and the data to keep, and says whether there is nothing to remember.
func encode(values map[any]any) (user int64, data []byte, empty bool, err error) {
	var k kept
	if u, ok := values[keyUser].(*account.User); ok {
		user = u.ID
	}
	k.Visitor, _ = values[keyVisitor].(string)
	k.Browser, _ = values[keyBrowser].(string)
	if d, ok := values[keyDraft].(draft); ok {
		k.Draft = &d
	}
	if who, ok := values[keyStranger].(account.Stranger); ok {
		k.Stranger = &who
	}
	k.Wanted, _ = values[keyWanted].(int64)
	data, err = json.Marshal(k)
	return user, data, user == 0 && k == (kept{}), err
}

func decode(s account.Session, values map[any]any) error {
	var k kept
	if err := json.Unmarshal(s.Data, &k); err != nil {
		return err
	}
	if s.User != nil {
		values[keyUser] = s.User
	}
	if k.Visitor != "" {
		values[keyVisitor] = k.Visitor
	}
	if k.Browser != "" {
		values[keyBrowser] = k.Browser
	}
	if k.Draft != nil {
		values[keyDraft] = *k.Draft
	}
	if k.Stranger != nil {
		values[keyStranger] = *k.Stranger
	}
	if k.Wanted != 0 {
		values[keyWanted] = k.Wanted
	}
	values[keyRemember] = s.Remember
	values[keyRenew] = s.NewDay
	return nil
}
