package main

import (
	"fmt"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// schemaOfChart is one schema and the values that have to fit it.
type schemaOfChart struct {
	Chart string `json:"chart"`
	// Path are the keys from the user's values to those of this chart.
	Path   []string       `json:"path"`
	Schema string         `json:"schema"`
	Values map[string]any `json:"values"`
}

// checkSchemas has the other side check the values of every chart that has a schema: which those are, and with what values, is as in
// Helm's ValidateAgainstSchema.
func checkSchemas(wire *wire, loaded *chart.Chart, values map[string]any) error {
	found, err := schemasOf(loaded, values, []string{})
	if err != nil {
		return at("schema", err)
	}
	if len(found) == 0 {
		return nil
	}
	var problems any
	if err := wire.call("checkValues", found, &problems); err != nil {
		return at("schema", err)
	}
	return nil
}

func schemasOf(loaded *chart.Chart, values map[string]any, path []string) ([]schemaOfChart, error) {
	var found []schemaOfChart
	if loaded.Schema != nil {
		found = append(found, schemaOfChart{loaded.Name(), path, string(loaded.Schema), values})
	}
	for _, dependency := range loaded.Dependencies() {
		name := dependency.Name()
		given, exists := values[name]
		if !exists || given == nil {
			continue
		}
		inner, ok := given.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s:\ninvalid type for values: expected object (map), got %T", name, given)
		}
		deeper, err := schemasOf(dependency, inner, append(append([]string{}, path...), name))
		if err != nil {
			return nil, err
		}
		found = append(found, deeper...)
	}
	return found, nil
}
