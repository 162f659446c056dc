package money_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/money"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]money.Fen{
		"0": 0, "1": 100, "12.3": 1230, "12.30": 1230, "0.05": 5, "-0.05": -5, "100000000": money.Max, "007": 700,
	} {
		if got, err := money.Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", ".", "-", "1.", ".5", "1.234", "1e3", "１２", "+1", " 1", "1,000", "--1", "0x10", "NaN",
		"9999999999999999999"} {
		if got, err := money.Parse(in); !errors.Is(err, money.ErrFormat) {
			t.Errorf("Parse(%q) = %v, %v; want ErrFormat", in, got, err)
		}
	}
	if _, err := money.Parse("100000000.01"); !errors.Is(err, money.ErrRange) {
		t.Errorf("above Max: %v", err)
	}
}

func TestStringAndParseAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64Range(int64(-money.Max), int64(money.Max)).Draw(t, "fen"))
		if got, err := money.Parse(f.String()); err != nil || got != f {
			t.Fatalf("%d → %q → %d, %v", f, f.String(), got, err)
		}
	})
}

func TestTimesAndAddRefuseWhatIsTooLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64().Draw(t, "fen"))
		n := rapid.Int64().Draw(t, "count")
		if got, err := f.Times(n); err == nil && (got > money.Max || got < -money.Max || (n != 0 && int64(got)/n != int64(f))) {
			t.Fatalf("%d × %d = %d", f, n, got)
		}
		if got, err := f.Add(money.Fen(n)); err == nil && (got > money.Max || got < -money.Max) {
			t.Fatalf("%d + %d = %d", f, n, got)
		}
	})
	if got, err := money.Fen(259900).Times(99); err != nil || got != 25730100 {
		t.Fatalf("got %v, %v", got, err)
	}
	if _, err := money.Fen(-9223372036854775808).Times(-1); err == nil {
		t.Fatal("the smallest number has no opposite")
	}
}
