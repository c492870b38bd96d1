// Package rest stands in for client-go's: the engine never connects to a cluster.
package rest

// Config is never set: lookups are answered by whoever asked for the rendering.
type Config struct{}
