// Package captcha draws digits so that people read them and programs hardly do, and reads them aloud.
//
// The digits in digits.txt and the recordings in voice/ are those of github.com/mojocn/base64Captcha (see NOTICE), and so are the
// ways to disturb them. The package itself is not used: it decodes six megabytes of fonts and sounds at each start.
package captcha

import (
	"math/rand/v2"
)

// within is a random number from one to below another.
func within(from, to float64) float64 { return from + rand.Float64()*(to-from) }

// among is a random number from one to below another, or the first where there is none.
func among(from, to int) int { return from + rand.IntN(max(1, to-from)) }
