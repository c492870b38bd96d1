package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"sigs.k8s.io/yaml"
)

var utf8bom = []byte{0xEF, 0xBB, 0xBF}

// loadChart makes the chart of the request's files, as Helm does of a folder or an archive.
func loadChart(request *request, body []byte) (*chart.Chart, error) {
	files, err := request.files(body)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		// Helm takes byte order marks away as it reads folders and archives.
		file.Data = bytes.TrimPrefix(file.Data, utf8bom)
	}
	if err := checkVersion(files); err != nil {
		return nil, at("load", err)
	}
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, at("load", err)
	}
	return loaded, nil
}

// checkVersion refuses what Helm's loaders refuse: a chart of a version that they do not know. Version 3 they load, and then
// refuse to install.
func checkVersion(files []*archive.BufferedFile) error {
	for _, file := range files {
		if file.Name != "Chart.yaml" {
			continue
		}
		var head struct {
			APIVersion string `json:"apiVersion"`
		}
		if err := yaml.Unmarshal(file.Data, &head); err != nil {
			return fmt.Errorf("cannot load Chart.yaml: %w", err)
		}
		switch head.APIVersion {
		case "", chart.APIVersionV1, chart.APIVersionV2:
			return nil
		}
		return fmt.Errorf("unsupported chart version: Chart.yaml has apiVersion %q, v1 and v2 are known", head.APIVersion)
	}
	return errors.New("Chart.yaml file is missing") //nolint:staticcheck // named as it is written
}

// missingDependencies are those that Chart.yaml names and charts/ does not have, as `helm install` finds them.
func missingDependencies(loaded *chart.Chart) []string {
	var missing []string
	for _, wanted := range loaded.Metadata.Dependencies {
		if wanted != nil && !has(loaded, wanted.Name) {
			missing = append(missing, wanted.Name)
		}
	}
	return missing
}

func has(loaded *chart.Chart, name string) bool {
	for _, there := range loaded.Dependencies() {
		if there.Name() == name {
			return true
		}
	}
	return false
}

// checkInstallable refuses library charts and charts whose dependencies are not there, in Helm's words.
func checkInstallable(loaded *chart.Chart) error {
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return at("install", fmt.Errorf("%s charts are not installable", kind))
	}
	if missing := missingDependencies(loaded); len(missing) > 0 {
		return at("missing", errors.New(strings.Join(missing, ", ")))
	}
	return nil
}
