//! The pages of `generate`, `cidr` and `preflight`: what they list and what they show is what the command says.

use super::Files;
use super::rules::cell;
use crate::shell::{cargo, output};
use anyhow::Result;
use calico_ipv6_engine::generate::KINDS;
use calico_ipv6_engine::preflight;
use std::fmt::Write as _;

/// What the page of `generate` shows.
const INSTALLATION: &str =
    "generate installation --to dual-stack --ipv4-pod-cidr 10.244.0.0/16 --ipv6-pod-cidr fd5a:2c19:83d1::/56";

/// What the page of `cidr` shows. A range that is given leaves nothing to chance.
const PLAN: &str = "cidr --nodes 500 --services 5000 --ipv6-pod-cidr fd5a:2c19:83d1::/52";

/// The copy of a host that the page of `preflight` shows, and where it is.
const NODE: &str = "preflight --to ipv6-only --root node7";
const NODES: &str = "cli/tests/cmd/preflight.in/";

/// The pages.
pub(super) fn pages() -> Result<Files> {
    let page = |name: &str, text| (format!("docs/{name}.md").into(), text);
    Ok(Files::from([page("generate", generate()?), page("cidr", cidr()?), page("preflight", preflight()?)]))
}

fn generate() -> Result<String> {
    let mut out = "# New configuration

`calico-ipv6 generate KIND... --to STACK` writes files for a new cluster from a target alone: no input, the options of `transform`.

".to_owned();
    out.push_str("| kind | what it is | files |\n| --- | --- | --- |\n");
    for kind in KINDS {
        let files: Vec<String> = kind.files.iter().map(|file| format!("`{file}`")).collect();
        let _ = writeln!(out, "| `{}` | {} | {} |", kind.name, kind.about, files.join(", "));
    }
    let _ = write!(out, "\n{}", shown(INSTALLATION, "yaml")?);
    out.push_str("
- Standard output has the files; several are one stream, each below a comment with its name. `--output-dir` writes each below a folder, and never over a file that is there.
- What is missing is asked for, all at once, and nothing is written. An option that does not matter for a kind is not used.
- `--calico-version` decides about encapsulation and what the overlay patches, `--kubernetes-version` about kubeadm's API and gates.
- The pairs of `--map-address` are nodes: the first is the control plane node of `kubeadm init`, whose addresses are in the certificate of the API server, or the first server of k3s or RKE2; each other one joins. For `bgppeer` they are routers.
- `ippool-loadbalancer` is for Calico v3.30.0 and later. Its ranges, `--ipv4-load-balancer-cidr` and `--ipv6-load-balancer-cidr`, must not overlap pod or service CIDRs. They may be a part of the node network that no node or router uses. `bgpconfiguration` announces them, too.
- `connectivity-test` is for a running cluster: apply it after the installation or the conversion.
- `sysctl` is the only file that is not YAML: generate it alone, or with `--output-dir`. For the settings that one node still needs: [preflight](preflight.md).
- The rules of `transform` judge every file before it is given out: what would not work is refused with its rule, and a transform of what is written changes nothing.
- From JavaScript: `generate([\"installation\", \"kubeadm\"], target)`.
");
    Ok(out)
}

fn cidr() -> Result<String> {
    let mut out = "# Address plans

`calico-ipv6 cidr` turns numbers into ranges, and says what ranges hold.

"
    .to_owned();
    out.push_str(&shown(PLAN, "text")?);
    out.push_str("
- Any range can be given; it is checked, and what is missing is found beside it. The last lines are what to type next.
- **IPv6 ranges** that are not given are unique local: a /48 of 40 random bits (RFC 4193), its begin for pods, its last /64 for cluster IPs. Write them down: the next call makes others.
- **Pods**: each node gets a part (/24 and /64 are the controller manager's defaults) and takes Calico's blocks, one address more than it has pods, for its tunnel. Between range and part are at most 16 bits.
- **Cluster IPs**: 4 to 20 bits, as kubeadm wants it; a /112 is the usual IPv6 range.
- Documentation, link-local, multicast, IPv4-mapped, site-local and other ranges with a use of their own are refused or told, with their RFC; so are overlaps, and ranges that are too small for what is asked for.
- Exit code 1: the ranges cannot be used. `-o json` prints the plan as data; from JavaScript: `planCidrs(request, random)`.
");
    Ok(out)
}

fn preflight() -> Result<String> {
    let mut out = "# Checks of a host

`calico-ipv6 preflight` checks whether a host can run Calico with IPv6. It changes nothing, needs no privileges, asks no network and starts no program: it reads files below `/proc`, `/sys` and `/etc`, and names each one. What it cannot read is *not checked*, never *ok*.

"
    .to_owned();
    let printed = ask(&NODE.replace("node7", &format!("{NODES}node7")))?.replace(NODES, "");
    let _ = write!(out, "    calico-ipv6 {NODE}\n\n```text\n{printed}```\n\n");
    out.push_str("- `--to` is what the host is judged for: `dual-stack` (the default, because it needs all that IPv6 needs, and IPv4), `ipv6-only` or `ipv4-only`.
- `--provisioner kubeadm` makes an error of what kubeadm refuses and Calico corrects by itself: forwarding that is off. So does a file with kubeadm's configuration.
- With files of the cluster, the MTU for pods is that of their encapsulation, and the kernel is judged for VXLAN over IPv6 only if an IPv6 pool uses it: `calico-ipv6 preflight calico.yaml`.
- `--root DIR` reads a copy of another host. Links in the copy stay inside it. Make it with `cp`, because `tar` sees the files of `/proc` as empty; `cp` also names some files that nobody can read, which preflight does not need:

      mkdir node7
      cp -rL --parents /proc/net/{dev,if_inet6,ipv6_route,fib_trie,route,tcp6} /proc/sys/kernel/{osrelease,hostname} /proc/sys/net/ipv{4,6} /proc/{cmdline,modules} /sys/class/net/*/{ifindex,mtu,operstate} /etc/{hosts,resolv.conf,sysctl.d} node7

- `--print-sysctl` prints the kernel parameters that are missing, or that no file sets at boot, as a file for `/etc/sysctl.d`, and exits with 0.
- `-v` also prints findings that are for information, and the files of each row; `-q` errors only; `-o json` the report as data.
- Exit code 0: no errors, 1: at least one, 2: invalid usage, or nothing to read.

");
    out.push_str("| rule | severity | finds |\n| --- | --- | --- |\n");
    for rule in preflight::RULES {
        let (id, severity, finds) = (rule.id, rule.severity, cell(rule.texts().finds));
        let _ = writeln!(out, "| [{id}](rules/{id}.md) | {severity} | {finds} |");
    }
    Ok(out)
}

/// A command and what it prints.
fn shown(words: &str, language: &str) -> Result<String> {
    Ok(format!("    calico-ipv6 {words}\n\n```{language}\n{}```\n", ask(words)?))
}

fn ask(words: &str) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "calico-ipv6", "--"]).args(words.split(' '));
    output(command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE"))
}
