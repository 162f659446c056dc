// Package order takes an order from the confirmation page to the received parcel.
package order
