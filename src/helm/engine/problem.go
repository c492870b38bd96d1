package main

import "errors"

// problem is an error with the stage that it happened in.
type problem struct {
	stage string
	cause error
	// file and text are the rendered file that is not YAML.
	file, text string
	// required is what `required` says of every value that is missing, where a template fails.
	required []string
}

func (p *problem) Error() string { return p.cause.Error() }
func (p *problem) Unwrap() error { return p.cause }

func at(stage string, cause error) error { return &problem{stage: stage, cause: cause} }

func problemOf(err error, warnings []string) map[string]any {
	found := &problem{stage: "render", cause: err}
	errors.As(err, &found)
	told := map[string]any{
		"type": "problem", "stage": found.stage, "message": err.Error(), "warnings": warnings,
	}
	if found.file != "" {
		told["file"], told["text"] = found.file, found.text
	}
	if len(found.required) > 0 {
		told["required"] = found.required
	}
	return told
}
