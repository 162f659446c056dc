package account_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func good() account.AddressInput {
	return account.AddressInput{
		Receiver: " 张小明 ", Mobile: "138 0013 5621", ProvinceID: 110000, CityID: 110100, DistrictID: 110108,
		Place: "中关村南大街 18 号", Title: "公司", PostalCode: "100081",
	}
}

func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		me, other := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "daming")
		add := func(in account.AddressInput) int64 {
			t.Helper()
			clock.Advance(time.Second)
			return must[int64](t)(s.AddAddress(ctx, me, in))
		}
		order := func() (ids []int64) {
			t.Helper()
			list := must[[]account.Address](t)(s.Addresses(ctx, me))
			for i, a := range list {
				if a.Default != (i == 0) {
					t.Errorf("default is not exactly the first: %+v", list)
				}
				ids = append(ids, a.ID)
			}
			return ids
		}
		check := func(want ...int64) {
			t.Helper()
			if got := order(); len(got) != len(want) {
				t.Errorf("addresses %v, want %v", got, want)
			} else {
				for i := range got {
					if got[i] != want[i] {
						t.Errorf("addresses %v, want %v", got, want)
					}
				}
			}
		}
		a, b := add(good()), add(good())
		check(a, b)
		withDefault := good()
		withDefault.Default = true
		c := add(withDefault)
		check(c, b, a)
		got := must[account.Address](t)(s.Address(ctx, nil, me, a))
		if got.Receiver != "张小明" || got.Mobile != "13800135621" || got.Area != "北京市 北京市 海淀区" {
			t.Errorf("address: %+v", got)
		}

		changed := good()
		changed.ProvinceID, changed.CityID, changed.DistrictID, changed.Default = 510000, 510100, 510107, true
		if err := s.EditAddress(ctx, me, a, changed); err != nil {
			t.Fatal(err)
		}
		check(a, c, b)
		if got := must[account.Address](t)(s.Address(ctx, nil, me, a)); got.Area != "四川省 成都市 武侯区" {
			t.Errorf("edited: %+v", got)
		}
		if err := s.SetDefault(ctx, me, b); err != nil {
			t.Fatal(err)
		}
		check(b, c, a)

		for what, err := range map[string]error{
			"edit":    s.EditAddress(ctx, other, a, good()),
			"delete":  s.DeleteAddress(ctx, other, a),
			"default": s.SetDefault(ctx, other, a),
			"unknown": s.DeleteAddress(ctx, me, 1<<40),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of another's address: %v", what, err)
			}
		}
		if _, err := s.Address(ctx, nil, other, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's address: %v", err)
		}

		if err := s.DeleteAddress(ctx, me, b); err != nil {
			t.Fatal(err)
		}
		check(c, a)
		if err := s.DeleteAddress(ctx, me, b); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		if err := s.SetDefault(ctx, me, b); !fault.Is(err, fault.NotFound) {
			t.Errorf("default of a deleted one: %v", err)
		}
		check(c, a)
	})
}

func TestAddressLimit(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		me := storetest.User(t, d, "xiaoming")
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				in := good()
				in.Default = true
				if _, err := s.AddAddress(ctx, me, in); err != nil && !fault.Is(err, fault.Invalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list := must[[]account.Address](t)(s.Addresses(ctx, me))
		defaults := 0
		for _, a := range list {
			if a.Default {
				defaults++
			}
		}
		if len(list) != account.MaxAddresses || defaults != 1 {
			t.Errorf("%d addresses, %d of them default", len(list), defaults)
		}
	})
}

// An address that is there already is found, however it is typed and however full the book is; a deleted one is made anew.
func TestAddAddressOnce(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		me := storetest.User(t, d, "xiaoming")
		id := must[int64](t)(s.AddAddressOnce(ctx, me, good()))
		spaced := good()
		spaced.Receiver, spaced.Default = " "+spaced.Receiver+" ", true
		if again := must[int64](t)(s.AddAddressOnce(ctx, me, spaced)); again != id {
			t.Errorf("the same address is %d, then %d", id, again)
		}
		for i := range account.MaxAddresses - 1 {
			other := good()
			other.Title = strconv.Itoa(i)
			must[int64](t)(s.AddAddressOnce(ctx, me, other))
		}
		if again, err := s.AddAddressOnce(ctx, me, good()); again != id {
			t.Errorf("in a full book it is %d, %v", again, err)
		}
		if err := s.DeleteAddress(ctx, me, id); err != nil {
			t.Fatal(err)
		}
		if again := must[int64](t)(s.AddAddressOnce(ctx, me, good())); again == id {
			t.Error("a deleted address was found")
		}
	})
}

