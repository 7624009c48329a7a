//! `preflight`: whether this host, or a copy of another one, can run Calico with the IP families of a target.

mod collect;
mod show;

use crate::Exit;
use crate::args::{Inputs, Preflight, TextFormat};
use crate::clusters::Grouped;
use crate::command::{Verbosity, fail, print_json, print_text, say, warn};
use crate::people::name;
use crate::render;
use calico_ipv6_data as data;
use calico_ipv6_engine::model::Documents;
use calico_ipv6_engine::preflight::{Network, Request, Verdict, document, judge, network};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Stack;

pub(crate) fn run(args: &Preflight, verbosity: Verbosity) -> Exit {
    let network = match read_network(args, verbosity) {
        Ok(network) => network,
        Err(exit) => return exit,
    };
    let host = match collect::host(args.root.as_deref()) {
        Ok(host) => host,
        Err(error) => return fail(error),
    };
    let in_files = network.as_ref().is_some_and(|network| network.is_kubeadm);
    let is_kubeadm = args.provisioner.as_ref().map_or(in_files, |provisioner| provisioner == "kubeadm");
    let to = Stack::named(&args.to).unwrap_or_default();
    let report = judge(&host, &Request { to, is_kubeadm, network });
    if args.print_sysctl {
        for check in report.checks.iter().filter(|check| check.verdict == Verdict::NotChecked) {
            let path = check.read.first().map_or("", |read| read.path.as_str());
            warn(&format!("not checked: {path}: {}", check.value));
        }
        return crate::command::print_file(document(&report).as_bytes());
    }
    let printed = if args.output == TextFormat::Json {
        let root = args.root.as_deref().map(name);
        print_json(&data::Preflight::of(&report, root))
    } else {
        print_text(&show::report(&report, args.root.as_deref(), verbosity))
    };
    match printed {
        Exit::Done if report.has_errors() => Exit::Incomplete,
        printed => printed,
    }
}

/// What the files of the cluster say; `None` if none was passed.
fn read_network(args: &Preflight, verbosity: Verbosity) -> Result<Option<Network>, Exit> {
    if args.paths.is_empty() && args.filename.is_empty() {
        return Ok(None);
    }
    let inputs = Inputs {
        paths: args.paths.clone(),
        filename: args.filename.clone(),
        recursive: args.recursive,
        follow_links: false,
        cluster_root: Vec::new(),
    };
    let found = crate::command::collect(&inputs, None, false, verbosity).map_err(|ended| ended.exit)?;
    let Grouped { inputs: found, clusters, .. } = Grouped::of(found, &inputs, false).map_err(fail)?;
    if clusters.len() > 1 {
        let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let names = names.join(", ");
        return Err(fail(format!("these files are of several clusters ({names}): pass those of one")));
    }
    let mut texts = Vec::with_capacity(found.len());
    for input in &found {
        texts.push((input.name(), input.read().map_err(fail)?.text));
    }
    let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let mut exit = None;
    for source in &sources {
        if let Err(error) = Documents::read(*source) {
            say!("{}", render::input_error(source.name, source.text, &error));
            exit = Some(Exit::Bad);
        }
    }
    exit.map_or_else(|| Ok(Some(network(&sources))), Err)
}
