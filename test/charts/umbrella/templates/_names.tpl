{{- define "umbrella.name" -}}{{ template "common.name" . }}-umbrella{{- end -}}
