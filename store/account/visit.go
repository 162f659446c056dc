package account

import (
	"context"
	"net/netip"
	"time"

	"dashop/store/fault"
	"dashop/store/limit"
)

// Visit is what the server knows of a browser that asks for something.
type Visit struct {
	Browser string // the token of its session; captchas and logins under way belong to it
	Address string // where it comes from
	Device  string // the mark of a browser on which this user has logged in before, or ""
}

// network is who an address counts as: itself, or with IPv6 the /64, of which one person has all addresses.
func (v Visit) network() string {
	a, err := netip.ParseAddr(v.Address)
	if err != nil {
		return v.Address
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// visitorRule is how many browsers that the shop does not know may be remembered for one address; behind one there may be many people.
var visitorRule = limit.Rule{Max: 600, Window: 10 * time.Minute}

// AdmitVisitor counts one more browser that is to be remembered, with a session or a cart, for an address. Too many are fault.TooMany.
func (s *Service) AdmitVisitor(ctx context.Context, address string) error {
	wait, err := s.limits.Take(ctx, "visitor:"+Visit{Address: address}.network(), visitorRule)
	if err == nil && wait > 0 {
		return tooMany(wait)
	}
	return err
}

// tooMany asks to wait, in words that name the time.
func tooMany(wait time.Duration) *fault.Error {
	e := fault.New(fault.TooMany, 0, "操作太频繁，请 %d 小时后再试", upTo(wait, time.Hour))
	switch {
	case wait <= time.Minute:
		e = fault.New(fault.TooMany, 0, "操作太频繁，请 %d 秒后再试", upTo(wait, time.Second))
	case wait <= time.Hour:
		e = fault.New(fault.TooMany, 0, "操作太频繁，请 %d 分钟后再试", upTo(wait, time.Minute))
	}
	e.RetryAfter = wait
	return e
}

// upTo is how many units a wait takes, the last one begun counting whole.
func upTo(wait, unit time.Duration) int { return int((wait + unit - 1) / unit) }
