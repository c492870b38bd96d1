package main

import (
	"regexp"
	"strings"
	"unicode"

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
	// segments are the parts between separators, by what stands in them; made when a file is first asked for.
	segments map[string]map[string]int
	counts   map[string]int
}

func newLineFinder(loaded *chart.Chart, files map[string]string) lineFinder {
	templates := map[string]string{}
	addTemplates(templates, loaded)
	return lineFinder{templates, files, map[string]map[string]int{}, map[string]int{}}
}

func addTemplates(templates map[string]string, loaded *chart.Chart) {
	for _, template := range loaded.Templates {
		templates[loaded.ChartFullPath()+"/"+template.Name] = string(template.Data)
	}
	for _, dependency := range loaded.Dependencies() {
		addTemplates(templates, dependency)
	}
}

// find answers 0 where the line is not known.
func (f lineFinder) find(path, content string) int {
	segment, found := f.segmentsOf(path)[content]
	template := f.templates[path]
	starts := separator.FindAllStringIndex(template, -1)
	if !found || len(starts) != f.counts[path] {
		return 0
	}
	from := 0
	if segment > 0 {
		from = starts[segment-1][1]
	}
	if begin := head.FindStringIndex(template[from:]); begin != nil {
		from += begin[0]
	}
	return 1 + strings.Count(template[:from], "\n")
}

func (f lineFinder) segmentsOf(path string) map[string]int {
	if known, found := f.segments[path]; found {
		return known
	}
	parts := separator.Split(f.files[path], -1)
	numbered := make(map[string]int, len(parts))
	for number, part := range parts {
		// The beginning is cut off as Helm does it.
		content := strings.TrimLeftFunc(part, unicode.IsSpace)
		if _, double := numbered[content]; !double {
			numbered[content] = number
		}
	}
	f.segments[path], f.counts[path] = numbered, len(parts)-1
	return numbered
}
