package ui

import (
	"strconv"
	"strings"

	"dashop/store/promo"
)

// PromotionHref leads to the page of a promotion.
func PromotionHref(id int64) string { return "/promotions/" + ID(id) }

// KindName is the Chinese word for a kind of promotion.
func KindName(k promo.Kind) string {
	switch k {
	case promo.KindReduction:
		return "满减"
	case promo.KindPercent:
		return "折扣"
	case promo.KindPrice:
		return "限时折扣"
	case promo.KindFlash:
		return "限时秒杀"
	}
	return string(k)
}

// PromotionRules are what a promotion takes off, in words, such as 满 100 减 10 and 满 200 减 30.
func PromotionRules(v View, p promo.Promotion) (rules []string) {
	for _, s := range p.Steps {
		rules = append(rules, v.T("满 %s 减 %s", amountWords(s.From.String()), amountWords(s.Off.String())))
	}
	switch {
	case p.Kind == promo.KindReduction:
	case p.Percent < 100:
		rules = append(rules, PercentWords(v, p.Percent))
	default:
		rules = append(rules, v.T("特价"))
	}
	return rules
}

func amountWords(yuan string) string { return strings.TrimSuffix(yuan, ".00") }

// PercentWords says a share of a price that is still paid: where that is 85 of 100, in Chinese 8.5 折, in English what is taken off.
func PercentWords(v View, percent int64) string {
	tenths := strings.TrimSuffix(strconv.FormatInt(percent/10, 10)+"."+strconv.FormatInt(percent%10, 10), ".0")
	return v.Pick(v.T("%s 折", tenths), v.T("减 %d%%", 100-percent))
}

// ScopeWords says what a promotion is about; names are those of what its scope names.
func ScopeWords(v View, scope promo.Scope, names []string) string {
	if scope.Kind == promo.ScopeAll {
		return v.T("全场商品")
	}
	const shown = 3
	list := strings.Join(names[:min(len(names), shown)], v.T("、"))
	if len(names) > shown {
		return v.T("%s 等 %d 个", list, len(names))
	}
	return list
}
