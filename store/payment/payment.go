// Package payment brings the news of money from the gateways to the orders.
package payment
