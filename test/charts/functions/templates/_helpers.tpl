{{- define "functions.name" -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- define "functions.labels" }}
app: {{ include "functions.name" . }}
version: {{ .Chart.AppVersion | quote }}
{{- end -}}
