// Package storefront answers the shopper's pages.
package storefront

import "dashop/store"

// Pages answers the shopper's requests from the store.
type Pages struct {
	Store *store.Store
}