func TestAddressFaults(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock) {
		me := storetest.User(t, d, "xiaoming")
		for _, c := range []struct {
			change func(in *account.AddressInput)
			field  string // "" when it is good
		}{
			{func(in *account.AddressInput) {}, ""},
			{func(in *account.AddressInput) { in.Title, in.PostalCode = "", "" }, ""},
			{func(in *account.AddressInput) { in.Place = "门牌号五字" }, ""},
			{func(in *account.AddressInput) { in.Receiver = " \t" }, "receiver"},
			{func(in *account.AddressInput) { in.Receiver = strings.Repeat("明", 41) }, "receiver"},
			{func(in *account.AddressInput) { in.Mobile = "12800135621" }, "mobile"},
			{func(in *account.AddressInput) { in.Mobile = "1380013562" }, "mobile"},
			{func(in *account.AddressInput) { in.Mobile = "１３８００１３５６２１" }, "mobile"},
			{func(in *account.AddressInput) { in.Place = "中关村" }, "place"},
			{func(in *account.AddressInput) { in.Place = strings.Repeat("村", 121) }, "place"},
			{func(in *account.AddressInput) { in.Title = strings.Repeat("家", 21) }, "title"},
			{func(in *account.AddressInput) { in.PostalCode = "10008" }, "postal_code"},
			{func(in *account.AddressInput) { in.ProvinceID = 0 }, "province_id"},
			{func(in *account.AddressInput) { in.ProvinceID = 110100 }, "province_id"},
			{func(in *account.AddressInput) { in.ProvinceID = 510000 }, "city_id"},
			{func(in *account.AddressInput) { in.CityID = 0 }, "city_id"},
			{func(in *account.AddressInput) { in.DistrictID = 0 }, "district_id"},
			{func(in *account.AddressInput) { in.DistrictID = 510107 }, "district_id"},
			{func(in *account.AddressInput) { in.DistrictID = -1 }, "district_id"},
		} {
			in := good()
			c.change(&in)
			_, err := s.AddAddress(ctx, me, in)
			if c.field == "" {
				if err != nil {
					t.Errorf("%+v: %v", in, err)
				}
				continue
			}
			f := fault.Of(err)
			if _, ok := f.Fields[c.field]; f.Kind != fault.Invalid || !ok || len(f.Fields) != 1 {
				t.Errorf("%+v: want a fault about %s alone, got %v", in, c.field, err)
			}
		}
		_, err := s.AddAddress(ctx, me, account.AddressInput{})
		if n := len(fault.Of(err).Fields); n != 4 {
			t.Errorf("an empty form has %d faults: %v", n, err)
		}
	})
}

func TestAddressForm(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, _ *db.DB, _ *storetest.Clock) {
		for _, c := range []struct{ province, city, district int64 }{
			{0, 0, 0}, {110000, 0, 0}, {110000, 110100, 0}, {110000, 110100, 110108}, {110000, 510100, 110108}, {99, 99, 99},
		} {
			f, err := s.AddressForm(ctx, account.AddressInput{ProvinceID: c.province, CityID: c.city, DistrictID: c.district})
			if err != nil {
				t.Fatal(err)
			}
			lists := strconv.Itoa(len(f.Provinces)) + strconv.Itoa(len(f.Cities)) + strconv.Itoa(len(f.Districts))
			want, wantDistrict := "200", int64(0)
			switch c {
			case struct{ province, city, district int64 }{110000, 0, 0}, struct{ province, city, district int64 }{110000, 510100, 110108}:
				want = "210"
			case struct{ province, city, district int64 }{110000, 110100, 0}:
				want = "212"
			case struct{ province, city, district int64 }{110000, 110100, 110108}:
				want, wantDistrict = "212", 110108
			}
			if lists != want || f.Input.DistrictID != wantDistrict {
				t.Errorf("%v: areas %s, want %s; input %+v", c, lists, want, f.Input)
			}
		}
	})
}
