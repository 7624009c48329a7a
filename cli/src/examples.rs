//! The examples below the options of `--help`. A test runs each of them.

pub(crate) const TRANSFORM: &str = "Examples:
  # Show what changes
  calico-ipv6 transform --to dual-stack --ipv6-pod-cidr fd00:10:244::/56 -o diff calico.yaml

  # Convert all files of a cluster in place: all of them, or none
  calico-ipv6 transform --to dual-stack --ipv6-pod-cidr fd00:10:244::/56 \\
    --ipv6-service-cidr fd00:10:96::/112 --map-address 192.0.2.11=2001:db8:1::11 -R -w cluster

  # Print what to run, in which order, as Markdown
  calico-ipv6 transform --to dual-stack --ipv6-pod-cidr fd00:10:244::/56 -o steps installation.yaml

  # Leave the manifest as it is: print a Component of kustomize
  calico-ipv6 transform --to dual-stack --ipv6-pod-cidr fd00:10:244::/56 -o kustomize calico.yaml

  # In CI: fail if a file is not dual-stack yet
  calico-ipv6 transform --to dual-stack --check dual-stack.yaml";

pub(crate) const REPORT: &str = "Examples:
  # Two machines take a part each, and a third joins their results
  calico-ipv6 lint -R --shard 1/2 --report 1.jsonl cluster
  calico-ipv6 lint -R --shard 2/2 --report 2.jsonl cluster
  calico-ipv6 report merge 1.jsonl 2.jsonl > report.jsonl";

pub(crate) const LINT: &str = "Examples:
  # Check a file for the IP families that it configures
  calico-ipv6 lint calico.yaml

  # Check a folder and write the safe fixes
  calico-ipv6 lint -R --fix cluster

  # Check for a target, as annotations in GitHub Actions
  calico-ipv6 lint --to dual-stack --fail-on warning -o github dual-stack.yaml";

pub(crate) const GENERATE: &str = "Examples:
  # The operator's Installation
  calico-ipv6 generate installation --to dual-stack --ipv4-pod-cidr 10.244.0.0/16 \\
    --ipv6-pod-cidr fd00:10:244::/56

  # kubeadm's files for a control plane node and a node that joins
  calico-ipv6 generate kubeadm --to dual-stack --ipv4-pod-cidr 10.244.0.0/16 \\
    --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112 \\
    --map-address 192.0.2.11=2001:db8:1::11 --map-address 192.0.2.21=2001:db8:1::21 \\
    --output-dir new";

pub(crate) const INSPECT: &str = "Examples:
  # Show release, variant, stack, pools and addresses
  calico-ipv6 inspect calico.yaml

  # Show a folder as JSON
  calico-ipv6 inspect -R -o json cluster";

pub(crate) const FUNCTION: &str = "Examples:
  # Convert the items of a ResourceList, as kustomize and kpt pass it
  calico-ipv6 fn < resource-list.yaml

  # In kpt (the same line is `exec` in a Kptfile)
  kpt fn eval cluster --exec 'calico-ipv6 fn' -- to=dual-stack ipv6PodCIDR=fd00:10:244::/56";

pub(crate) const CIDR: &str = "Examples:
  # CIDRs for 500 nodes and 5,000 Services, with a random unique-local prefix
  calico-ipv6 cidr --nodes 500 --services 5000

  # What given CIDRs hold
  calico-ipv6 cidr --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112";

pub(crate) const PREFLIGHT: &str = "Examples:
  # Check this host for dual-stack
  calico-ipv6 preflight

  # With the encapsulation of this cluster
  calico-ipv6 preflight calico.yaml

  # Check a copy of another host for IPv6-only, as kubeadm does
  calico-ipv6 preflight --to ipv6-only --provisioner kubeadm --root node7

  # Set the kernel parameters that are missing, at each boot
  calico-ipv6 preflight --print-sysctl | sudo tee -a /etc/sysctl.d/90-calico-ipv6.conf";

pub(crate) const EXPLAIN: &str = "Examples:
  calico-ipv6 explain NODE-003
  calico-ipv6 explain duplicate-node-ip";

pub(crate) const RULES: &str = "Examples:
  calico-ipv6 rules
  calico-ipv6 rules -o json";

pub(crate) const COMPLETION: &str = "Examples:
  calico-ipv6 completion bash > ~/.local/share/bash-completion/completions/calico-ipv6
  calico-ipv6 completion zsh > ~/.zfunc/_calico-ipv6";

pub(crate) const MAN: &str = "Examples:
  # Read the page of transform
  calico-ipv6 man transform | man -l -

  # Install the page of the command
  calico-ipv6 man > ~/.local/share/man/man1/calico-ipv6.1";
