package promo

// Kind says what takes something off a price. Those of promotions stand in their rows.
type Kind string

const (
	KindPrice     Kind = "price"     // 限时折扣: another price for some time
	KindFlash     Kind = "flash"     // 限时秒杀: the same with a stock of its own and a limit per person
	KindReduction Kind = "reduction" // 满减: steps of so much off from so much on
	KindPercent   Kind = "percent"   // 折扣: a percentage of the sum
	KindCoupon    Kind = "coupon"
	KindCredits   Kind = "credits"
)

// IsSale says whether the kind changes what one piece costs, on each page, rather than what a basket comes to.
func (k Kind) IsSale() bool { return k == KindPrice || k == KindFlash }

// Combines is the table of what goes together, which the README shows: whether one piece can have something taken off by both kinds. By
// one kind nothing is taken off twice: a piece is in one sale, its line in one reduction and in one percentage, an order uses one coupon.
func Combines(x, y Kind) bool {
	if y == KindFlash {
		x, y = y, x
	}
	switch {
	case x == y, x.IsSale() && y.IsSale():
		return false
	case x == KindFlash:
		return y == KindCoupon || y == KindCredits
	}
	return true
}
