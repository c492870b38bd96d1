package main

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"strings"
)

// collectWarnings takes what Helm's code logs from now on; the answer gives it out.
func collectWarnings() func() []string {
	var old bytes.Buffer
	handler := &warningHandler{}
	slog.SetDefault(slog.New(handler))
	// After SetDefault, which would lead the old log into the new one.
	log.SetOutput(&old)
	log.SetFlags(0)
	return func() []string {
		lines := []string{}
		for line := range strings.SplitSeq(old.String(), "\n") {
			if line != "" {
				lines = append(lines, line)
			}
		}
		return append(lines, handler.lines...)
	}
}

type warningHandler struct {
	lines []string
	// required is what `required` says where it does not fail.
	required []string
}

// missing is how Helm begins to say that, in the mode of its linter.
const missing = "missing required value"

// unknownHook is logged as mere information, although an object of the chart is left out.
const unknownHook = "skipping unknown hooks"

func (*warningHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *warningHandler) Handle(_ context.Context, record slog.Record) error {
	if record.Level < slog.LevelWarn && record.Message != unknownHook {
		return nil
	}
	if strings.HasPrefix(record.Message, missing) {
		record.Attrs(func(attribute slog.Attr) bool {
			h.required = append(h.required, attribute.Value.String())
			return true
		})
		return nil
	}
	var line strings.Builder
	line.WriteString(record.Message)
	record.Attrs(func(attribute slog.Attr) bool {
		line.WriteString(", " + attribute.Key + ": " + attribute.Value.String())
		return true
	})
	h.lines = append(h.lines, line.String())
	return nil
}

func (h *warningHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *warningHandler) WithGroup(string) slog.Handler      { return h }
