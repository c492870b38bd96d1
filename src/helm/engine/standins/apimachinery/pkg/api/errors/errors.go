// Package errors stands in for apimachinery's.
package errors

// IsNotFound is asked only of a client that there is not.
func IsNotFound(error) bool { return false }
