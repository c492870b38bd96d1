//go:build !unix

package main

import "runtime/debug"

// limits leaves memory and time to whoever runs this: in WebAssembly the memory has a maximum and the Worker is ended.
func limits() {
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(320 << 20)
	debug.SetMaxStack(256 << 20)
}
