package account

import "time"

// Role says what a user may do in /admin.
type Role string

// The roles: a shopper may not enter /admin, the others are the merchant's people.
const (
	Shopper   Role = "shopper"
	Owner     Role = "owner"     // everything
	Staff     Role = "staff"     // orders, goods, money
	Support   Role = "support"   // sees orders, moves no money
	Publisher Role = "publisher" // sees the orders and sales of its own products only
)

// Roles are all roles there are.
var Roles = []Role{Shopper, Owner, Staff, Support, Publisher}

// User is a person with an account.
type User struct {
	ID        int64     `db:"id"`
	Username  string    `db:"username"`
	Mobile    *string   `db:"mobile"`
	Nickname  string    `db:"nickname"`
	Avatar    string    `db:"avatar"`
	Role      Role      `db:"role"`
	Disabled  bool      `db:"disabled"`
	CreatedAt time.Time `db:"created_at"`
}

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
