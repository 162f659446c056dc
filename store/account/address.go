package account

import (
	"context"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

// Area is a province, a city or a district.
type Area struct {
	ID       int64  `db:"id"`
	ParentID int64  `db:"parent_id"`
	Name     string `db:"name"`
}

// Address is where parcels go.
type Address struct {
	ID         int64     `db:"id"`
	UserID     int64     `db:"user_id"`
	Receiver   string    `db:"receiver"`
	Mobile     string    `db:"mobile"`
	ProvinceID int64     `db:"province_id"`
	CityID     int64     `db:"city_id"`
	DistrictID int64     `db:"district_id"`
	Place      string    `db:"place"`
	Title      string    `db:"title"` // such as 家 or 公司; may be empty
	PostalCode string    `db:"postal_code"`
	Default    bool      `db:"is_default"`
	CreatedAt  time.Time `db:"created_at"`
	Area       string    `db:"-"` // names of province, city and district, with spaces between
}

// AddressInput is a filled-in address form, as typed.
type AddressInput struct {
	Receiver, Mobile, Place, Title, PostalCode string
	ProvinceID, CityID, DistrictID             int64
	Default                                    bool
}

// AddressForm is what a page needs to show the form: the values typed and the areas to choose from.
type AddressForm struct {
	Input     AddressInput
	Provinces []Area
	Cities    []Area // of the chosen province
	Districts []Area // of the chosen city
}

// MaxAddresses is how many addresses a user may keep.
const MaxAddresses = 20

const addressSelect = `SELECT a.id, a.user_id, a.receiver, a.mobile, a.province_id, a.city_id, a.district_id, a.place, a.title,
		a.postal_code, a.is_default, a.created_at,
		COALESCE(p.name, '') AS province, COALESCE(c.name, '') AS city, COALESCE(d.name, '') AS district
	FROM addresses a
	LEFT JOIN areas p ON p.id = a.province_id
	LEFT JOIN areas c ON c.id = a.city_id
	LEFT JOIN areas d ON d.id = a.district_id
	WHERE a.user_id = ? AND a.deleted_at IS NULL`

type addressRow struct {
	Address
	Province string `db:"province"`
	City     string `db:"city"`
	District string `db:"district"`
}

func (r addressRow) address() Address {
	a := r.Address
	a.Area = r.Province + " " + r.City + " " + r.District
	return a
}

// Addresses returns a user's addresses: the default first, then the newest.
func (s *Service) Addresses(ctx context.Context, userID int64) ([]Address, error) {
	var rows []addressRow
	err := s.db.Select(ctx, &rows, addressSelect+" ORDER BY a.is_default DESC, a.created_at DESC, a.id DESC", userID)
	if err != nil {
		return nil, err
	}
	list := make([]Address, len(rows))
	for i, r := range rows {
		list[i] = r.address()
	}
	return list, nil
}

// Address returns one address of a user; another user's is NotFound, like an unknown one. q may be a transaction or nil.
func (s *Service) Address(ctx context.Context, q db.Queryer, userID, id int64) (Address, error) {
	if q == nil {
		q = s.db
	}
	var row addressRow
	if err := q.Get(ctx, &row, addressSelect+" AND a.id = ?", userID, id); err != nil {
		return Address{}, err
	}
	return row.address(), nil
}

// AddAddress saves a new address. The first one of a user becomes the default.
func (s *Service) AddAddress(ctx context.Context, userID int64, in AddressInput) (id int64, err error) {
	return s.addAddress(ctx, userID, in, false)
}

// AddAddressOnce is AddAddress, but an address that the user has already, the same in each part, is found and not added: so it
// is safe to repeat.
func (s *Service) AddAddressOnce(ctx context.Context, userID int64, in AddressInput) (id int64, err error) {
	return s.addAddress(ctx, userID, in, true)
}

func (s *Service) addAddress(ctx context.Context, userID int64, in AddressInput, once bool) (id int64, err error) {
	in = tidyAddress(in)
	if err := s.checkAddress(ctx, in); err != nil {
		return 0, err
	}
	now := s.clock()
	err = s.changeAddresses(ctx, userID, func(tx *db.Tx) error {
		var known []Address
		err := tx.Select(ctx, &known, `SELECT id, receiver, mobile, province_id, city_id, district_id, place, title, postal_code, is_default
			FROM addresses WHERE user_id = ? AND deleted_at IS NULL`, userID)
		if err != nil {
			return err
		}
		id = 0
		for _, a := range known {
			if once && a.Input().samePlace(in) {
				id = a.ID
			}
		}
		if id == 0 {
			if len(known) >= MaxAddresses {
				return fault.New(fault.Invalid, 0, "最多保存 %d 个地址，请先删除不用的", MaxAddresses)
			}
			id, err = tx.Insert(ctx, `INSERT INTO addresses
				(user_id, receiver, mobile, province_id, city_id, district_id, place, title, postal_code, is_default, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				userID, in.Receiver, in.Mobile, in.ProvinceID, in.CityID, in.DistrictID, in.Place, in.Title, in.PostalCode, false, now)
			if err != nil {
				return fmt.Errorf("insert address: %w", err)
			}
		}
		if in.Default || len(known) == 0 {
			return setDefault(ctx, tx, userID, id)
		}
		return nil
	})
	return id, err
}

// EditAddress changes an address of a user. Orders already placed keep the old one. A default address stays the default.
func (s *Service) EditAddress(ctx context.Context, userID, id int64, in AddressInput) error {
	in = tidyAddress(in)
	if _, err := s.Address(ctx, nil, userID, id); err != nil {
		return err
	}
	if err := s.checkAddress(ctx, in); err != nil {
		return err
	}
	return s.changeAddresses(ctx, userID, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE addresses SET receiver = ?, mobile = ?, province_id = ?, city_id = ?, district_id = ?,
			place = ?, title = ?, postal_code = ? WHERE id = ? AND user_id = ? AND deleted_at IS NULL`,
			in.Receiver, in.Mobile, in.ProvinceID, in.CityID, in.DistrictID, in.Place, in.Title, in.PostalCode, id, userID)
		if err != nil {
			return fmt.Errorf("update address %d: %w", id, err)
		}
		if rows == 0 {
			return fault.Missing()
		}
		if in.Default {
			return setDefault(ctx, tx, userID, id)
		}
		return nil
	})
}

// DeleteAddress deletes an address of a user. If it was the default, the newest one left becomes the default.
func (s *Service) DeleteAddress(ctx context.Context, userID, id int64) error {
	now := s.clock()
	return s.changeAddresses(ctx, userID, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, "UPDATE addresses SET deleted_at = ?, is_default = ? WHERE id = ? AND user_id = ? AND deleted_at IS NULL",
			now, false, id, userID)
		if err != nil {
			return fmt.Errorf("delete address %d: %w", id, err)
		}
		if rows == 0 {
			return fault.Missing()
		}
		var left []Address
		err = tx.Select(ctx, &left, `SELECT id, is_default FROM addresses WHERE user_id = ? AND deleted_at IS NULL
			ORDER BY is_default DESC, created_at DESC, id DESC LIMIT 1`, userID)
		if err != nil || len(left) == 0 || left[0].Default {
			return err
		}
		return setDefault(ctx, tx, userID, left[0].ID)
	})
}

