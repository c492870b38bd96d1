// Package v1 stands in for apimachinery's: the types that Helm's own lookup names.
package v1

// GetOptions is empty: nothing is read by the engine itself.
type GetOptions struct{}

// ListOptions is empty: nothing is read by the engine itself.
type ListOptions struct{}

// APIResource is a kind as a cluster serves it.
type APIResource struct {
	Name       string
	Namespaced bool
	Group      string
	Version    string
	Kind       string
}

// APIResourceList is what a cluster serves of one group and version.
type APIResourceList struct {
	APIResources []APIResource
}
