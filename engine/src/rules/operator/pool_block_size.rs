use crate::address::{Family, family};
use crate::rules::pool::block_size::{META, fits};
use crate::rules::{Check, Diagnostics, InstallContext, Rule};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = &cx.installation else { return };
    for pool in &installation.pools {
        let Some(net) = pool.net else { continue };
        // A pool that is removed or converted to the other IP family gets another block size.
        let stays = match family(net) {
            Family::Ipv4 => cx.wants_ipv4(),
            Family::Ipv6 => cx.wants_ipv6(),
        };
        let size = installation.pool_field(pool, "blockSize");
        let size = size.and_then(|(node, text)| Some((node, text.parse::<u8>().ok()?)));
        if let Some((node, size)) = size.filter(|(_, size)| stays && !fits(net, *size)) {
            diagnostics.push(
                installation
                    .diagnostic(&META, node)
                    .message(format!("block size {size} does not fit the pool {net}"))
                    .consequence("the operator goes Degraded")
                    .help("set blockSize to 20 to 32 for IPv4 or 116 to 128 for IPv6, and not shorter than the pool's prefix"),
            );
        }
    }
}
