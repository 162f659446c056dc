package account

import (
	"context"
	"regexp"
	"unicode/utf8"

	"dashop/store/fault"
)

// The lengths of an address's parts in characters.
const (
	maxReceiver = 40
	minPlace    = 5
	maxPlace    = 120
	maxTitle    = 20
)

var postalForm = regexp.MustCompile(`^[0-9]{6}$`)

// AddressForm fills in what a page needs to show an address form again: what was typed, and the areas to choose from.
// A chosen area that does not hang below the one before it is dropped.
func (s *Service) AddressForm(ctx context.Context, in AddressInput) (AddressForm, error) {
	f := AddressForm{Input: in}
	levels := []struct {
		chosen *int64
		list   *[]Area
	}{{&f.Input.ProvinceID, &f.Provinces}, {&f.Input.CityID, &f.Cities}, {&f.Input.DistrictID, &f.Districts}}
	parent, known := int64(0), true
	for _, l := range levels {
		if known {
			areas, err := s.Areas(ctx, parent)
			if err != nil {
				return AddressForm{}, err
			}
			*l.list = areas
		}
		known = contains(*l.list, *l.chosen)
		if !known {
			*l.chosen = 0
		}
		parent = *l.chosen
	}
	return f, nil
}

// Input is the address as a filled-in form, for editing it.
func (a Address) Input() AddressInput {
	return AddressInput{
		Receiver: a.Receiver, Mobile: a.Mobile, Place: a.Place, Title: a.Title, PostalCode: a.PostalCode,
		ProvinceID: a.ProvinceID, CityID: a.CityID, DistrictID: a.DistrictID, Default: a.Default,
	}
}

// Empty says that nothing was typed or chosen.
func (in AddressInput) Empty() bool {
	return tidyAddress(in).samePlace(AddressInput{})
}

// samePlace says whether two tidied forms differ at most in being the default.
func (in AddressInput) samePlace(other AddressInput) bool {
	in.Default = other.Default
	return in == other
}

func contains(areas []Area, id int64) bool {
	for _, a := range areas {
		if a.ID == id {
			return true
		}
	}
	return false
}

func tidyAddress(in AddressInput) AddressInput {
	in.Receiver, in.Place, in.Title = tidy(in.Receiver), tidy(in.Place), tidy(in.Title)
	in.Mobile, in.PostalCode = digits(in.Mobile), digits(in.PostalCode)
	return in
}

// checkAddress gathers all that is wrong with a tidied form, by the names of its fields.
func (s *Service) checkAddress(ctx context.Context, in AddressInput) error {
	bad := fault.Form()
	if n := utf8.RuneCountInString(in.Receiver); n < 1 || n > maxReceiver {
		bad.With("receiver", "请填写收货人，最多 %d 个字", maxReceiver)
	}
	if !mobileForm.MatchString(in.Mobile) {
		bad.With("mobile", "请填写 11 位手机号")
	}
	if n := utf8.RuneCountInString(in.Place); n < minPlace {
		bad.With("place", "请写到门牌号，至少 %d 个字", minPlace)
	} else if n > maxPlace {
		bad.With("place", "详细地址最多 %d 个字", maxPlace)
	}
	if utf8.RuneCountInString(in.Title) > maxTitle {
		bad.With("title", "地址名称最多 %d 个字", maxTitle)
	}
	if in.PostalCode != "" && !postalForm.MatchString(in.PostalCode) {
		bad.With("postal_code", "邮政编码是 6 位数字，也可以不填")
	}
	province, city, district, err := areaFaults(ctx, s.db, in)
	if err != nil {
		return err
	}
	switch {
	case province:
		bad.With("province_id", "请选择省份")
	case city:
		bad.With("city_id", "请选择城市")
	case district:
		bad.With("district_id", "请选择区县")
	}
	return bad.OrNil()
}
