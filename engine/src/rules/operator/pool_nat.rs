use super::{change, pools_of};
use crate::address::Family;
use crate::rules::pool::nat_outgoing::{META, Nat, kept, written};
use crate::rules::{Check, Context, Diagnostics, Fix, Rule};
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some(installation) = install.installation.as_ref().filter(|_| cx.wants_ipv6()) else { continue };
        for pool in pools_of(installation, Family::Ipv6) {
            let Some(IpNet::V6(net)) = pool.net else { continue };
            let field = pool.nat_outgoing.as_ref();
            match Nat::of(cx.target.nat_outgoing, Some(net), pool.has_nat()) {
                Nat::Set(wanted, why) => {
                    let word = if wanted { "Enabled" } else { "Disabled" };
                    let from = field.map(|field| field.text.as_str());
                    let (node, op) = match field {
                        Some(field) => (field.node, Op::Set(Value::string(word))),
                        None => (
                            pool.node,
                            Op::InsertEntry(
                                Placement::default(),
                                "natOutgoing".to_owned(),
                                Value::string(word),
                            ),
                        ),
                    };
                    let change = change(installation, node, op, ("natOutgoing", from, Some(word), why));
                    let place = pool.cidr.as_ref().map_or(pool.node, |cidr| cidr.node);
                    let diagnostic = written(installation.diagnostic(&META, place), cx.target.nat_outgoing);
                    diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
                }
                Nat::Warn => {
                    let place = field.map_or(pool.node, |field| field.node);
                    diagnostics.push(kept(installation.diagnostic(&META, place)));
                }
                Nat::Keep => {}
            }
        }
    }
}
