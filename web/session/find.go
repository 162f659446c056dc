package session

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/gorilla/securecookie"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/recent"
)

// mostSeen is how many cookies' meanings are kept for a moment.
const mostSeen = 10_000

// found is what a cookie was found to mean. Of one that means nothing all is empty. Nobody changes it, since it may be kept.
type found struct {
	id     string
	kept   account.Session
	values map[any]any
}

// lookUp finds the session that a cookie names. What is forged, expired or ended means nothing; an error means that the database
// could not be asked.
func (s *Store) lookUp(ctx context.Context, cookie []byte) (found, error) {
	f, _, err := s.read(ctx, string(cookie))
	return f, orNothing(err)
}

// glance is lookUp for somebody who only looks around: it may be a second old in what other nodes have done. What this node has done
// counts at once. A cookie that was looked up a moment ago is found by its text, which is signed as a whole: nothing has to be
// verified, decrypted or read again. What means nothing is not kept, so nobody fills the memory with cookies of his own making.
func (s *Store) glance(ctx context.Context, cookie []byte) (found, error) {
	f, ok := s.seen.Find(ctx, unsafe.String(unsafe.SliceData(cookie), len(cookie))) // which does not keep it
	if !ok {
		var err error
		if f, err = s.seen.Get(ctx, string(cookie)); err != nil {
			return found{}, orNothing(err)
		}
	}
	if s.accounts.Ended(f.kept) {
		return found{}, nil
	}
	return f, nil
}

// read verifies a cookie and reads its session; one that means nothing is NotFound.
func (s *Store) read(ctx context.Context, cookie string) (f found, of []recent.Name, err error) {
	var id string
	if securecookie.DecodeMulti(s.name, cookie, &id, s.codecs...) != nil {
		return f, nil, fault.Missing()
	}
	kept, err := s.accounts.Session(ctx, id)
	if err != nil {
		return f, nil, err
	}
	values := map[any]any{}
	if decode(kept, values) != nil {
		return f, nil, fault.Missing() // data of an older shape: begin anew
	}
	return found{id, kept, values}, account.SessionNames(id, kept), nil
}

func orNothing(err error) error {
	if err == nil || fault.Is(err, fault.NotFound) {
		return nil
	}
	return fmt.Errorf("load session: %w", err)
}
