package locale

// The words of pictures, and of what is suggested while one types.
var _ = add(map[string]string{
	"广告图片，最好是 1600 × 480 像素": "Picture, best at 1600 × 480 pixels",
	"商品大图": "Large pictures",
	"%d 个建议，按上下方向键选择": "%d suggestions, choose with the up and down keys",
})
