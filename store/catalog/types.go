package catalog

import (
	"time"

	"dashop/store/money"
)

// MaxPerOrder is how many pieces of one SKU an order may hold, unless the merchant sets another limit for it, of at most MostPerOrder.
const (
	MaxPerOrder  = 99
	MostPerOrder = 999
)

// MaxPrice is the highest price a SKU may have.
const MaxPrice money.Fen = 100_000_000

// Category is one of three levels of the tree of goods.
type Category struct {
	ID       int64  `db:"id"`
	ParentID int64  `db:"parent_id"`
	Level    int    `db:"level"`
	Name     string `db:"name"`
	NameEN   string `db:"name_en"`
	Icon     string `db:"icon"`
}

// MenuCategory is a category with those below it.
type MenuCategory struct {
	Category
	Children []MenuCategory
}

// MenuGroup is one line of the category menu: a channel group with its top categories.
type MenuGroup struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"` // of the group, such as 数码办公
	NameEN     string `db:"name_en"`
	Categories []MenuCategory
}

// Card is what a grid shows of a product.
type Card struct {
	SPUID       int64     `db:"id"`
	Name        string    `db:"name"`
	NameEN      string    `db:"name_en"`
	Caption     string    `db:"caption"`
	CaptionEN   string    `db:"caption_en"`
	Image       string    `db:"image"`
	MinPrice    money.Fen `db:"min_price_fen"`
	MaxPrice    money.Fen `db:"max_price_fen"` // differs from MinPrice where SKUs differ in price
	MarketPrice money.Fen `db:"market_fen"`    // to strike: in a sale the ordinary price; 0: none
	SaleKind    string    `db:"sale_kind"`     // of the sale that MinPrice is of; empty: it is the ordinary price
	Sales       int64     `db:"sales"`
	InStock     bool      `db:"in_stock"`
	CreatedAt   time.Time `db:"created_at"`
	Rating
}

// Ad is one entry of a place on the home page.
type Ad struct {
	ID         int64  `db:"id"`
	Place      string `db:"place"`
	Title      string `db:"title"`
	TitleEN    string `db:"title_en"`
	Text       string `db:"text"`
	TextEN     string `db:"text_en"`
	Image      string `db:"image"`
	TargetType string `db:"target_type"` // spu, category, search or empty
	TargetID   int64  `db:"target_id"`
}

// Section is a row of cards on the home page; the page words its heading by the key.
type Section struct {
	Key   string // SectionNew, SectionPick, SectionFresh, SectionPopular or SectionYours
	Cards []Card
}

// Home is what the home page shows.
type Home struct {
	Banners  []Ad
	Notices  []Ad
	Entries  []Ad // quick entries: round pictures
	Sections []Section
	Brands   []Brand
}

// Sort is an order of cards, as it stands in the address of a list.
type Sort string

// The orders of a list.
const (
	SortNew       Sort = "new" // newest first, the default
	SortPrice     Sort = "price"
	SortPriceDown Sort = "-price"
	SortSales     Sort = "sales"
	SortBest      Sort = "best" // what fits a search best, its default; a category has no such order
)

// List is one page of cards of a category or a search.
type List struct {
	Cards   []Card
	Page    int    // its number, where it is known
	After   string // the cursor that it began at
	HasNext bool
	Next    string // the cursor that the next page begins at
}

// CategoryPage is a category with its way up, its neighbours below and a page of its products.
type CategoryPage struct {
	Category Category
	Path     []Category // from the top down to this one
	Children []Category // those with something on sale
	Siblings []Category // those beside this one with something on sale, itself among them
	Sort     Sort
	Filter   Filter
	Facets   Facets
	List     List
	Popular  []Card // to look at where the list is empty
}

// Option is one value of a spec, such as 雾凇蓝.
type Option struct {
	ID      int64  `db:"id"`
	SpecID  int64  `db:"spec_id"`
	Value   string `db:"value"`
	ValueEN string `db:"value_en"`
	Color   string `db:"color"` // #rrggbb or empty
}

// Spec is a way in which the SKUs of a product differ, such as 颜色.
type Spec struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	NameEN  string `db:"name_en"`
	Options []Option
}

