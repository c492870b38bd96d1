package main

// integerAt makes an int64 of the number at a path, as Helm has numbers of `--set`; all numbers of JSON and of values files are float64.
func integerAt(value any, path []any) any {
	if len(path) == 0 {
		if number, ok := value.(float64); ok && float64(int64(number)) == number {
			return int64(number)
		}
		return value
	}
	switch inside := value.(type) {
	case map[string]any:
		key, _ := path[0].(string)
		if inner, there := inside[key]; there {
			inside[key] = integerAt(inner, path[1:])
		}
	case []any:
		if index, ok := path[0].(float64); ok && index >= 0 && int(index) < len(inside) {
			inside[int(index)] = integerAt(inside[int(index)], path[1:])
		}
	}
	return value
}
