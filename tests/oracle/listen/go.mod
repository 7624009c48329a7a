module calico-ipv6.io/tests/oracle/listen

go 1.26.0

require github.com/containernetworking/cni v1.2.3
