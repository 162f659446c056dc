// Package page holds one component for each page that shoppers see.
package page
