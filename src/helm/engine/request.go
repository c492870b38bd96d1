package main

import (
	"fmt"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
)

// request is what is asked, once.
type request struct {
	Type string `json:"type"`
	// Files of the chart; their contents stand one after the other in the body.
	Files []struct {
		Path string `json:"path"`
		Size int    `json:"size"`
	} `json:"files"`
	// Values are the user's own.
	Values map[string]any `json:"values"`
	// Integers are the paths of their numbers that `--set` gave.
	Integers [][]any `json:"integers"`

	Release struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Revision  int    `json:"revision"`
		IsUpgrade bool   `json:"isUpgrade"`
	} `json:"release"`

	Capabilities struct {
		// KubeVersion is Helm's own default where it is empty.
		KubeVersion string `json:"kubeVersion"`
		// APIVersions are what the cluster serves; Helm's own list, and these, where All is false.
		APIVersions []string `json:"apiVersions"`
		All         bool     `json:"all"`
	} `json:"capabilities"`

	// IncludeCRDs asks for what is in crds/ as well.
	IncludeCRDs bool `json:"includeCrds"`
	// Defaults asks for the default values, as `describe` answers them, with the rendering.
	Defaults bool `json:"defaults"`
	// Keys is true where keys are made by the other side.
	Keys bool `json:"keys"`
}

func receiveRequest(wire *wire) (*request, []byte, error) {
	request := &request{}
	body, err := wire.receive(request)
	return request, body, err
}

// files are the files of the chart, in the order in which they came.
func (r *request) files(body []byte) ([]*archive.BufferedFile, error) {
	files := make([]*archive.BufferedFile, 0, len(r.Files))
	for _, file := range r.Files {
		if file.Size < 0 || file.Size > len(body) {
			return nil, at("request", fmt.Errorf("the content of %s is missing", file.Path))
		}
		files = append(files, &archive.BufferedFile{Name: file.Path, Data: body[:file.Size:file.Size]})
		body = body[file.Size:]
	}
	return files, nil
}
