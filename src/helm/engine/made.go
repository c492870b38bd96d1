package main

import (
	"reflect"
	"text/template"
)

// made collects what functions that go by chance answered, so that the other side can tell where a chart put a password that it made.
type made struct {
	texts []string
	seen  map[string]bool
	bytes int
}

// Far more than charts make. What a chart makes beyond is not told.
const (
	mostMade      = 2_000
	mostMadeBytes = 1 << 20
)

// byChance are the functions whose answer may be a secret that nobody gave. Those that answer certificates give out their key.
var byChance = []string{
	"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "uuidv4", "bcrypt", "htpasswd", "derivePassword",
	"encryptAES", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert",
	"genSignedCertWithKey",
}

// watch puts functions into own that note what they answer, each in the place of the one that own or sprig has.
func (m *made) watch(own, sprig template.FuncMap) {
	for _, name := range byChance {
		function, found := own[name]
		if !found {
			function, found = sprig[name]
		}
		if found {
			own[name] = m.noting(function)
		}
	}
}

func (m *made) noting(function any) any {
	inner := reflect.ValueOf(function)
	return reflect.MakeFunc(inner.Type(), func(arguments []reflect.Value) []reflect.Value {
		results := inner.Call(arguments)
		m.note(results[0])
		return results
	}).Interface()
}

// note takes a text, or the key of a certificate, whose type Sprig does not export.
func (m *made) note(value reflect.Value) {
	for value.Kind() == reflect.Interface || value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if value.Kind() == reflect.Struct {
		value = value.FieldByName("Key")
	}
	if value.Kind() != reflect.String {
		return
	}
	text := value.String()
	if text == "" || m.seen[text] || len(m.texts) >= mostMade || m.bytes+len(text) > mostMadeBytes {
		return
	}
	m.seen[text] = true
	m.bytes += len(text)
	m.texts = append(m.texts, text)
}
