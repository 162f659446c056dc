package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"dashop/store/fault"
	"dashop/store/payment/gateway"
)

// Notify takes a message that a provider's gateway sent and returns the answer in the provider's words: accepted only
// after its effect is committed. What is forged, foreign, unknown or of another amount changes nothing and is refused.
// A provider that the shop does not have is NotFound.
func (s *Service) Notify(ctx context.Context, method string, m gateway.Message) (gateway.Answer, error) {
	provider, ok := s.providers.Find(method)
	if !ok {
		return gateway.Answer{}, fault.Missing()
	}
	return provider.Answer(s.take(ctx, provider, m)), nil
}

// take verifies a message, applies it, and returns the response.
func (s *Service) take(ctx context.Context, p gateway.Provider, m gateway.Message) gateway.Verdict {
	told := evidence{method: p.About().ID, source: fromNotify, raw: m.Body}
	notice, err := p.ReadNotify(ctx, m)
	if err != nil {
		s.suspicious(ctx, told, err)
		return gateway.Refused
	}
	var result outcome
	if notice.Refund != nil {
		result, err = s.applyRefund(ctx, *notice.Refund, told)
	} else {
		result, err = s.apply(ctx, *notice.Payment, told)
	}
	switch {
	case err != nil:
		s.log.ErrorContext(ctx, "notify failed", "method", told.method, "error", err)
		return gateway.TryAgain
	case !result.accepted():
		return gateway.Refused
	}
	return gateway.Accepted
}

// Return takes the query with which a buyer comes back from a gateway and says which order it is about. It proves no
// payment: while the attempt is open the gateway is asked. A buyer whose attempt is frozen is told so by the order's
// result. A provider that signs no returns is NotFound.
func (s *Service) Return(ctx context.Context, method, rawQuery string) (orderNo string, err error) {
	provider, _ := s.providers.Find(method)
	returner, ok := provider.(gateway.Returner)
	if !ok {
		return "", fault.Missing()
	}
	told := evidence{method: method, source: fromReturn, raw: []byte(rawQuery)}
	n, err := returner.ReadReturn(ctx, rawQuery)
	if err != nil {
		s.suspicious(ctx, told, err)
		return "", doubtful()
	}
	result, err := s.apply(ctx, n, told)
	if err != nil {
		return "", err
	}
	if result == stranger || result == wrongTrade {
		return "", doubtful()
	}
	var a Attempt
	if err := s.db.Get(ctx, &a, "SELECT "+columns+" FROM payments WHERE out_trade_no = ?", n.OutTradeNo); err != nil {
		return "", err
	}
	if n.Amount != a.Amount {
		return "", doubtful()
	}
	if a.Status == StatusOpen {
		s.look(ctx, a)
	}
	return a.OrderNo, nil
}

func doubtful() error {
	return fault.New(fault.Invalid, 0, "这次返回的支付结果无法核实，请到“我的订单”查看")
}

// suspicious notes a message that is not the gateway's, or not for us, by its digest alone.
func (s *Service) suspicious(ctx context.Context, told evidence, err error) {
	kind := "forged"
	if errors.Is(err, gateway.ErrForeign) {
		kind = "foreign"
	}
	s.log.WarnContext(ctx, "payment message refused", "method", told.method, "source", told.source, "kind", kind,
		"digest", digestOf(told.source, string(told.raw)), "error", err)
}

func digestOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
