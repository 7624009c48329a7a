// Lets main.go declare functions of Calico without a body.
