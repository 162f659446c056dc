package ui

import (
	"github.com/a-h/templ"

	"dashop/store/money"
)

// The components in this file stand in most of the others. To the compiler a component is a short function around a long one, and
// inlining the short one copies the long one too: most of a megabyte of program for these few.

// Icon is a picture from the sprite, hidden from screen readers: the words stand beside it. size is 14, 16, 20 or 24.
//
//go:noinline
func Icon(name string, size int) templ.Component { return iconPicture(name, size) }

// Field is a labelled one-line input with its hint or what is wrong with it.
//
//go:noinline
func Field(in Input) templ.Component { return fieldRow(in) }

// Check is a check box with its label.
//
//go:noinline
func Check(t Tick) templ.Component { return tickBox(t) }

// SumRow is one line of a sum card: a label, an amount, and below the label the reason in small. kind is "", off, or whole for the last
// line of a small sum.
//
//go:noinline
func SumRow(label, reason string, f money.Fen, kind string) templ.Component {
	return sumLine(label, reason, f, kind)
}

// Empty says that there is nothing yet and where to go from here. picture is a stored path, or "" for an icon.
//
//go:noinline
func Empty(title, advice, picture string, next *Link) templ.Component {
	return emptyPlace(title, advice, picture, next)
}

// Select is a labelled list to choose from; in.Value is the one chosen.
//
//go:noinline
func Select(in Input, choices []Choice) templ.Component {
	return selectRow(in, choices)
}

// FieldNote is what stands below a field: what is wrong with it, or its hint.
//
//go:noinline
func FieldNote(in Input) templ.Component {
	return fieldNote(in)
}

// Quiet is the page for buying and logging in: no search, no menu. step is where one stands on the path (1 to 4), 0 shows
// no path.
//
//go:noinline
func Quiet(v View, p Page, step int) templ.Component {
	return quietPage(v, p, step)
}
