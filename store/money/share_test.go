package money_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/money"
)

func TestShare(t *testing.T) {
	for _, c := range []struct {
		name  string
		total money.Fen
		parts []money.Fen
		want  []money.Fen
	}{
		{"nothing over nothing", 0, nil, []money.Fen{}},
		{"nothing", 0, []money.Fen{100, 0}, []money.Fen{0, 0}},
		{"all", 300, []money.Fen{100, 200}, []money.Fen{100, 200}},
		{"even", 30, []money.Fen{100, 200}, []money.Fen{10, 20}},
		{"the largest remainder", 100, []money.Fen{101, 202, 303}, []money.Fen{17, 33, 50}},
		{"equal parts: the first", 1, []money.Fen{100, 100, 100}, []money.Fen{1, 0, 0}},
		{"equal remainders: the larger part", 2, []money.Fen{1, 3}, []money.Fen{0, 2}},
		{"a part of nothing", 5, []money.Fen{0, 10, 0}, []money.Fen{0, 5, 0}},
		{"as much money as there is", money.Max - 1, []money.Fen{money.Max - 2, 2}, []money.Fen{money.Max - 3, 2}},
	} {
		if got, err := money.Share(c.total, c.parts); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		total money.Fen
		parts []money.Fen
	}{
		"more than there is":  {101, []money.Fen{50, 50}},
		"over nothing":        {1, nil},
		"a negative total":    {-1, []money.Fen{50, 50}},
		"a negative part":     {1, []money.Fen{50, -1}},
		"parts beyond money":  {1, []money.Fen{money.Max, 1}},
		"parts that overflow": {1, []money.Fen{1 << 62, 1 << 62, 1 << 62}},
	} {
		if got, err := money.Share(c.total, c.parts); !errors.Is(err, money.ErrRange) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// However much is shared out over whatever parts: the shares add up, none exceeds its part, each is within one fen of what
// is exactly due, and parts in another order get the same.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		count := rapid.IntRange(1, 40).Draw(r, "count")
		most := rapid.SampledFrom([]int64{3, 1000, int64(money.Max) / 40}).Draw(r, "most")
		parts, sum := make([]money.Fen, count), money.Fen(0)
		for i := range parts {
			parts[i] = money.Fen(rapid.Int64Range(0, most).Draw(r, "part"))
			sum += parts[i]
		}
		total := money.Fen(rapid.Int64Range(0, int64(sum)).Draw(r, "total"))
		shares, err := money.Share(total, parts)
		if err != nil || len(shares) != count {
			r.Fatalf("%v, %v", shares, err)
		}
		left := total
		for i, s := range shares {
			if left -= s; s < 0 || s > parts[i] {
				r.Fatalf("share %d of part %d", s, parts[i])
			}
			if !near(s, total, parts[i], sum) {
				r.Fatalf("share %d is far from %d × %d ÷ %d", s, total, parts[i], sum)
			}
		}
		if left != 0 {
			r.Fatalf("%d of %d are left over", left, total)
		}
		shuffled := rapid.Permutation(parts).Draw(r, "shuffled")
		again, err := money.Share(total, shuffled)
		if err != nil || !slices.Equal(pairs(parts, shares), pairs(shuffled, again)) {
			r.Fatalf("in another order %v shared as %v, then %v as %v: %v", parts, shares, shuffled, again, err)
		}
	})
}

// near says whether share differs by less than one fen from total × part ÷ sum, in exact numbers.
func near(share, total, part, sum money.Fen) bool {
	if sum == 0 {
		return share == 0
	}
	exact := new(big.Rat).SetFrac(
		new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(int64(part))), big.NewInt(int64(sum)))
	off := exact.Sub(exact, new(big.Rat).SetInt64(int64(share)))
	return off.Abs(off).Cmp(big.NewRat(1, 1)) < 0
}

// pairs are parts with their shares, sorted.
func pairs(parts, shares []money.Fen) [][2]money.Fen {
	list := make([][2]money.Fen, len(parts))
	for i := range parts {
		list[i] = [2]money.Fen{parts[i], shares[i]}
	}
	slices.SortFunc(list, func(a, b [2]money.Fen) int { return slices.Compare(a[:], b[:]) })
	return list
}

func TestPercentRoundsHalfUp(t *testing.T) {
	for _, c := range []struct {
		fen     money.Fen
		percent int64
		want    money.Fen
	}{
		{0, 85, 0}, {1, 0, 0}, {1, 49, 0}, {1, 50, 1}, {3, 50, 2}, {9999, 85, 8499}, {9990, 85, 8492}, {199, 100, 199},
		{money.Max, 99, money.Max / 100 * 99},
	} {
		if got, err := c.fen.Percent(c.percent); err != nil || got != c.want {
			t.Errorf("%d percent of %d: %d, %v; want %d", c.percent, c.fen, got, err, c.want)
		}
	}
	for _, c := range []struct {
		fen     money.Fen
		percent int64
	}{{-1, 50}, {money.Max + 1, 50}, {100, -1}, {100, 101}} {
		if got, err := c.fen.Percent(c.percent); !errors.Is(err, money.ErrRange) {
			t.Errorf("%d percent of %d: %d, %v", c.percent, c.fen, got, err)
		}
	}
}
