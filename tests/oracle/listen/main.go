// Command oracle lets Go's network library and libcni answer a question: the argument names the component, standard input
// holds the question, and one line of JSON on standard output is the answer.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	version, message := runtime.Version(), ""
	switch os.Args[1] {
	case "net.Listen":
		message, err = listen(string(text))
	case "libcni":
		info, _ := debug.ReadBuildInfo()
		version = info.Deps[0].Version
		message, err = ipam(string(text))
	}
	if err != nil {
		message = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"version": version, "accepted": err == nil, "message": message})
}

// An address that somebody is to listen on, with a port or without.
var place = regexp.MustCompile(`(?:--bind-address=|--address=|--listen-client-urls=https?://|(?i:address): )['"]?([^'"\n]+)`)

// listen takes the first address of the question, on a free port: a component that calls net.Listen does the same. It says
// which connections arrive.
func listen(text string) (string, error) {
	found := place.FindStringSubmatch(text)
	if found == nil {
		panic("the question has no address to listen on")
	}
	host := found[1]
	if bare, _, err := net.SplitHostPort(host); err == nil {
		host = bare
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(strings.Trim(host, "[]"), "0"))
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	var said []string
	for _, from := range []string{"127.0.0.1", "::1"} {
		answer := "refused"
		if connection, err := net.Dial("tcp", net.JoinHostPort(from, port)); err == nil {
			connection.Close()
			answer = "taken"
		}
		said = append(said, fmt.Sprintf("a connection to %s is %s", from, answer))
	}
	return strings.Join(said, ", "), nil
}

// ipam is what a plugin reads of its ipam object, after libcni has passed the configuration on.
func ipam(text string) (string, error) {
	_, configuration, _ := strings.Cut(text, "cni_network_config: |-\n")
	list, err := libcni.ConfListFromBytes([]byte(configuration))
	if err != nil {
		return "", err
	}
	var read struct {
		IPAM struct {
			AssignIPv6 string `json:"assign_ipv6"`
		} `json:"ipam"`
	}
	if err := json.Unmarshal(list.Plugins[0].Bytes, &read); err != nil {
		return "", err
	}
	return fmt.Sprintf("assign_ipv6 is %q", read.IPAM.AssignIPv6), nil
}
