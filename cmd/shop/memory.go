package main

import (
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// garbagePercent is how much garbage may lie about before it is collected, in percent of what is in use. Go's own 100 costs more
	// time than the memory is worth where there is enough of it; where there is not, the limit has it collected earlier. With 400 an
	// idle shop would keep 8 MB more.
	garbagePercent = 200
	// leastMemory is the smallest limit on a machine: with less, collecting would be all that the shop does.
	leastMemory = 192 << 20
)

// memory is what the Go runtime is told; a zero leaves it as it is.
type memory struct {
	limit   uint64 // bytes that the shop should stay within
	garbage int    // percent
}

// planMemory decides by the limit of the container, if there is one, and what the machine has. A container is for the shop alone,
// which takes three quarters; on a machine there may be a database, which needs most, and the shop takes a quarter. GOGC and
// GOMEMLIMIT in env are the operator's own decisions.
func planMemory(env []string, container, machine memlimit.Provider) (m memory) {
	set := func(name string) bool {
		return slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	}
	total, _ := machine() // none when it is not known
	if limit, err := container(); err == nil && (limit < total || total == 0) {
		m.limit = limit / 4 * 3
	} else {
		m.limit = max(total/4, min(leastMemory, total/4*3))
	}
	if set("GOMEMLIMIT") {
		m.limit = 0
	} else if m.limit == 0 {
		return memory{} // as much garbage as there is room for, and nobody knows how much that is
	}
	if !set("GOGC") {
		m.garbage = garbagePercent
	}
	return m
}

// setMemory tells the Go runtime how much memory there is, and the operator what it was told.
func setMemory(env []string) {
	m := planMemory(env, memlimit.FromCgroup, memlimit.FromSystem)
	if m.limit > 0 {
		debug.SetMemoryLimit(int64(m.limit))
	}
	if m.garbage > 0 {
		debug.SetGCPercent(m.garbage)
	}
	slog.Info("memory", "limit_mb", m.limit>>20, "garbage_percent", m.garbage) // zero: as the environment or Go has it
}
