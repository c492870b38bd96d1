//go:build unix

package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

const (
	// collectFrom is the heap from which on memory is collected: below it a short-lived program does without.
	collectFrom = 256 << 20
	// deepestStack ends a recursion before it has eaten the memory.
	deepestStack = 256 << 20
)

// limits has the system end this program where a chart goes out of bounds: bytes that it may add to the address space that it starts
// with, and seconds of processor time, as the two arguments say. A limit that the system does not know is left out: the other side
// watches the clock.
func limits() {
	addressSpace, cpuSeconds := argument(1, 1<<30), argument(2, 60)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(collectFrom)
	debug.SetMaxStack(deepestStack)
	_ = setLimit(syscall.RLIMIT_CPU, cpuSeconds)
	_ = setLimit(syscall.RLIMIT_CORE, 0)
	_ = setLimit(syscall.RLIMIT_FSIZE, 0)
	if mapped := mappedBytes(); mapped > 0 {
		_ = setLimit(syscall.RLIMIT_AS, mapped+addressSpace)
	}
}

func argument(index int, usual uint64) uint64 {
	if index >= len(os.Args) {
		return usual
	}
	value, err := strconv.ParseUint(os.Args[index], 10, 64)
	if err != nil {
		return usual
	}
	return value
}

func setLimit(resource int, most uint64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most})
}

// mappedBytes is the address space in use; 0 where the system does not tell. Go maps far more than it uses.
func mappedBytes() uint64 {
	statistics, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(statistics), " ")
	pages, err := strconv.ParseUint(first, 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
