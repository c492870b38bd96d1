package main

import "text/template"

// addKeyFunctions has RSA and DSA keys made by the other side: in WebAssembly they take ten times as long. What is done with the key is
// Sprig's own: its functions that make a key are those that take one, given a new key.
func addKeyFunctions(own, sprig template.FuncMap, wire *wire) {
	newKey := func(kind string, bits int) (string, error) {
		var pem string
		err := wire.call("key", map[string]any{"kind": kind, "bits": bits}, &pem)
		return pem, err
	}
	withKey := func(name string, arguments ...any) (any, error) {
		key, err := newKey("rsa", certificateBits)
		if err != nil {
			return nil, err
		}
		return invoke(sprig[name], append(arguments, key)...)
	}
	own["genPrivateKey"] = func(kind string) (any, error) {
		switch kind {
		case "", "rsa":
			return newKey("rsa", privateKeyBits)
		case "dsa":
			key, err := newKey("dsa", dsaBits)
			if err != nil {
				return nil, err
			}
			return opensslDSA(key)
		}
		return invoke(sprig["genPrivateKey"], kind)
	}
	own["genCA"] = func(name string, days int) (any, error) {
		return withKey("genCAWithKey", name, days)
	}
	own["genSelfSignedCert"] = func(name string, ips, names []any, days int) (any, error) {
		return withKey("genSelfSignedCertWithKey", name, ips, names, days)
	}
	// The authority is a certificate as Sprig makes it, whose type it does not export.
	own["genSignedCert"] = func(name string, ips, names []any, days int, authority any) (any, error) {
		return withKey("genSignedCertWithKey", name, ips, names, days, authority)
	}
}

// Sizes of keys, as Sprig makes them.
const (
	certificateBits = 2048
	privateKeyBits  = 4096
	dsaBits         = 2048
)
