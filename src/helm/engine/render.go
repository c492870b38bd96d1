package main

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
)

const notesName = "NOTES.txt"

// render goes the way of `helm install` from the chart to its documents: every step is Helm's own function, in Helm's order.
func render(wire *wire, request *request, body []byte) (map[string]any, error) {
	loaded, err := loadChart(request, body)
	if err != nil {
		return nil, err
	}
	if err := checkInstallable(loaded); err != nil {
		return nil, err
	}
	if err := chartutil.ValidateReleaseName(request.Release.Name); err != nil {
		return nil, at("request", fmt.Errorf("release name %q: %w", request.Release.Name, err))
	}
	if request.Values == nil {
		request.Values = map[string]any{}
	}
	for _, path := range request.Integers {
		integerAt(request.Values, path)
	}
	if err := chartutil.ProcessDependencies(loaded, request.Values); err != nil {
		return nil, at("dependencies", err)
	}
	capabilities, err := capabilitiesOf(request)
	if err != nil {
		return nil, err
	}
	values, err := valuesToRender(wire, request, loaded, capabilities)
	if err != nil {
		return nil, err
	}
	if wanted := loaded.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, capabilities.KubeVersion.String()) {
		return nil, at("kubeVersion", fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			wanted, capabilities.KubeVersion.Version))
	}
	noted := &made{seen: map[string]bool{}}
	renderer := engine.Engine{CustomTemplateFuncs: functions(wire, request.Keys, noted)}
	files, err := renderer.RenderWithContext(context.Background(), loaded, values)
	if err != nil {
		return nil, &problem{stage: "render", cause: err, required: missingValues(renderer, loaded, values)}
	}
	notes := takeNotes(loaded, files)
	result, err := documents(loaded, files, notes, request.IncludeCRDs)
	if err == nil && len(noted.texts) > 0 {
		result["made"] = noted.texts
	}
	return result, err
}

// missingValues renders what failed again as Helm's linter does, where `required` says what is missing and goes on: so all is known that it would
// say, one after the other.
func missingValues(renderer engine.Engine, loaded *chart.Chart, values common.Values) []string {
	renderer.LintMode = true
	// What fails then fails for another reason, and was said already.
	_, _ = renderer.RenderWithContext(context.Background(), loaded, values)
	if handler, ok := slog.Default().Handler().(*warningHandler); ok {
		return handler.required
	}
	return nil
}

func capabilitiesOf(request *request) (*common.Capabilities, error) {
	capabilities := common.DefaultCapabilities.Copy()
	wanted := request.Capabilities
	if wanted.KubeVersion != "" {
		version, err := common.ParseKubeVersion(wanted.KubeVersion)
		if err != nil {
			return nil, at("request", fmt.Errorf("invalid kube version '%s': %w", wanted.KubeVersion, err))
		}
		capabilities.KubeVersion = *version
	}
	if wanted.All {
		capabilities.APIVersions = wanted.APIVersions
	} else {
		capabilities.APIVersions = append(append(common.VersionSet{}, capabilities.APIVersions...), wanted.APIVersions...)
	}
	return capabilities, nil
}

func valuesToRender(wire *wire, request *request, loaded *chart.Chart, capabilities *common.Capabilities) (common.Values, error) {
	options := common.ReleaseOptions{
		Name:      request.Release.Name,
		Namespace: request.Release.Namespace,
		Revision:  request.Release.Revision,
		IsInstall: !request.Release.IsUpgrade,
		IsUpgrade: request.Release.IsUpgrade,
	}
	// Schemas are checked by the other side, at the same place.
	values, err := util.ToRenderValuesWithSchemaValidation(loaded, request.Values, options, capabilities, true)
	if err != nil {
		return nil, at("values", err)
	}
	own, err := values.Table("Values")
	if err != nil {
		return nil, at("values", err)
	}
	return values, checkSchemas(wire, loaded, own)
}

// takeNotes takes every NOTES.txt out of the rendered files; the chart's own are answered, those of its dependencies are not, as
// Helm does unless it is told.
func takeNotes(loaded *chart.Chart, files map[string]string) string {
	notes := files[path.Join(loaded.Name(), "templates", notesName)]
	for name := range files {
		if strings.HasSuffix(name, notesName) {
			delete(files, name)
		}
	}
	return notes
}
