// Package runtime stands in for apimachinery's: a field of Helm's release names its Object.
package runtime

// Object is any object.
type Object any
