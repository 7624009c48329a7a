//! `transform`: reads, plans, and writes all files or none; with --keep-going, all files or none of each cluster.

mod job;
mod plan;

use crate::Exit;
use crate::args::{Format, Transform};
use crate::command::{Verbosity, alone_or_files, bad_target, collect, fail, grouped};
use crate::fleet::{Fleet, describe};
use crate::interrupt::{self, Watch};
use crate::output::results::{OlderReport, ResultFile, check_results};
use crate::progress::Progress;
use crate::threads::on_all_cores;
use job::{Job, layout};
use plan::{File, Work, batches, read_and_plan};
use rayon::prelude::*;

pub(crate) fn run(args: &Transform, verbosity: Verbosity) -> Exit {
    let inputs = match collect(&args.inputs, args.output_dir.as_deref(), false, verbosity) {
        Ok(inputs) => inputs,
        Err(ended) => return ended.exit,
    };
    if args.write && inputs.iter().any(|i| i.path.is_none()) {
        return fail("-w replaces files, and standard input has no file: omit -w, or use --output-dir");
    }
    if let Err(message) = alone_or_files(&inputs) {
        return fail(message);
    }
    if args.write
        && let Some(stream) = inputs.iter().find(|input| input.path.as_ref().is_some_and(|p| !p.is_file()))
    {
        let name = stream.name();
        return fail(format!(
            "-w replaces files, and {name} is not a regular file: omit -w, or use --output-dir"
        ));
    }
    let report = args.fleet.report.as_deref().map(ResultFile::report);
    let config = [("--config", args.target.config.as_deref())];
    if let Err(message) = check_results(report.as_slice(), &inputs, &config, args.output_dir.as_deref()) {
        return fail(message);
    }
    let older = OlderReport::at(args.fleet.report.as_deref().filter(|_| !args.target.print_config));
    let grouped = match grouped(
        inputs,
        &args.inputs,
        &args.target,
        &args.fleet,
        args.output_dir.as_deref(),
        true,
        verbosity,
    ) {
        Ok(grouped) => grouped,
        Err(ended) => return ended.exit,
    };
    let requests = grouped.requests(&args.target, true);
    if let Some(Err(bad)) = requests.iter().find(|request| request.is_err()).filter(|_| !args.keep_going) {
        return bad_target(bad, "transform");
    }
    let request = [grouped.words(&args.target), vec![format!("check={}", args.check)]].concat();
    let fleet = match Fleet::new(
        &describe("transform", &request, args.fleet.shard, &grouped),
        args.fleet.report.is_some(),
        older,
    ) {
        Ok(fleet) => fleet,
        Err(message) => return fail(message),
    };
    if layout(args.output).is_some() && grouped.clusters.len() > 1 {
        let names: Vec<&str> = grouped.clusters.iter().take(2).map(|cluster| cluster.name.as_str()).collect();
        return fail(format!(
            "patches are of one cluster, and these files are {} ({}): pass the files of one",
            grouped.clusters.len(),
            names.join(", ") + if grouped.clusters.len() > 2 { ", ..." } else { "" }
        ));
    }
    if args.output == Format::Steps
        && let Some(unnamed) =
            grouped.inputs.iter().find(|input| std::str::from_utf8(&input.bytes()).is_err())
    {
        let name = unnamed.name();
        return fail(format!(
            "{name}: its name is not UTF-8, so no command of a plan can name it: rename the file or its folder"
        ));
    }
    let inputs = grouped.inputs;
    let clusters = grouped.clusters.into_iter().zip(grouped.positions).zip(requests);
    let clusters: Vec<Work> =
        clusters.map(|((cluster, position), request)| Work { cluster, position, request }).collect();
    // With --keep-going there are many commits, and all signals wait for the end of a cluster.
    let watch = args.keep_going.then(|| {
        let mut watch = Watch::new();
        watch.hold();
        watch
    });
    let mut job = Job::new(args, &inputs, &clusters, verbosity, fleet, watch.as_ref());
    if args.write {
        job.remove_stale();
    }
    let detail = job.detail();
    let progress = Progress::new(clusters.len(), verbosity);
    for batch in batches(&clusters) {
        if interrupt::received() {
            return fail(job.interrupted());
        }
        let planned: Vec<Vec<(usize, File)>> = match batch {
            [one] => vec![read_and_plan(&inputs, one, detail)],
            several => {
                let plan = |one: &Work| read_and_plan(&inputs, one, detail);
                on_all_cores(|| several.par_iter().map(plan).collect())
            }
        };
        match job.take_batch(batch, planned) {
            Ok(false) => {}
            Ok(true) => return fail(job.interrupted()),
            Err(stop) => {
                job.report_findings();
                return fail(stop);
            }
        }
        progress.advance(batch.len());
    }
    drop(progress);
    job.finish()
}
