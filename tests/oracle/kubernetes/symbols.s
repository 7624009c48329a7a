// Lets main.go declare functions of kube-proxy without a body.
