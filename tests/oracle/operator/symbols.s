// Lets main.go declare functions of the operator without a body.
