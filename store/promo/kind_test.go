package promo_test

import (
	"os"
	"strings"
	"testing"

	"dashop/store/promo"
)

// The README's table of what combines is that of the code.
func TestReadmeSaysWhatCombines(t *testing.T) {
	columns := []struct {
		name string
		kind promo.Kind
	}{
		{"限时折扣", promo.KindPrice}, {"秒杀", promo.KindFlash}, {"满减", promo.KindReduction}, {"折扣", promo.KindPercent},
		{"coupon", promo.KindCoupon}, {"credits", promo.KindCredits},
	}
	table := "| |"
	for _, c := range columns {
		table += " " + c.name + " |"
	}
	table += "\n|" + strings.Repeat(" --- |", 1+len(columns)) + "\n"
	for _, row := range columns {
		table += "| " + row.name + " |"
		for _, c := range columns {
			table += map[bool]string{true: " yes |", false: " no |"}[promo.Combines(row.kind, c.kind)]
		}
		table += "\n"
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), table) {
		t.Errorf("the README does not have this table:\n%s", table)
	}
}
