// Package kubernetes is imported by Helm only so that client-go is part of the build and its version is known.
package kubernetes
