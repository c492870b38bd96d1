package main

import (
	"regexp"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// separator is where Helm splits a file into documents.
var separator = regexp.MustCompile(`(?m)^---[ \t]*`)

// head is a line that an object begins with.
var head = regexp.MustCompile(`(?m)^(apiVersion|kind):`)

// lineFinder finds the place of a document in its template. Templates do not keep places: it can be told only where the rendered file
// has as many separators as its template has, and then by counting them.
type lineFinder struct {
	templates map[string]string
	files     map[string]string
}

func newLineFinder(loaded *chart.Chart, files map[string]string) lineFinder {
	templates := map[string]string{}
	addTemplates(templates, loaded)
	return lineFinder{templates, files}
}

func addTemplates(templates map[string]string, loaded *chart.Chart) {
	if loaded == nil {
		return
	}
	for _, template := range loaded.Templates {
		templates[loaded.ChartFullPath()+"/"+template.Name] = string(template.Data)
	}
	for _, dependency := range loaded.Dependencies() {
		addTemplates(templates, dependency)
	}
}

// find answers 0 where the line is not known.
func (f lineFinder) find(path, content string) int {
	template, rendered := f.templates[path], f.files[path]
	offset := strings.Index(rendered, content)
	starts := separator.FindAllStringIndex(template, -1)
	if offset < 0 || len(starts) != len(separator.FindAllString(rendered, -1)) {
		return 0
	}
	from := 0
	if before := len(separator.FindAllString(rendered[:offset], -1)); before > 0 {
		from = starts[before-1][1]
	}
	if begin := head.FindStringIndex(template[from:]); begin != nil {
		from += begin[0]
	}
	return 1 + strings.Count(template[:from], "\n")
}
