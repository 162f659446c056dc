package keep

// Quickly is a page that is not kept, as it usually is, compressed.
func Quickly(p *Page) []byte { return p.quickly(nil) }

// Bound is how many bytes kept pages may take.
const Bound = pagesSize
