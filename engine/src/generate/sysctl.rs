//! Kernel parameters of a node.

use super::writer::Writer;
use super::{Kind, Request};
use crate::preflight::SYSCTL_FILE;

pub(super) const SYSCTL: Kind = Kind {
    name: "sysctl",
    about: "kernel parameters of every node, for /etc/sysctl.d",
    files: &[SYSCTL_FILE],
    has_patches: false,
    make: |request| Some(vec![(SYSCTL_FILE.to_owned(), settings(request))]),
};

/// Comments are above all lines: so the file is a document for the rules, too, which have nothing to say about it.
fn settings(request: &Request<'_>) -> String {
    let mut writer = Writer::default();
    let to = request.target.to;
    writer.comment(0, "Copy it to /etc/sysctl.d of every node, then run: sysctl --system");
    writer.comment(
        0,
        "kubeadm checks forwarding before it starts; Calico sets it only while it runs. IPv6 must not be disabled.",
    );
    if to.has_ipv6() {
        let why = "With forwarding, Linux ignores router advertisements: an interface that is configured by them also needs \
                   accept_ra = 2, before forwarding is on. This command finds it on a node: calico-ipv6 preflight --print-sysctl";
        writer.comment(0, why);
        writer.lines("net.ipv6.conf.all.disable_ipv6 = 0");
        writer.lines("net.ipv6.conf.default.disable_ipv6 = 0");
        // For all: it sets the default of new interfaces, too.
        writer.lines("net.ipv6.conf.all.forwarding = 1");
    }
    if to.has_ipv4() {
        writer.lines("net.ipv4.ip_forward = 1");
    }
    writer.done()
}
