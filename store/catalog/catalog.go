// Package catalog keeps what the shop sells: categories, products, SKUs, advertisements.
package catalog
