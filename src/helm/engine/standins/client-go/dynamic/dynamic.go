// Package dynamic stands in for client-go's: the engine never connects to a cluster.
package dynamic

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Content is an object of a cluster, or a list of them.
type Content interface {
	UnstructuredContent() map[string]any
}

// ResourceInterface is as much of client-go's as Helm's own lookup calls.
type ResourceInterface interface {
	Get(ctx context.Context, name string, options metav1.GetOptions, subresources ...string) (Content, error)
	List(ctx context.Context, options metav1.ListOptions) (Content, error)
}

// NamespaceableResourceInterface is a resource that may be narrowed to a namespace.
type NamespaceableResourceInterface interface {
	ResourceInterface
	Namespace(string) ResourceInterface
}

// Client can be asked nothing.
type Client struct{}

// NewForConfig always fails.
func NewForConfig(*rest.Config) (*Client, error) {
	return nil, errors.New("the engine has no connection to a cluster")
}

// Resource is never called: there is no client.
func (*Client) Resource(schema.GroupVersionResource) NamespaceableResourceInterface { return nil }
