// Package v1beta1 stands in for the types of CustomResourceDefinitions, of which Helm only wants the version to be known.
package v1beta1

import "k8s.io/client-go/kubernetes/scheme"

// AddToScheme does nothing: the stand-in of the scheme names these versions itself.
func AddToScheme(*scheme.Known) error { return nil }
