// Package promo prices a basket, in one place.
package promo
