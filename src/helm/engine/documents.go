package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"
)

// document is one YAML document of the rendered chart.
type document struct {
	// Path is where it comes from: chart/templates/file.yaml.
	Path string `json:"path"`
	// Line in the template, 0 where it cannot be told.
	Line int `json:"line"`
	// Hook is there for hooks only.
	Hook *hook `json:"hook,omitempty"`
	// CRD is true for what lies in crds/.
	CRD bool `json:"crd,omitempty"`
	// Object is the document as JSON; null where there is nothing but comments.
	Object json.RawMessage `json:"object"`

	content string
}

type hook struct {
	Events            []release.HookEvent           `json:"events"`
	Weight            int                           `json:"weight"`
	DeletePolicies    []release.HookDeletePolicy    `json:"deletePolicies"`
	OutputLogPolicies []release.HookOutputLogPolicy `json:"outputLogPolicies"`
}

// documents sorts the rendered files into hooks and all else, as Helm does, and reads each as YAML.
func documents(loaded *chart.Chart, files map[string]string, notes string, crds bool) (map[string]any, error) {
	if err := checkSize(files); err != nil {
		return nil, err
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, notYAML(files, err)
	}
	lines := newLineFinder(loaded, files)
	var found []*document
	if crds {
		found = append(found, crdDocuments(loaded)...)
	}
	for _, manifest := range manifests {
		found = append(found, &document{
			Path: manifest.Name, Line: lines.find(manifest.Name, manifest.Content), content: manifest.Content,
		})
	}
	for _, each := range hooks {
		found = append(found, &document{
			Path: each.Path, Line: lines.find(each.Path, each.Manifest), content: each.Manifest,
			Hook: &hook{each.Events, each.Weight, each.DeletePolicies, each.OutputLogPolicies},
		})
	}
	for _, each := range found {
		// Helm ends every document with a line break where it puts them together, and a block of text may end with it.
		each.content += "\n"
	}
	if err := convert(found); err != nil {
		return nil, err
	}
	return map[string]any{"documents": nonEmpty(found), "notes": notes}, nil
}

// largestRendering is far more than any chart renders to: the largest public ones have some 5 MiB.
const largestRendering = 64 << 20

func checkSize(files map[string]string) error {
	size := 0
	for _, content := range files {
		size += len(content)
	}
	if size <= largestRendering {
		return nil
	}
	return at("limit", fmt.Errorf("the chart renders to more than %d MiB", largestRendering>>20))
}

func crdDocuments(loaded *chart.Chart) []*document {
	var found []*document
	for _, crd := range loaded.CRDObjects() {
		for _, part := range split(string(crd.File.Data)) {
			found = append(found, &document{Path: crd.Filename, CRD: true, content: part})
		}
	}
	return found
}

// split are the documents of a stream, in its order.
func split(stream string) []string {
	parts := releaseutil.SplitManifests(stream)
	ordered := make([]string, len(parts))
	for index := range ordered {
		ordered[index] = parts[fmt.Sprintf("manifest-%d", index)]
	}
	return ordered
}

// convert makes JSON of every document, with the YAML reader that Helm and Kubernetes use, on all processors.
func convert(found []*document) error {
	failures := make([]error, len(found))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for index, each := range found {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; group.Done() }()
			each.Object, failures[index] = toJSON(each)
			if failures[index] != nil {
				failures[index] = &problem{
					stage: "yaml", cause: fmt.Errorf("YAML parse error on %s: %w", each.Path, failures[index]),
					file: each.Path, text: each.content,
				}
			}
		}()
	}
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return failure
		}
	}
	return nil
}

// toJSON goes a shorter way for definitions, which are long and written by programs.
func toJSON(each *document) (json.RawMessage, error) {
	if each.CRD {
		if plain, ok := plainYAML(each.content); ok {
			return plain, nil
		}
	}
	return yaml.YAMLToJSON([]byte(each.content))
}

func nonEmpty(found []*document) []*document {
	kept := []*document{}
	for _, each := range found {
		if string(each.Object) != "null" {
			kept = append(kept, each)
		}
	}
	return kept
}

// notYAML finds the document that Helm could not read, so that it can be shown.
func notYAML(files map[string]string, cause error) error {
	told := &problem{stage: "yaml", cause: cause}
	for name, content := range files {
		if !strings.Contains(cause.Error(), "on "+name+":") {
			continue
		}
		for _, part := range split(content) {
			var head releaseutil.SimpleHead
			if err := yaml.Unmarshal([]byte(part), &head); err != nil {
				told.file, told.text = name, part
				return told
			}
		}
	}
	return told
}

// documentsOf reads a stream of YAML documents in its own order, such as what `helm template` prints.
func documentsOf(_ *request, body []byte) (map[string]any, error) {
	var found []*document
	source := ""
	for _, part := range split(string(body)) {
		// A file of definitions may begin with a separator, or hold several: Helm names it once.
		if own := sourceOf(part); own != "" {
			source = own
		}
		found = append(found, &document{Path: source, content: part})
	}
	if err := convert(found); err != nil {
		return nil, err
	}
	return map[string]any{"documents": nonEmpty(found), "notes": ""}, nil
}

// sourceOf is what Helm writes above each document that it prints.
func sourceOf(content string) string {
	first, _, _ := strings.Cut(content, "\n")
	source, found := strings.CutPrefix(first, "# Source: ")
	if !found {
		return ""
	}
	return strings.TrimSpace(source)
}
