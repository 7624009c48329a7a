use super::bgp_filter_of_one_family::lists;
use super::change::{ChangeText, change};
use super::templates::is_template_in_object;
use super::value_shape;
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Effect, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};

const META: Metadata = Metadata {
    id: "CALICO-VALUE",
    name: "value-refused-by-schema",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a field of a Calico object has a value of the wrong type, or a word that the field does not know; or a field has a name that Calico does not know, and that is almost the name of a field",
        consequence: "the API server refuses the object: nothing of it has an effect",
        help: "write the value as the schema has it: numbers, true and false without quotes, other words, and the names of fields, with the same letters in the same case",
        example: ("blockSize: \"122\"", "blockSize: 122"),
        sources: &[
            upstream::OPERATOR.file("api/v1/installation_types.go").symbol("IPPool").at("v1.43.0"),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/ippool.go").symbol("IPPoolSpec"),
            upstream::CALICO.file("libcalico-go/config/crd/crd.projectcalico.org_ippools.yaml"),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/bgpfilter.go").line(102),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// What the schema of a field allows.
#[derive(Clone, Copy, Debug)]
enum Allowed {
    /// A number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// An object.
    Object,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text in Calico's language of selectors.
    Selector,
    /// Anything: another rule reads the value.
    Any,
}

type Schema = &'static [(&'static [&'static str], Allowed)];

const SWITCH: Allowed = Allowed::Word(&["Enabled", "Disabled"]);
const MODE: Allowed = Allowed::Word(&["Always", "CrossSubnet", "Never"]);

/// `spec` of an `Installation`, without what does not concern IP families.
const INSTALLATION: Schema = &[
    (&["cni"], Allowed::Any),
    (&["cni", "type"], Allowed::Word(&["Calico", "GKE", "AmazonVPC", "AzureVNET"])),
    (&["cni", "ipam", "type"], Allowed::Word(&["Calico", "HostLocal", "AmazonVPC", "AzureVNET"])),
    (&["calicoNetwork"], Allowed::Object),
    (&["calicoNetwork", "bgp"], SWITCH),
    (&["calicoNetwork", "mtu"], Allowed::Integer),
    (&["calicoNetwork", "linuxDataplane"], Allowed::Word(&["Iptables", "BPF", "VPP", "Nftables"])),
    (&["calicoNetwork", "ipPools"], Allowed::List),
    (&["calicoNetwork", "nodeAddressAutodetectionV4"], Allowed::Object),
    (&["calicoNetwork", "nodeAddressAutodetectionV6"], Allowed::Object),
    (&["calicoNetwork", "nodeAddressAutodetectionV4", "firstFound"], Allowed::Boolean),
    (&["calicoNetwork", "nodeAddressAutodetectionV4", "kubernetes"], Allowed::Word(&["NodeInternalIP"])),
    (&["calicoNetwork", "nodeAddressAutodetectionV4", "cidrs"], Allowed::List),
    (&["calicoNetwork", "nodeAddressAutodetectionV6", "firstFound"], Allowed::Boolean),
    (&["calicoNetwork", "nodeAddressAutodetectionV6", "kubernetes"], Allowed::Word(&["NodeInternalIP"])),
    (&["calicoNetwork", "nodeAddressAutodetectionV6", "cidrs"], Allowed::List),
];

/// An item of `ipPools`.
const POOL_OF_INSTALLATION: Schema = &[
    (&[], Allowed::Object),
    (&["cidr"], Allowed::Text),
    (&["blockSize"], Allowed::Integer),
    (&["encapsulation"], Allowed::Word(&["IPIPCrossSubnet", "IPIP", "VXLAN", "VXLANCrossSubnet", "None"])),
    (&["natOutgoing"], SWITCH),
    (&["disableBGPExport"], Allowed::Boolean),
    (&["allowedUses"], Allowed::List),
    (&["nodeSelector"], Allowed::Selector),
];

/// `spec` of an `IPPool`.
const POOL: Schema = &[
    (&["cidr"], Allowed::Any),
    (&["nodeSelector"], Allowed::Selector),
    (&["blockSize"], Allowed::Integer),
    (&["ipipMode"], MODE),
    (&["vxlanMode"], MODE),
    (&["natOutgoing"], Allowed::Boolean),
    (&["disabled"], Allowed::Boolean),
    (&["disableBGPExport"], Allowed::Boolean),
    (&["allowedUses"], Allowed::List),
];

/// `spec` of a `FelixConfiguration`.
const FELIX: Schema = &[
    (&["ipv6Support"], Allowed::Boolean),
    (&["wireguardEnabled"], Allowed::Boolean),
    (&["wireguardEnabledV6"], Allowed::Boolean),
    (&["wireguardMTU"], Allowed::Integer),
    (&["wireguardMTUV6"], Allowed::Integer),
    (&["vxlanEnabled"], Allowed::Boolean),
    (&["vxlanMTU"], Allowed::Integer),
    (&["vxlanMTUV6"], Allowed::Integer),
    (&["bpfEnabled"], Allowed::Boolean),
];

/// `spec` of a `BGPConfiguration`. Its lists of ranges are read as such, and another rule reports anything else.
const BGP: Schema = &[
    (&["nodeToNodeMeshEnabled"], Allowed::Boolean),
    (&["serviceClusterIPs"], Allowed::Any),
    (&["serviceExternalIPs"], Allowed::Any),
    (&["serviceLoadBalancerIPs"], Allowed::Any),
    (&["prefixAdvertisements"], Allowed::Any),
];

/// `spec` of a `BGPFilter`.
const FILTERS: Schema = &[
    (&["exportV4"], Allowed::Any),
    (&["exportV6"], Allowed::Any),
    (&["importV4"], Allowed::Any),
    (&["importV6"], Allowed::Any),
];

/// `spec` of a `BGPPeer`. Another rule reads its addresses.
const PEER: Schema = &[
    (&["node"], Allowed::Text),
    (&["nodeSelector"], Allowed::Selector),
    (&["peerIP"], Allowed::Any),
    (&["peerSelector"], Allowed::Selector),
    (&["reachableBy"], Allowed::Any),
];

/// An item of the lists of a `BGPFilter`.
const FILTER: Schema = &[
    (&["action"], Allowed::Word(&["Accept", "Reject"])),
    (&["matchOperator"], Allowed::Word(&["Equal", "NotEqual", "In", "NotIn"])),
];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        let Some(spec) = installation.spec else { continue };
        let at = At { cx, object: &installation.object, effect: Effect::RollOutCalicoNode };
        at.fields(spec, INSTALLATION, diagnostics);
        let tree = installation.tree();
        for pool in tree.at(spec, &["calicoNetwork", "ipPools"]).into_iter().flat_map(|list| tree.items(list))
        {
            at.fields(pool, POOL_OF_INSTALLATION, diagnostics);
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::BgpFilter) {
        let at = At { cx, object, effect: Effect::Apply };
        let lists = [Family::Ipv4, Family::Ipv6].into_iter().flat_map(|family| lists(object, family));
        lists
            .flat_map(|list| object.tree().items(list))
            .for_each(|rule| at.fields(rule, FILTER, diagnostics));
    }
    for object in &cx.config.objects {
        let schema = match object.kind {
            ObjectKind::IpPool => POOL,
            ObjectKind::FelixConfiguration => FELIX,
            ObjectKind::BgpConfiguration => BGP,
            ObjectKind::BgpFilter => FILTERS,
            ObjectKind::BgpPeer => PEER,
            _ => continue,
        };
        let Some(spec) = object.tree().get(object.root, "spec") else { continue };
        At { cx, object, effect: Effect::Apply }.fields(spec, schema, diagnostics);
    }
}

/// The object that has the fields.
struct At<'a> {
    cx: &'a Context<'a>,
    object: &'a ConfigObject<'a>,
    effect: Effect,
}

impl At<'_> {
    fn fields(&self, root: NodeId, schema: Schema, diagnostics: &mut Diagnostics) {
        let tree = self.object.tree();
        for (path, allowed) in schema {
            let Some(node) = tree.at(root, path) else {
                diagnostics.extend(self.misspelt(root, path, schema));
                continue;
            };
            let is_alias = tree.kind(node) == Kind::Alias;
            if matches!(allowed, Allowed::Any) || (is_alias && matches!(allowed, Allowed::Selector)) {
                continue;
            }
            let name = path.last().copied().unwrap_or("an item of ipPools");
            if is_alias {
                let message = format!("{name} is an alias, whose value is not read");
                let diagnostic = self.cx.at(&value_shape::META, self.object, node).message(message);
                diagnostics.push(diagnostic.help("write the value itself in this place"));
                continue;
            }
            // YAML reads `{{ mode }}` as a mapping.
            let is_action = tree.text()[tree.range(node)].starts_with("{{");
            let is_template = is_action || tree.scalar(node).is_some_and(is_template_in_object);
            if is_template || self.is_allowed(node, *allowed) {
                continue;
            }
            let diagnostic = self.cx.at(&META, self.object, node).message(self.message(name, node, *allowed));
            diagnostics.push(match self.meant(node, *allowed) {
                Some(meant) => diagnostic.fix(self.fix(name, node, &meant, *allowed)),
                None => diagnostic.help(help(name, *allowed)),
            });
        }
    }

    /// Reports a key beside which the field is missing, and which is almost its name. No release has a field that differs from
    /// one of these in one letter only, but for `nat-outgoing`, which the first API of IPPools had.
    fn misspelt(&self, root: NodeId, path: &[&str], schema: Schema) -> Option<Diagnostic> {
        let tree = self.object.tree();
        let (name, parents) = path.split_last()?;
        let siblings = || {
            schema.iter().filter_map(|(path, _)| match path.strip_prefix(parents)? {
                [field] => Some(field),
                _ => None,
            })
        };
        let (key, own) = tree.entries(tree.at(root, parents)?).find_map(|(key, _)| {
            let own = tree.scalar(key)?;
            let is_unknown = !siblings().any(|known| *known == own) && !own.contains('-');
            (is_unknown && is_almost(own, name)).then_some((key, own))
        })?;
        // `exportV` is almost two names.
        let is_one =
            own.eq_ignore_ascii_case(name) || siblings().filter(|known| is_almost(own, known)).count() == 1;
        let diagnostic = self.cx.at(&META, self.object, key);
        is_one.then(|| {
            diagnostic
                .message(format!("unknown field {own}: the right name is {name}"))
                .consequence("kubectl refuses the object, or the field is ignored")
                .help(format!("write {name}"))
        })
    }

    /// Whether the schema accepts the value. An absent value is accepted everywhere.
    fn is_allowed(&self, node: NodeId, allowed: Allowed) -> bool {
        let tree = self.object.tree();
        let (text, is_string) = match tree.kind(node) {
            Kind::Scalar(_) => (tree.scalar(node).unwrap_or_default(), tree.string(node).is_some()),
            Kind::Sequence => return matches!(allowed, Allowed::List),
            Kind::Mapping => return matches!(allowed, Allowed::Object),
            _ => return true,
        };
        tree.is_null(node)
            || match allowed {
                Allowed::Integer => !is_string && text.starts_with(|c: char| c.is_ascii_digit()),
                Allowed::Boolean => !is_string && !text.starts_with(|c: char| c.is_ascii_digit()),
                Allowed::List | Allowed::Object => false,
                Allowed::Text | Allowed::Selector | Allowed::Any => true,
                // An empty word is the default. The resources of crd.projectcalico.org got their words in 3.32 only.
                Allowed::Word(words) => text.is_empty() || self.is_resource() || words.contains(&text),
            }
    }

    fn is_resource(&self) -> bool {
        self.object.group().starts_with("crd.")
    }

    /// The text that is certainly meant; `None` if it is not clear.
    fn meant(&self, node: NodeId, allowed: Allowed) -> Option<String> {
        let text = self.object.tree().scalar(node)?.trim();
        let lower = text.to_ascii_lowercase();
        match allowed {
            Allowed::Integer => text.parse::<u32>().ok().map(|number| number.to_string()),
            Allowed::Boolean => match lower.as_str() {
                "true" | "enabled" => Some("true".to_owned()),
                "false" | "disabled" => Some("false".to_owned()),
                _ => None,
            },
            Allowed::List | Allowed::Object | Allowed::Text | Allowed::Selector | Allowed::Any => None,
            Allowed::Word(words) => {
                let word = match lower.as_str() {
                    "true" => "Enabled",
                    "false" => "Disabled",
                    lower => lower,
                };
                words.iter().find(|known| known.eq_ignore_ascii_case(word)).map(|known| (*known).to_owned())
            }
        }
    }

    fn message(&self, name: &str, node: NodeId, allowed: Allowed) -> String {
        let tree = self.object.tree();
        let is_text = tree.string(node).is_some();
        let shown = tree.scalar(node).map(|text| if is_text { format!("`{text}`") } else { text.to_owned() });
        match (allowed, shown) {
            (Allowed::Integer, Some(shown)) if is_text => format!("{name} is the text {shown}, not a number"),
            (Allowed::Boolean, Some(shown)) if is_text => {
                format!("{name} is the text {shown}, not true or false")
            }
            (Allowed::Integer, _) => format!("{name} is not a number"),
            (Allowed::Boolean, _) => format!("{name} is neither true nor false"),
            (Allowed::List, _) => format!("{name} is not a list"),
            (Allowed::Object, _) => format!("{name} is not an object"),
            (Allowed::Text | Allowed::Selector | Allowed::Any, _) => format!("{name} is not a text"),
            (Allowed::Word(_), Some(shown)) => format!("{name} cannot be {shown}"),
            (Allowed::Word(_), None) => format!("{name} is not a word"),
        }
    }

    fn fix(&self, name: &str, node: NodeId, to: &str, allowed: Allowed) -> Fix {
        let value = match allowed {
            Allowed::Word(_) => Value::string(to),
            _ => Value::Word(to.to_owned()),
        };
        let tree = self.object.tree();
        // Without its quotes it would look like the new value.
        let quoted = tree.string(node).filter(|from| *from == to).map(|from| format!("\"{from}\""));
        let text = ChangeText {
            field: name,
            from: quoted.as_deref().or_else(|| tree.scalar(node)),
            to: Some(to),
            why: "the API server accepts only this form",
        };
        let mut change = change(self.object, node, Op::Set(value), text);
        change.effect = self.effect;
        Fix::new(vec![change])
    }
}

