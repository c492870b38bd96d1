// Package schema stands in for apimachinery's: the names that Helm's own lookup uses.
package schema

// GroupVersion is a version of an API group.
type GroupVersion struct{ Group, Version string }

// GroupVersionKind is a kind in a version of an API group.
type GroupVersionKind struct{ Group, Version, Kind string }

// GroupVersionResource is a resource in a version of an API group.
type GroupVersionResource struct{ Group, Version, Resource string }

// FromAPIVersionAndKind is never called: lookups are answered by whoever asked for the rendering.
func FromAPIVersionAndKind(apiVersion, kind string) GroupVersionKind {
	return GroupVersionKind{Version: apiVersion, Kind: kind}
}

// GroupVersion is the kind without its name.
func (gvk GroupVersionKind) GroupVersion() GroupVersion {
	return GroupVersion{Group: gvk.Group, Version: gvk.Version}
}

func (gvk GroupVersionKind) String() string {
	return gvk.GroupVersion().String() + ", Kind=" + gvk.Kind
}

func (gv GroupVersion) String() string {
	if gv.Group == "" {
		return gv.Version
	}
	return gv.Group + "/" + gv.Version
}
