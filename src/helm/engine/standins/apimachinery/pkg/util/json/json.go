// Package json names apimachinery's own code, which its YAML reader needs.
package json

import "appstore.dev/real/apimachinery/pkg/util/json"

// Unmarshal keeps integers as integers.
var Unmarshal = json.Unmarshal

// ConvertMapNumbers makes numbers of a map int64 or float64.
var ConvertMapNumbers = json.ConvertMapNumbers

// ConvertSliceNumbers makes numbers of a list int64 or float64.
var ConvertSliceNumbers = json.ConvertSliceNumbers

// ConvertInterfaceNumbers makes numbers int64 or float64.
var ConvertInterfaceNumbers = json.ConvertInterfaceNumbers
