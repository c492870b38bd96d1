module k8s.io/apimachinery

go 1.26.0

require appstore.dev/real/apimachinery v0.37.1