// SKU is one sellable variant of a product.
type SKU struct {
	ID          int64     `db:"id"`
	SPUID       int64     `db:"spu_id"`
	Name        string    `db:"name"`
	NameEN      string    `db:"name_en"`
	Price       money.Fen `db:"price_fen"` // the ordinary price, outside of all sales
	SaleID      int64     `db:"sale_id"`   // the promotion that gives it another price now; 0: none
	SalePrice   money.Fen `db:"sale_fen"`  // that price
	SaleKind    string    `db:"sale_kind"` // its kind, "price" or "flash"; empty: none
	MarketPrice money.Fen `db:"market_fen"`
	Image       string    `db:"image"`
	Launched    bool      `db:"is_launched"`   // both the SKU and its product are on sale
	Offered     bool      `db:"is_offered"`    // the SKU is, whether its product is or not
	Virtual     bool      `db:"is_virtual"`    // a course or a download: nothing is sent, and one piece is enough for a person
	Days        int       `db:"validity_days"` // of a virtual one: how long it is valid; 0: for ever
	Stock       int64     `db:"quantity"`
	FlashLeft   int64     `db:"-"`             // pieces that the flash sale that it is in has left; only by WithStock
	MaxPerOrder int64     `db:"max_per_order"` // the merchant's own limit for one order; 0: none, see Limit
	Category1   int64     `db:"category1_id"`  // of its product, as is the brand
	Category2   int64     `db:"category2_id"`
	Category3   int64     `db:"category3_id"`
	BrandID     int64     `db:"brand_id"`
	ProductName string    `db:"product_name"` // the product's name, without the spec
	ProductEN   string    `db:"product_name_en"`
	Spec        string    // chosen options in words, such as 雾凇蓝 / 8GB+128GB
	SpecEN      string
	OptionIDs   []int64  // in the order of the product's specs
	Images      []string // gallery
}

// Now is what one piece costs at the moment: what cards, lists and their filters, product pages and carts show.
func (s SKU) Now() money.Fen {
	if s.SaleID != 0 {
		return s.SalePrice
	}
	return s.Price
}

// Struck is what pages strike beside Now: in a sale the ordinary price, else the market's; 0: nothing.
func (s SKU) Struck() money.Fen {
	if s.SaleID != 0 {
		return s.Price
	}
	return s.MarketPrice
}

// Limit is how many pieces one order may hold, however many there are.
func (s SKU) Limit() int64 {
	switch {
	case s.Virtual:
		return 1
	case s.MaxPerOrder > 0:
		return s.MaxPerOrder
	}
	return MaxPerOrder
}

// Most is how many pieces one order can get now.
func (s SKU) Most() int64 { return min(s.Stock, s.Limit()) }

// Sellable says whether an order may hold n pieces of the SKU.
func (s SKU) Sellable(n int64) bool {
	return s.Launched && n >= 1 && n <= s.Most()
}

// Param is a fact in the table of a product, such as 重量: 182g.
type Param struct {
	Name, Value string
}

// Product is what the product page shows.
type Product struct {
	ID              int64  `db:"id"`
	Name            string `db:"name"`
	NameEN          string `db:"name_en"`
	Caption         string `db:"caption"`
	CaptionEN       string `db:"caption_en"`
	Description     string `db:"description"`    // Markdown of the merchant
	DescriptionHTML string `db:"-"`              // the same without the params, made safe
	DescriptionEN   string `db:"description_en"` // plain text
	Brand           string `db:"brand"`
	BrandEN         string `db:"brand_en"`
	Image           string `db:"image"`
	Sales           int64  `db:"sales"`
	Launched        bool   `db:"is_launched"`
	Virtual         bool   `db:"is_virtual"` // a course or a download
	Students        int64  `db:"-"`          // how many people have it; see WithStock
	Rating
	Outline []Material // of a virtual one; only what everybody may read has a text
	Path    []Category
	Params  []Param
	Specs   []Spec // with the options that some SKU on sale has
	SKUs    []SKU  // those on sale, sold out or not
	Related []Card
}
