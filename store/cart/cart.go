// Package cart keeps the lines that a visitor or a user means to buy.
package cart
