//! The order of functions in the module: each is followed by the one that resembles it most, because gzip looks back for
//! 32 KiB only. The functions of one generic resemble each other wherever their modules are, so this takes 1 % more off the
//! compressed module than an order by name.

use anyhow::Result;
use std::collections::{HashMap, HashSet};
use wasm_encoder::{Module, NameMap, NameSection, RawSection};
use wasmparser::{KnownCustom, Parser, Payload, TypeRef};

/// So many bytes in common are counted as a likeness.
const PIECE: usize = 6;
/// A piece that more functions have says nothing.
const COMMON: usize = 60;
/// Keeps short functions from being like everything.
const SMALLEST: usize = 50;

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

/// The indices of the functions in their new order.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(PIECE).collect()).collect();
    let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, pieces) in pieces.iter().enumerate() {
        for piece in pieces {
            having.entry(piece).or_default().push(function);
        }
    }
    having.retain(|_, functions| (2..=COMMON).contains(&functions.len()));
    let mut by_size: Vec<usize> = (0..bodies.len()).collect();
    by_size.sort_by_key(|function| std::cmp::Reverse(bodies[*function].len()));
    let mut by_size = by_size.into_iter();

    let mut order = Vec::with_capacity(bodies.len());
    let mut is_placed = vec![false; bodies.len()];
    let mut next = by_size.next();
    while let Some(function) = next {
        is_placed[function] = true;
        order.push(function);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for other in pieces[function].iter().filter_map(|piece| having.get(piece)).flatten() {
            if !is_placed[*other] {
                *shared.entry(*other).or_default() += 1;
            }
        }
        // The share in thousandths; of two that are alike, the first.
        let likeness = |(other, shared): &(usize, usize)| {
            (shared * 1000 / (pieces[*other].len() + SMALLEST), std::cmp::Reverse(*other))
        };
        next = shared.into_iter().max_by_key(likeness).map(|(other, _)| other);
        next = next.or_else(|| by_size.find(|function| !is_placed[*function]));
    }
    order
}
