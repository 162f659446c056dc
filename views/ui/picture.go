package ui

import (
	"strconv"

	"github.com/a-h/templ"

	"dashop/store/media"
)

// How wide pictures are shown, for the browser to choose the file by before it knows the style sheet.
const (
	CardSizes    = "(max-width: 760px) 45vw, 230px"
	GallerySizes = "(max-width: 760px) 100vw, (max-width: 1100px) 45vw, 540px"
	BannerSizes  = "(max-width: 760px) 590px, (max-width: 1100px) max(960px, 100vw), 1180px" // cut to their height
)

// Picture is the address of a stored picture in full size.
func Picture(stored string) string { return "/media/" + stored }

// Thumb is the address of a stored picture in small size, where it has one.
func Thumb(stored string) string { return Picture(media.Thumb(stored)) }

// Widths offers both sizes of a stored picture to the browser, which shows it as wide as sizes says. With one size it is nothing.
func Widths(stored, sizes string) templ.Attributes {
	set := srcset(stored)
	if set == "" {
		return nil
	}
	return templ.Attributes{"srcset": set, "sizes": sizes}
}

func srcset(stored string) string {
	small, large := media.Widths(stored)
	if small == 0 {
		return ""
	}
	return Thumb(stored) + " " + strconv.Itoa(small) + "w, " + Picture(stored) + " " + strconv.Itoa(large) + "w"
}
