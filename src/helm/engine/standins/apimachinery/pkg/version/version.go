// Package version names apimachinery's own type.
package version

import "appstore.dev/real/apimachinery/pkg/version"

// Info is a version as a server tells it.
type Info = version.Info
