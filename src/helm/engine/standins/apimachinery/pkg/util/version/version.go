// Package version names apimachinery's own code, which Helm reads versions of Kubernetes with.
package version

import "appstore.dev/real/apimachinery/pkg/util/version"

// ParseGeneric reads a version that need not be semver.
var ParseGeneric = version.ParseGeneric
