//! How fast the engine is, each step beside memchr over the same bytes in the same run: `cargo bench`.
//!
//! Rounds are interleaved, so that a machine that slows down slows all rows alike; the fastest and the middle round are
//! shown. The input is a real calico.yaml of release 3.31 where a corpus of manifests is at hand (`CALICO_IPV6_CORPUS`),
//! else the example of the repository. Without `--bench` every step runs once, as a test.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark has a clock, files and arguments"
)]
#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]
#![allow(clippy::expect_used, reason = "a benchmark without its input has nothing to say")]

#[path = "../tests/common/growing.rs"]
mod growing;

use calico_ipv6_engine::model::{Content, Documents};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Plan, plan};
use calico_ipv6_engine::yaml::classify::{Hint, classify};
use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::verify::same;
use calico_ipv6_engine::yaml::write::apply;
use calico_ipv6_engine::yaml::{Tree, parse};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Enough for the fastest round to be the machine's best.
const ROUNDS: usize = 200;

/// A step of the engine's work, to be timed.
type Step<'s> = (&'static str, Box<dyn Fn() + 's>);

fn main() {
    let bench = std::env::args().any(|arg| arg == "--bench");
    let path = input();
    let text = std::fs::read_to_string(&path).expect("the input is read");
    let target = Target::from_options([("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56")]);
    let target = target.expect("the target is one");
    let planned = |second_parser| planned(&text, &target, second_parser);

    let Plan { text: after, edits, .. } = planned(true);
    let after = after.expect("there is something to do");
    let documents = read(&text);
    let edited = read(&after);
    let chunks: Vec<_> = trees(&documents).map(|(range, _)| range).collect();
    assert_eq!(apply(&text, &edits), after, "the edits to be timed are those of the plan");

    let steps: Vec<Step<'_>> = vec![
        ("memchr (line ends)", Box::new(|| line_ends(&text))),
        ("split", Box::new(|| drop(black_box(split(&text))))),
        (
            "classify",
            Box::new(|| documents.documents.iter().for_each(|d| hint(&text, d.chunk.range.clone()))),
        ),
        (
            "parse what matters",
            Box::new(|| chunks.iter().for_each(|range| drop(black_box(parse(&text, range.clone()))))),
        ),
        ("read: all of the above", Box::new(|| drop(black_box(read(&text))))),
        ("apply", Box::new(|| drop(black_box(apply(&text, &edits))))),
        ("verify: compare the trees", Box::new(|| compare(&documents))),
        ("verify: second parser", Box::new(|| second(&edited))),
        ("plan, no second parser", Box::new(|| drop(black_box(planned(false))))),
        ("plan, with second parser", Box::new(|| drop(black_box(planned(true))))),
    ];
    if !bench {
        steps.iter().for_each(|(_, step)| step());
        growth(&target, 5);
        return;
    }

    let parsed: usize = chunks.iter().map(ExactSizeIterator::len).sum();
    let (all, matter) = (documents.documents.len(), chunks.len());
    let name = path.display();
    println!("{name}: {} bytes in {all} documents, {parsed} of them in the {matter} that matter", text.len());
    println!("MB/s of the whole input; a plan reads, asks the rules, applies, reads again and compares\n");
    println!("| step | fastest, µs | middle, µs | MB/s | of memchr |\n| --- | ---: | ---: | ---: | ---: |");
    let times = measure(&steps);
    let memchr = times[0].0;
    for ((name, _), (fastest, middle)) in steps.iter().zip(&times) {
        let micros = |time: &Duration| time.as_secs_f64() * 1e6;
        let rate = text.len() as f64 / micros(fastest);
        let share = memchr.as_secs_f64() / fastest.as_secs_f64();
        println!("| {name} | {:.1} | {:.1} | {rate:.0} | {share:.3} |", micros(fastest), micros(middle));
    }
    println!("\n| input of n parts | n, ms | 4n, ms | ratio: 4 is linear, 16 the square |");
    println!("| --- | ---: | ---: | ---: |");
    growth(&target, 1000);
}

/// What a plan of n and of 4n equal parts costs.
fn growth(target: &Target, n: usize) {
    for (name, grow) in growing::GROWING {
        let millis = |n| {
            let text = grow(n);
            let start = Instant::now();
            let source = Source { name, text: &text };
            drop(black_box(plan(source, target, Options::default()).expect("the input is YAML")));
            start.elapsed().as_secs_f64() * 1e3
        };
        let (one, four) = (millis(n), millis(4 * n));
        println!("| {name} | {one:.1} | {four:.1} | {:.1} |", four / one);
    }
}

/// The fastest and the middle time of each step.
fn measure(steps: &[Step<'_>]) -> Vec<(Duration, Duration)> {
    let mut times = vec![Vec::with_capacity(ROUNDS); steps.len()];
    for _ in 0..ROUNDS {
        for ((_, step), times) in steps.iter().zip(&mut times) {
            let start = Instant::now();
            step();
            times.push(start.elapsed());
        }
    }
    let summary = |mut times: Vec<Duration>| {
        times.sort_unstable();
        (times[0], times[times.len() / 2])
    };
    times.into_iter().map(summary).collect()
}

/// A real manifest of 3.31, else the example.
fn input() -> PathBuf {
    // Cargo says where it runs us; where we were built may be another checkout with the same target folder.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = package.parent().unwrap_or(&package);
    let corpus =
        std::env::var_os("CALICO_IPV6_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let releases =
        std::fs::read_dir(corpus.join("calico")).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_wanted =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("v3.31."));
    let manifest = releases
        .filter(is_wanted)
        .map(|release| release.join("calico.yaml"))
        .filter(|path| path.is_file())
        .max();
    manifest.unwrap_or_else(|| root.join("examples/calico.yaml"))
}

fn read(text: &str) -> Documents<'_> {
    Documents::read(Source { name: "calico.yaml", text }).expect("the input is YAML")
}

fn planned(text: &str, target: &Target, second_parser: bool) -> Plan {
    let source = Source { name: "calico.yaml", text };
    plan(source, target, Options { second_parser }).expect("the input is YAML")
}

fn trees<'d, 't>(
    documents: &'d Documents<'t>,
) -> impl Iterator<Item = (core::ops::Range<usize>, &'d Tree<'t>)> {
    documents.documents.iter().filter_map(|document| match &document.content {
        Content::Parsed(tree) => Some((document.chunk.range.clone(), tree)),
        _ => None,
    })
}

fn line_ends(text: &str) {
    black_box(memchr::memchr_iter(b'\n', text.as_bytes()).count());
}

fn hint(text: &str, range: core::ops::Range<usize>) {
    let hint: Hint<'_> = classify(text, range);
    black_box(hint);
}

fn compare(documents: &Documents<'_>) {
    for (_, tree) in trees(documents) {
        same(tree, &[], tree).expect("a tree is the same as itself");
    }
}

fn second(documents: &Documents<'_>) {
    for (range, tree) in trees(documents) {
        second_opinion(&documents.source.text[range], tree).expect("both parsers agree");
    }
}
