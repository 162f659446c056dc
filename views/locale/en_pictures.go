package locale

// The words of pictures.
var _ = add(map[string]string{
	"商品大图": "Large pictures",
})