/// Whether two names differ in upper and lower case only, in one letter, or in two letters that changed places.
fn is_almost(own: &str, name: &str) -> bool {
    let (own, name) = (own.to_ascii_lowercase(), name.to_ascii_lowercase());
    let same = own.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    match (&own.as_bytes()[same..], &name.as_bytes()[same..]) {
        ([], []) => true,
        // In a name of three letters, one letter is too much.
        _ if name.len() < 4 => false,
        ([a, b, own @ ..], [c, d, name @ ..]) if (a, b) == (d, c) && own == name => true,
        ([_, own @ ..], [_, name @ ..]) if own == name => true,
        ([_, own @ ..], name) if own == name => true,
        (own, [_, name @ ..]) => own == name,
        _ => false,
    }
}

fn help(name: &str, allowed: Allowed) -> String {
    match allowed {
        Allowed::Integer => format!("set {name} to a number without quotes"),
        Allowed::Boolean => format!("set {name} to true or false, without quotes"),
        Allowed::List => format!("write the values of {name} as a YAML list"),
        Allowed::Object => format!("write {name} as an object: keys with values"),
        Allowed::Text | Allowed::Any => format!("write one value in {name}"),
        Allowed::Selector => format!("write {name} as one text, such as all() or rack == '1'"),
        Allowed::Word(words) => format!("set {name} to {}", words.join(" or ")),
    }
}
