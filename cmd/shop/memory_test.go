package main

import (
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func TestMemoryFollowsWhatThereIs(t *testing.T) {
	const mb = 1 << 20
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for _, c := range []struct {
		what               string
		container, machine memlimit.Provider
		env                []string
		want               memory
	}{
		{"a machine", none, memlimit.Limit(8192 * mb), nil, memory{2048 * mb, garbagePercent}},
		{"a small machine", none, memlimit.Limit(512 * mb), nil, memory{192 * mb, garbagePercent}},
		{"a tiny machine", none, memlimit.Limit(128 * mb), nil, memory{96 * mb, garbagePercent}},
		{"a container", memlimit.Limit(512 * mb), memlimit.Limit(8192 * mb), nil, memory{384 * mb, garbagePercent}},
		{"a small container", memlimit.Limit(64 * mb), memlimit.Limit(8192 * mb), nil, memory{48 * mb, garbagePercent}},
		{"a container that may have more than there is", memlimit.Limit(1 << 62), memlimit.Limit(8192 * mb), nil,
			memory{2048 * mb, garbagePercent}},
		{"a container on a machine that says nothing", memlimit.Limit(512 * mb), none, nil, memory{384 * mb, garbagePercent}},
		{"nothing is known", none, none, nil, memory{}},
		{"the operator sets the limit", none, memlimit.Limit(8192 * mb), []string{"GOMEMLIMIT=1GiB"}, memory{0, garbagePercent}},
		{"the operator sets the limit, and nothing is known", none, none, []string{"GOMEMLIMIT=1GiB"}, memory{0, garbagePercent}},
		{"the operator sets the garbage", none, memlimit.Limit(8192 * mb), []string{"GOGC=50"}, memory{2048 * mb, 0}},
		{"the operator sets both", none, memlimit.Limit(8192 * mb), []string{"GOGC=50", "GOMEMLIMIT=1GiB"}, memory{}},
		{"something else of a like name", none, memlimit.Limit(8192 * mb), []string{"GOGCX=1"}, memory{2048 * mb, garbagePercent}},
	} {
		if got := planMemory(c.env, c.container, c.machine); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
