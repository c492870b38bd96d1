package main

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
)

// pkcs8 is a private key with the name of its algorithm (RFC 5208).
type pkcs8 struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
}

// openssl is a DSA key as OpenSSL writes it, and Sprig.
type openssl struct {
	Version       int
	P, Q, G, Y, X *big.Int
}

// opensslDSA rewrites a DSA key from the form that node:crypto gives out into the one that Sprig does.
func opensslDSA(text string) (string, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return "", errors.New("the key is not PEM")
	}
	var wrapped pkcs8
	if _, err := asn1.Unmarshal(block.Bytes, &wrapped); err != nil {
		return "", err
	}
	var domain struct{ P, Q, G *big.Int }
	if _, err := asn1.Unmarshal(wrapped.Algorithm.Parameters.FullBytes, &domain); err != nil {
		return "", err
	}
	var secret *big.Int
	if _, err := asn1.Unmarshal(wrapped.Key, &secret); err != nil {
		return "", err
	}
	public := new(big.Int).Exp(domain.G, secret, domain.P)
	key, err := asn1.Marshal(openssl{0, domain.P, domain.Q, domain.G, public, secret})
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "DSA PRIVATE KEY", Bytes: key})), nil
}
