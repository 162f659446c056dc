package db

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// watching says that Watch was called, and insiders which goroutines run the function of a transaction: *DB by number of the goroutine.
var (
	watching  atomic.Bool
	insiders  sync.Map
	noRelease = func() {}
)

// Watch makes what must not be done within a transaction panic from now on: to begin another on the same database or to read
// from it by the side (as MySQL's pool may be empty by then, and SQLite waits for itself), and whatever calls OutsideTx. It is for
// tests: to know its goroutine costs a program a microsecond for each statement.
func Watch() { watching.Store(true) }

// OutsideTx says that the caller is about to do something slow that no transaction must wait for; under Watch it panics in one.
func OutsideTx(what string) {
	if watching.Load() && inside() != nil {
		panic("within a transaction: " + what)
	}
}

// enter notes that this goroutine runs the function of a transaction, until leave is called.
func enter(d *DB) (leave func()) {
	if !watching.Load() {
		return noRelease
	}
	g := goroutine()
	before, nested := insiders.Swap(g, d)
	return func() {
		if nested {
			insiders.Store(g, before)
		} else {
			insiders.Delete(g)
		}
	}
}

// suspendWatch lets this goroutine do anything until resume is called.
func suspendWatch() (resume func()) {
	if !watching.Load() {
		return noRelease
	}
	g := goroutine()
	before, nested := insiders.LoadAndDelete(g)
	if !nested {
		return noRelease
	}
	return func() { insiders.Store(g, before) }
}

// outside panics, under Watch, when this goroutine runs the function of a transaction on d.
func (d *DB) outside(what string) {
	if watching.Load() && inside() == d {
		panic(fmt.Sprintf("%s within a transaction on the same database: use the transaction", what))
	}
}

// inside is the database in whose transaction this goroutine is, or nil.
func inside() *DB {
	d, _ := insiders.Load(goroutine())
	db, _ := d.(*DB)
	return db
}

// goroutine is the number of this goroutine.
func goroutine() uint64 {
	var text [64]byte
	words := bytes.Fields(text[:runtime.Stack(text[:], false)]) // goroutine 7 [running]: …
	n, err := strconv.ParseUint(string(words[1]), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
