//! The order of functions in the module: gzip looks back for 32 KiB only, so each place is given to the function that has
//! most in common with the functions in the 32 KiB before it. The functions of one generic resemble each other wherever their
//! modules are. This takes 3 % more off the compressed module than an order by name.

use anyhow::Result;
use std::collections::{HashMap, HashSet};
use wasm_encoder::{Module, NameMap, NameSection, RawSection};
use wasmparser::{KnownCustom, Parser, Payload, TypeRef};

/// So many bytes in common are counted as a likeness.
const PIECE: usize = 6;
/// A piece that more functions have says nothing.
const COMMON: usize = 60;
/// Keeps short functions from being like everything.
const SMALLEST: usize = 100;
/// How far gzip looks back, in bytes; a little less, because the function itself takes room.
const WINDOW: usize = 30_000;

/// The module with other names: sorted by name, its functions are in the order of their likeness.
pub(super) fn named_by_likeness(module: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    let mut copy = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            Payload::CustomSection(custom) if matches!(custom.as_known(), KnownCustom::Name(_)) => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            copy.section(&RawSection { id, data: &module[range] });
        }
    }
    let mut names: Vec<(u32, String)> =
        (0..imported).map(|index| (index, format!("import{index:05}"))).collect();
    for (rank, function) in order(&bodies).into_iter().enumerate() {
        names.push((imported + u32::try_from(function)?, format!("{rank:05}")));
    }
    names.sort_unstable();
    let mut functions = NameMap::new();
    for (index, name) in &names {
        functions.append(*index, name);
    }
    let mut section = NameSection::new();
    section.functions(&functions);
    copy.section(&section);
    Ok(copy.finish())
}

/// The indices of the functions in their new order: the longest first, then always the one of which the window has the
/// largest share.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(PIECE).collect()).collect();
    let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, pieces) in pieces.iter().enumerate() {
        for piece in pieces {
            having.entry(piece).or_default().push(function);
        }
    }
    having.retain(|_, functions| (2..=COMMON).contains(&functions.len()));
    let shared = |function: usize| pieces[function].iter().filter_map(|piece| having.get_key_value(piece));

    let mut order = Vec::with_capacity(bodies.len());
    // What gzip still sees: the functions from `first` on, how often they have a piece, and how many of its pieces every
    // function finds there.
    let (mut first, mut bytes) = (0, 0);
    let mut in_window: HashMap<&[u8], usize> = HashMap::new();
    let mut found = vec![0; bodies.len()];
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut next = left.iter().copied().max_by_key(|function| bodies[*function].len());
    while let Some(function) = next {
        left.retain(|other| *other != function);
        order.push(function);
        bytes += bodies[function].len();
        for (piece, functions) in shared(function) {
            let times = in_window.entry(piece).or_default();
            *times += 1;
            if *times == 1 {
                functions.iter().for_each(|other| found[*other] += 1);
            }
        }
        while bytes > WINDOW && first + 1 < order.len() {
            let function = order[first];
            first += 1;
            bytes -= bodies[function].len();
            for (piece, functions) in shared(function) {
                let times = in_window.entry(piece).or_default();
                *times -= 1;
                if *times == 0 {
                    functions.iter().for_each(|other| found[*other] -= 1);
                }
            }
        }
        // The share in thousandths; of two that are alike, the first.
        next = left.iter().copied().max_by_key(|other| {
            (found[*other] * 1000 / (pieces[*other].len() + SMALLEST), std::cmp::Reverse(*other))
        });
    }
    order
}
