//! Words and commands of a shell.

use crate::output::escape::escaped;
use crate::target::{Encapsulation, NatOutgoing, Provisioner, Target};

/// A word of a shell. What a shell could read as more than one plain word is quoted, and a control character is escaped: such a
/// name cannot be pasted, but does no harm.
pub(super) fn word(text: &str) -> String {
    let text = escaped(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Code in a sentence of Markdown.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", escaped(text).replace('`', "'"))
}

/// A sed expression that replaces a text by another one.
pub(super) fn replace(from: &str, to: &str) -> String {
    let pattern = escape_each(from, r".[]*^$\|");
    let new = escape_each(to, r"&\|");
    format!("s|{pattern}|{new}|")
}

/// A text with a backslash before each of these characters.
pub(super) fn escape_each(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escaped(text).chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// sed with these expressions: `-e 's|a|b|' -e 's|c|d|'`.
pub(super) fn expressions(all: &[String]) -> String {
    let quoted: Vec<String> = all.iter().map(|one| format!("-e '{}'", one.replace('\'', r"'\''"))).collect();
    quoted.join(" ")
}

/// The flags that describe a target.
pub(super) fn flags(target: &Target) -> Vec<String> {
    let mut flags = vec!["--to".to_owned(), target.to.word().to_owned()];
    let mut add = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            flags.extend([format!("--{flag}"), word(&value)]);
        }
    };
    add("ipv6-pod-cidr", target.ipv6_pod_cidr.map(|net| net.to_string()));
    add("ipv4-pod-cidr", target.ipv4_pod_cidr.map(|net| net.to_string()));
    add("ipv6-service-cidr", target.ipv6_service_cidr.map(|net| net.to_string()));
    add("ipv4-service-cidr", target.ipv4_service_cidr.map(|net| net.to_string()));
    add("ipv6-load-balancer-cidr", target.ipv6_load_balancer_cidr.map(|net| net.to_string()));
    add("ipv4-load-balancer-cidr", target.ipv4_load_balancer_cidr.map(|net| net.to_string()));
    add("ipv6-machine-cidr", target.ipv6_machine_cidr.map(|net| net.to_string()));
    let provisioner = target.provisioner.map(|one| match one {
        Provisioner::Kubeadm => "kubeadm",
        Provisioner::Other => "other",
    });
    add("provisioner", provisioner.map(str::to_owned));
    add("nodes-have-ipv4", target.nodes_have_ipv4.map(|value| value.to_string()));
    let encapsulation = target.encapsulation.map(|one| match one {
        Encapsulation::None => "none",
        Encapsulation::Vxlan => "vxlan",
        Encapsulation::VxlanCrossSubnet => "vxlan-cross-subnet",
    });
    add("encapsulation", encapsulation.map(str::to_owned));
    let nat = match target.nat_outgoing {
        NatOutgoing::Auto => None,
        NatOutgoing::On => Some("true"),
        NatOutgoing::Off => Some("false"),
    };
    add("nat-outgoing", nat.map(str::to_owned));
    add("ipv6-block-size", target.ipv6_block_size.map(|size| size.to_string()));
    add("ipv6-autodetection-method", target.ipv6_autodetection_method.clone());
    add("router-id", target.hash_router_id.then(|| "hash".to_owned()));
    add("calico-version", target.calico_version.map(|version| version.to_string()));
    add("calico-backend", target.calico_backend.map(|backend| backend.word().to_owned()));
    add("primary-family", target.primary_family.map(|family| family.to_string().to_ascii_lowercase()));
    for (ipv4, ipv6) in target.address_map.pairs() {
        add("map-address", Some(format!("{ipv4}={ipv6}")));
    }
    add("kubernetes-version", target.kubernetes_version.map(|version| version.to_string()));
    flags.extend(target.running.then(|| "--running".to_owned()));
    flags.extend(target.new_cluster.then(|| "--new-cluster".to_owned()));
    flags
}

#[cfg(test)]
mod tests {
    use super::{flags, replace, word};
    use crate::target::Target;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(word("calico.yaml"), "calico.yaml");
        assert_eq!(word("my files/calico.yaml"), "'my files/calico.yaml'");
        assert_eq!(word("$(reboot)'.yaml"), r"'$(reboot)'\''.yaml'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn an_expression_means_the_text() {
        assert_eq!(
            replace("--a=10.0.0.0/8", "--a=10.0.0.0/8,fd00::/48"),
            r"s|--a=10\.0\.0\.0/8|--a=10.0.0.0/8,fd00::/48|"
        );
    }

    #[test]
    fn the_flags_describe_the_same_target() -> Result<(), Box<dyn std::error::Error>> {
        let options = [
            ("to", "dual-stack"),
            ("ipv6-pod-cidr", "fd00:10:244::/56"),
            ("ipv4-pod-cidr", "10.244.0.0/16"),
            ("ipv6-service-cidr", "fd00:10:96::/112"),
            ("ipv4-service-cidr", "10.96.0.0/12"),
            ("ipv6-load-balancer-cidr", "2001:db8:40::/112"),
            ("ipv4-load-balancer-cidr", "198.51.100.0/24"),
            ("ipv6-machine-cidr", "2001:db8:1::/64"),
            ("provisioner", "kubeadm"),
            ("encapsulation", "vxlan-cross-subnet"),
            ("nat-outgoing", "false"),
            ("ipv6-block-size", "120"),
            ("ipv6-autodetection-method", "interface=eth0"),
            ("router-id", "hash"),
            ("calico-version", "v3.31.4"),
            ("calico-backend", "vxlan"),
            ("primary-family", "ipv4"),
            ("map-address", "192.0.2.11=2001:db8:1::11"),
            ("kubernetes-version", "v1.34.2"),
            ("running", "true"),
        ];
        let target = Target::from_options(options).map_err(|errors| errors[0].clone())?;
        let written = flags(&target);
        let mut pairs: Vec<(&str, &str)> =
            written[..written.len() - 1].chunks(2).map(|pair| (&pair[0][2..], pair[1].as_str())).collect();
        assert_eq!(written.last().map(String::as_str), Some("--running"));
        pairs.push(("running", "true"));
        assert_eq!(Target::from_options(pairs).map_err(|errors| errors[0].clone())?, target);
        // An option of another stack.
        let other = Target::from_options([("to", "ipv6-only"), ("nodes-have-ipv4", "true")]);
        let written = flags(&other.map_err(|errors| errors[0].clone())?);
        assert_eq!(written, ["--to", "ipv6-only", "--nodes-have-ipv4", "true"]);
        Ok(())
    }
}
