// Package yaml names apimachinery's own code, which Helm splits streams of YAML documents with.
package yaml

import "appstore.dev/real/apimachinery/pkg/util/yaml"

// NewYAMLReader reads documents one by one.
var NewYAMLReader = yaml.NewYAMLReader
