package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"dashop/store/fault"
)

func TestOfFindsTheFaultInsideAnError(t *testing.T) {
	err := fmt.Errorf("place order: %w", fault.New(fault.Conflict, fault.CodeShortStock, "%s库存不足", "咖啡豆"))
	f := fault.Of(err)
	if f.Kind != fault.Conflict || !fault.HasCode(err, 50103) || f.Error() != "咖啡豆库存不足" {
		t.Fatalf("got %+v", f)
	}
}

func TestAnyOtherErrorIsInternalAndKeepsItsCause(t *testing.T) {
	cause := errors.New("disk on fire")
	f := fault.Of(cause)
	if f.Kind != fault.Internal || !errors.Is(f, cause) {
		t.Fatalf("got %+v", f)
	}
	if fault.Of(nil) != nil || fault.Is(nil, fault.Internal) {
		t.Fatal("no error is no fault")
	}
}

func TestOrNil(t *testing.T) {
	f := fault.Form()
	if f.OrNil() != nil {
		t.Fatal("no field is wrong")
	}
	if err := f.With("mobile", "请填写手机号").OrNil(); !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v", err)
	}
}

func TestWholeAndFirst(t *testing.T) {
	var none *fault.Error
	form, plain := fault.Field("mobile", "请填写手机号"), fault.New(fault.Conflict, fault.CodeTooFast, "操作太快")
	if none.Whole() != nil || form.Whole() != nil || plain.Whole() != plain {
		t.Error("Whole is a fault that no field bears")
	}
	if got := form.First(); got.Text.Msg != "请填写手机号" || got.Kind != fault.Invalid || len(got.Fields) != 0 {
		t.Errorf("First: %+v", got)
	}
	if plain.First() != plain {
		t.Error("First of a fault without fields is itself")
	}
}

func TestFirstIsTheFirstFieldOfTheForm(t *testing.T) {
	for range 50 { // a map would give another one each time
		f := fault.Form()
		for _, name := range []string{"receiver", "mobile", "place", "title", "receiver"} {
			f.With(name, "请填写 "+name)
		}
		if got := f.First().Text.Msg; got != "请填写 receiver" {
			t.Fatalf("First is %q", got)
		}
		if got := f.Error(); got != "请检查标出的内容; receiver: 请填写 receiver; mobile: 请填写 mobile; place: 请填写 place; title: 请填写 title" {
			t.Fatalf("Error is %q", got)
		}
	}
}

func TestRefused(t *testing.T) {
	for err, want := range map[error]bool{
		fault.Field("mobile", "请填写手机号"): true, fault.New(fault.Conflict, 0, "操作太快"): true, fault.Missing(): false,
		errors.New("disk on fire"): false,
	} {
		if fault.Refused(err) != want {
			t.Errorf("%v", err)
		}
	}
	if fault.Refused(nil) {
		t.Error("nothing was refused")
	}
}
