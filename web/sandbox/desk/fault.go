package desk

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"dashop/store/money"
)

// Place is where a fault strikes. Each protocol has places of its own.
type Place string

// Kind is what goes wrong.
type Kind string

// The kinds of faults. Those of query and close may strike the calls of logins too, and some a message: the protocol that has the place
// says which.
const (
	Hang        Kind = "hang"         // query, close: no answer for Delay (30 s), then the connection is dropped; nothing is done
	Broken      Kind = "5xx"          // query, close: HTTP 502; nothing is done
	Busy        Kind = "busy"         // query, close: code 20000; nothing is done
	ErrorAfter  Kind = "error-after"  // query, close: done, but the answer is ACQ.SYSTEM_ERROR
	ResetAfter  Kind = "reset-after"  // query, close: done, but the connection is dropped without an answer
	OtherNumber Kind = "other-number" // query, close: the answer tells of another out_trade_no
	PayFirst    Kind = "pay-first"    // close: the buyer pays just before
	Refused     Kind = "refused"      // sms: refused for good, as when a number has had too many

	Unsigned    Kind = "unsigned"     // all: the signature is missing
	BadSign     Kind = "bad-sign"     // all: signed with another's key
	Tampered    Kind = "tampered"     // all: changed after signing
	WrongAmount Kind = "wrong-amount" // query, notify, return: another amount (Shift, else one fen less) with a valid signature

	Drop          Kind = "drop"           // notify: not sent; return: the buyer never comes back
	Late          Kind = "late"           // notify: sent after Delay (30 s)
	Copies        Kind = "copies"         // notify: sent Copies (3) times at once
	ForeignApp    Kind = "foreign-app"    // notify, return: another app_id with a valid signature; qq-login: the token is another app's
	ForeignSeller Kind = "foreign-seller" // notify, return: another seller_id with a valid signature
	UnknownNumber Kind = "unknown-number" // notify, return: an out_trade_no that the shop never gave, with a valid signature
)

// Fault is one scripted misbehaviour.
type Fault struct {
	On         Place
	Kind       Kind
	OutTradeNo string        // "" strikes any trade; for sms it is a mobile number
	Times      int           // how often it strikes; 0 until Clear
	Delay      time.Duration // of Hang and Late
	Copies     int           // of Copies
	Shift      money.Fen     // of WrongAmount
}

// What a script may ask for at most.
const (
	maxCopies = 100
	maxFaults = 1000
)

// Script is what is to go wrong. All its methods may be called by many goroutines.
type Script struct {
	mu     sync.Mutex
	places []PlaceKinds
	faults []Fault
}

// PlaceKinds are the kinds of faults that a place knows.
type PlaceKinds struct {
	Place Place
	Kinds []Kind
}

// Allow declares a place and the kinds of faults that it knows. Call it before the first request.
func (s *Script) Allow(place Place, kinds ...Kind) {
	s.places = append(s.places, PlaceKinds{place, kinds})
}

// Places lists what was allowed, in that order.
func (s *Script) Places() []PlaceKinds { return s.places }

func (s *Script) knows(f Fault) bool {
	return slices.ContainsFunc(s.places, func(p PlaceKinds) bool { return p.Place == f.On && slices.Contains(p.Kinds, f.Kind) })
}

// Inject adds a fault to the script. Several faults of a notify or a return work together; elsewhere the first one strikes.
func (s *Script) Inject(f Fault) error {
	if !s.knows(f) {
		return fmt.Errorf("sandbox: no fault %q on %q", f.Kind, f.On)
	}
	if f.Times < 0 || f.Delay < 0 || f.Copies < 0 || f.Copies > maxCopies {
		return fmt.Errorf("sandbox: fault %q: a number is out of range", f.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) >= maxFaults {
		return fmt.Errorf("sandbox: the script holds %d faults already", maxFaults)
	}
	s.faults = append(s.faults, f.filled())
	return nil
}

// filled is f with the numbers that were left out.
func (f Fault) filled() Fault {
	if f.Delay == 0 {
		f.Delay = 30 * time.Second
	}
	if f.Copies == 0 {
		f.Copies = 3
	}
	return f
}

// Clear takes all faults off the script.
func (s *Script) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Faults lists the script as it stands; Times are those that are left.
func (s *Script) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Strike takes the first fault that hits a trade, or a mobile number, at a place, one Times of it.
func (s *Script) Strike(on Place, outTradeNo string) []Fault { return s.take(on, outTradeNo, 1) }

// StrikeAll takes all faults that hit a trade at a place, one Times of each.
func (s *Script) StrikeAll(on Place, outTradeNo string) []Fault {
	return s.take(on, outTradeNo, maxFaults)
}

func (s *Script) take(on Place, outTradeNo string, most int) []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hit []Fault
	for i := range s.faults {
		f := &s.faults[i]
		if len(hit) == most || f.On != on || f.OutTradeNo != "" && f.OutTradeNo != outTradeNo {
			continue
		}
		hit = append(hit, *f)
		if f.Times--; f.Times == 0 {
			f.On = "" // spent
		} else if f.Times < 0 {
			f.Times = 0
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.On == "" })
	return hit
}

// Find is the fault of a kind among those that hit.
func Find(hit []Fault, kind Kind) (Fault, bool) {
	i := slices.IndexFunc(hit, func(f Fault) bool { return f.Kind == kind })
	if i < 0 {
		return Fault{}, false
	}
	return hit[i], true
}

// Undone says whether a fault keeps a protocol from doing anything.
func Undone(hit []Fault) bool {
	return slices.ContainsFunc(hit, func(f Fault) bool {
		return f.Kind == Hang || f.Kind == Broken || f.Kind == Busy || f.Kind == Refused
	})
}
