// Package account knows people: users, passwords, sessions, addresses.
package account
