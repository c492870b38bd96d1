package main

import (
	"github.com/Masterminds/semver/v3"

	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
)

// dependency is one of Chart.yaml, and whether charts/ has it.
type dependency struct {
	Name       string `json:"name"`
	Alias      string `json:"alias"`
	Version    string `json:"version"`
	Repository string `json:"repository"`
	Condition  string `json:"condition"`
	// State is `present`, `missing`, `wrong version`, or `not as locked`.
	State string `json:"state"`
	// Found is the version in charts/; empty where there is none.
	Found string `json:"found"`
}

// describe tells what can be told of a chart without values.
func describe(request *request, body []byte) (map[string]any, error) {
	loaded, err := loadChart(request, body)
	if err != nil {
		return nil, err
	}
	result := map[string]any{
		"metadata":     loaded.Metadata,
		"dependencies": dependenciesOf(loaded),
		"schema":       string(loaded.Schema),
		"valuesText":   rawFile(loaded, "values.yaml"),
		"readme":       readme(loaded),
	}
	values, err := defaults(loaded)
	if err != nil {
		return nil, err
	}
	result["values"] = values
	return result, nil
}

func defaultsOf(request *request, body []byte) (map[string]any, error) {
	loaded, err := loadChart(request, body)
	if err != nil {
		return nil, err
	}
	return defaults(loaded)
}

// defaults are the values that the chart and all its dependencies know, whether these are enabled or not.
func defaults(loaded *chart.Chart) (map[string]any, error) {
	enableAll(loaded)
	if err := chartutil.ProcessDependencies(loaded, map[string]any{}); err != nil {
		return nil, at("dependencies", err)
	}
	// Merged, not coalesced: a default of null is a name that the chart knows.
	values, err := util.MergeValues(loaded, map[string]any{})
	if err != nil {
		return nil, at("values", err)
	}
	return values, nil
}

func enableAll(loaded *chart.Chart) {
	for _, wanted := range loaded.Metadata.Dependencies {
		if wanted != nil {
			wanted.Condition, wanted.Tags = "", nil
		}
	}
	for _, each := range loaded.Dependencies() {
		enableAll(each)
	}
}

func dependenciesOf(loaded *chart.Chart) []dependency {
	found := []dependency{}
	for _, wanted := range loaded.Metadata.Dependencies {
		if wanted == nil {
			continue
		}
		each := dependency{
			Name: wanted.Name, Alias: wanted.Alias, Version: wanted.Version,
			Repository: wanted.Repository, Condition: wanted.Condition,
		}
		each.State, each.Found = stateOf(loaded, wanted)
		found = append(found, each)
	}
	return found
}

func stateOf(loaded *chart.Chart, wanted *chart.Dependency) (state, version string) {
	for _, there := range loaded.Dependencies() {
		if there.Name() != wanted.Name {
			continue
		}
		version = there.Metadata.Version
		if chartutil.IsCompatibleRange(wanted.Version, version) {
			return lockState(loaded, wanted, version), version
		}
	}
	if version == "" {
		return "missing", ""
	}
	return "wrong version", version
}

func lockState(loaded *chart.Chart, wanted *chart.Dependency, version string) string {
	if loaded.Lock == nil {
		return "present"
	}
	for _, locked := range loaded.Lock.Dependencies {
		if locked != nil && locked.Name == wanted.Name && sameVersion(locked.Version, version) {
			return "present"
		}
	}
	return "not as locked"
}

func sameVersion(one, other string) bool {
	a, errA := semver.NewVersion(one)
	b, errB := semver.NewVersion(other)
	if errA != nil || errB != nil {
		return one == other
	}
	return a.Equal(b)
}

func rawFile(loaded *chart.Chart, name string) string {
	for _, file := range loaded.Raw {
		if file.Name == name {
			return string(file.Data)
		}
	}
	return ""
}

func readme(loaded *chart.Chart) string {
	for _, name := range []string{"README.md", "readme.md", "README.txt", "README"} {
		if text := rawFile(loaded, name); text != "" {
			return text
		}
	}
	return ""
}
