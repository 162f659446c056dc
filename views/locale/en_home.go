package locale

// The words of the home page that are one person's own, and of brands.
var _ = add(map[string]string{
	"猜你喜欢":      "You may like",
	"和您看过的商品同类": "Like what you have looked at",
	"品牌":        "Brands",
	"认真做东西的人":   "People who care about what they make",
})