// SetDefault makes an address the one that is preselected when ordering.
func (s *Service) SetDefault(ctx context.Context, userID, id int64) error {
	return s.changeAddresses(ctx, userID, func(tx *db.Tx) error {
		return setDefault(ctx, tx, userID, id)
	})
}

// changeAddresses runs fn while no other change to the same user's addresses runs, so that the limit and the single default hold. It
// locks the user's row by writing to it.
func (s *Service) changeAddresses(ctx context.Context, userID int64, fn func(tx *db.Tx) error) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, "UPDATE users SET nickname = nickname WHERE id = ?", userID)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fault.Missing()
		}
		return fn(tx)
	})
}

func setDefault(ctx context.Context, tx *db.Tx, userID, id int64) error {
	rows, err := tx.Exec(ctx, "UPDATE addresses SET is_default = ? WHERE id = ? AND user_id = ? AND deleted_at IS NULL", true, id, userID)
	if err != nil {
		return fmt.Errorf("set default address %d: %w", id, err)
	}
	if rows == 0 {
		return fault.Missing()
	}
	_, err = tx.Exec(ctx, "UPDATE addresses SET is_default = ? WHERE user_id = ? AND id <> ? AND is_default = ?", false, userID, id, true)
	return err
}

// The lengths of an address's parts in characters.
const (
	maxReceiver = 40
	minPlace    = 5
	maxPlace    = 120
	maxTitle    = 20
)

var postalForm = regexp.MustCompile(`^[0-9]{6}$`)

// AddressForm fills in what a page needs to show an address form again: what was typed, and the areas to choose from.
// A chosen area that does not belong to the one before it is dropped.
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

// checkAddress collects all that is wrong with a tidied form, by the names of its fields.
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

// Areas returns the areas directly under parent, by id; parent 0 gives the provinces, an unknown one nothing.
func (s *Service) Areas(ctx context.Context, parent int64) ([]Area, error) {
	var areas []Area
	err := s.db.Select(ctx, &areas, "SELECT id, parent_id, name FROM areas WHERE parent_id = ? ORDER BY id", parent)
	return areas, err
}

// areaFaults says which of the three areas does not belong to the one before it.
func areaFaults(ctx context.Context, q db.Queryer, in AddressInput) (badProvince, badCity, badDistrict bool, err error) {
	query, args := db.In("SELECT id, parent_id, name FROM areas WHERE id IN (?)", []int64{in.ProvinceID, in.CityID, in.DistrictID})
	var areas []Area
	if err := q.Select(ctx, &areas, query, args...); err != nil {
		return false, false, false, err
	}
	parent := map[int64]int64{}
	for _, a := range areas {
		parent[a.ID] = a.ParentID
	}
	under := func(id, want int64) bool { p, ok := parent[id]; return ok && p == want }
	return !under(in.ProvinceID, 0),
		in.ProvinceID == 0 || !under(in.CityID, in.ProvinceID),
		in.CityID == 0 || !under(in.DistrictID, in.CityID), nil
}
