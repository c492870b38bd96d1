module appstore.dev/helm-engine

go 1.26.0

require (
	appstore.dev/real/apimachinery v0.37.1
	github.com/Masterminds/semver/v3 v3.5.0
	github.com/Masterminds/sprig/v3 v3.3.0
	helm.sh/helm/v4 v4.3.1
	k8s.io/apimachinery v0.37.1
	k8s.io/client-go v0.37.1
	sigs.k8s.io/yaml v1.6.0
)

require (
	dario.cat/mergo v1.0.1 // indirect
	github.com/BurntSushi/toml v1.6.0 // indirect
	github.com/Masterminds/goutils v1.1.1 // indirect
	github.com/cyphar/filepath-securejoin v0.7.0 // indirect
	github.com/gobwas/glob v0.2.3 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/huandu/xstrings v1.5.0 // indirect
	github.com/mitchellh/copystructure v1.2.0 // indirect
	github.com/mitchellh/reflectwalk v1.0.2 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	github.com/spf13/cast v1.7.0 // indirect
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	k8s.io/apiextensions-apiserver v0.37.1 // indirect
	sigs.k8s.io/json v0.0.0-20250730193827-2d320260d730 // indirect
)

// Helm's own code is used as it is. What it pulls in for work that is done elsewhere has stand-ins: the cluster is read by
// whoever asked (lookup), JSON Schema is checked there too.
replace (
	appstore.dev/real/apimachinery => k8s.io/apimachinery v0.37.1
	github.com/santhosh-tekuri/jsonschema/v6 => ./standins/jsonschema
	k8s.io/apiextensions-apiserver => ./standins/apiextensions-apiserver
	k8s.io/apimachinery => ./standins/apimachinery
	k8s.io/client-go => ./standins/client-go
)
