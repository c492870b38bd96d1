// The engine renders Helm charts with Helm's own code. It answers one request on its standard input and ends: docs/helm-engine.md
// says what goes over the wire. It reads no files, no environment and no network; what it needs of the outside it asks for.
package main

import (
	"fmt"
	"os"
)

func main() {
	limits()
	wire := &wire{in: os.Stdin, out: os.Stdout}
	if err := answer(wire); err != nil {
		// The other side is gone or speaks another language: there is nobody to tell but the log.
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// answer reads the request and writes its result or the problem that there is instead. The error is one of the wire.
func answer(wire *wire) error {
	request, body, err := receiveRequest(wire)
	if err != nil {
		return err
	}
	warnings := collectWarnings()
	result, err := perform(wire, request, body)
	if err != nil {
		if wireError := wire.failed; wireError != nil {
			return wireError
		}
		return wire.send(problemOf(err, warnings()))
	}
	result["type"] = "result"
	result["warnings"] = warnings()
	if request.Defaults {
		// Last, and of the chart loaded anew: finding them out changes the chart, and warns of what nobody enabled.
		if result["defaults"], err = defaultsOf(request, body); err != nil {
			return wire.send(problemOf(err, nil))
		}
	}
	return wire.send(result)
}

func perform(wire *wire, request *request, body []byte) (map[string]any, error) {
	switch request.Type {
	case "render":
		return render(wire, request, body)
	case "describe":
		return describe(request, body)
	case "documents":
		return documentsOf(request, body)
	default:
		return nil, at("request", fmt.Errorf("there is no request %q", request.Type))
	}
}
