package main

import (
	"fmt"
	"reflect"
)

// invoke calls one of Sprig's functions, some of which take and answer types that Sprig does not export.
func invoke(function any, arguments ...any) (any, error) {
	called := reflect.ValueOf(function)
	wanted := called.Type()
	values := make([]reflect.Value, len(arguments))
	for index, argument := range arguments {
		value := reflect.ValueOf(argument)
		if !value.IsValid() {
			value = reflect.Zero(wanted.In(index))
		}
		if !value.Type().AssignableTo(wanted.In(index)) {
			return nil, fmt.Errorf("wrong type for value; expected %s; got %s", wanted.In(index), value.Type())
		}
		values[index] = value
	}
	results := called.Call(values)
	if len(results) == 2 && !results[1].IsNil() {
		return nil, results[1].Interface().(error)
	}
	return results[0].Interface(), nil
}
