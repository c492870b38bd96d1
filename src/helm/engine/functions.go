package main

import (
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// functions are the template functions that need the outside: objects of the cluster, and keys where the other side makes them
// faster. What goes by chance is noted.
func functions(wire *wire, keys bool, noted *made) template.FuncMap {
	own := template.FuncMap{"lookup": lookup(wire)}
	all := sprig.TxtFuncMap()
	if keys {
		addKeyFunctions(own, all, wire)
	}
	noted.watch(own, all)
	return own
}

// lookup answers as Helm's does: an empty map where there is no such object, a list where no name is given.
func lookup(wire *wire) func(apiVersion, kind, namespace, name string) (map[string]any, error) {
	return func(apiVersion, kind, namespace, name string) (map[string]any, error) {
		found := map[string]any{}
		err := wire.call("lookup", map[string]string{
			"apiVersion": apiVersion, "kind": kind, "namespace": namespace, "name": name,
		}, &found)
		if found == nil {
			found = map[string]any{}
		}
		return found, err
	}
}
