package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listenerOf is the id of the process on this machine that listens at a TCP port; 0 where there is none that may be looked at.
func listenerOf(port string) (int, error) {
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0, err
	}
	const listening = "0A"
	var socket string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // where there is no /proc, there is no such process
		for _, row := range strings.Split(string(text), "\n") {
			f := strings.Fields(row)
			if len(f) > 9 && f[3] == listening && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", n)) {
				socket = "socket:[" + f[9] + "]"
			}
		}
	}
	if socket == "" {
		return 0, nil
	}
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && to == socket {
			return strconv.Atoi(strings.Split(f, "/")[2])
		}
	}
	return 0, nil
}
