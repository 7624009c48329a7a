//! The engine for JavaScript: synchronous, pure functions. What is found is data; only misuse throws.
//!
//! The package's `functions.ts` checks what is passed, and says what is wrong with it: a message there costs no byte here.
//!
//! A capability is one function here and its shapes in `calico-ipv6-data`, whose TypeScript is `types.d.ts`.

use calico_ipv6_data::{
    AddressPlan, GeneratedKind, Generation, Inspection, Lint, SourceFile, TargetCheck, TargetOption,
    TargetProblem, Transformation, target_of,
};
use calico_ipv6_engine::address::unique_local_pod_cidr;
use calico_ipv6_engine::cidr::Request;
use calico_ipv6_engine::diagnostic::load;
use calico_ipv6_engine::generate::{KINDS, kind};
use calico_ipv6_engine::output::explain::page;
use calico_ipv6_engine::rules::find;
use calico_ipv6_engine::target;
use js_sys::{Array, JsString, Object, Reflect, TypeError};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types.d.ts");

/// Transforms all files of one cluster together: what one says is known to the others.
///
/// `problems` names what is wrong with the target; `problem` of a file says why that file cannot be read.
///
/// @throws TypeError where `files` or `target` are not of these types
#[wasm_bindgen(unchecked_return_type = "Transformation")]
pub fn transform(
    #[wasm_bindgen(unchecked_param_type = "readonly SourceFile[]")] files: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Readonly<Target>")] target: &JsValue,
) -> Result<JsValue, JsValue> {
    let files = source_files(files)?;
    give(&match read_target(target)? {
        Ok(target) => Transformation::of(&files, &target),
        Err(problems) => Transformation::refused(problems),
    })
}

/// Checks the files, each cluster for itself. Without `to` in the target, or without a target, each cluster is checked for the
/// stack that it has.
///
/// `problems` names what is wrong with the target; `problem` of a file says why that file cannot be read.
///
/// @throws TypeError where `files` or `target` are not of these types
#[wasm_bindgen(unchecked_return_type = "Lint")]
pub fn lint(
    #[wasm_bindgen(unchecked_param_type = "readonly SourceFile[]")] files: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Partial<Readonly<Target>>")] target: &JsValue,
) -> Result<JsValue, JsValue> {
    let files = source_files(files)?;
    let options = if target.is_undefined() { Vec::new() } else { read_options(target)? };
    give(&Lint::of(&files, &options))
}

/// Writes new files of these kinds: `["installation", "kubeadm"]`, or one name.
///
/// `problems` names what is wrong with the target, `missingOptions` what is missing.
///
/// @throws TypeError where `kinds` names none of them, or `target` is not of this type
#[wasm_bindgen(unchecked_return_type = "Generation")]
pub fn generate(
    #[wasm_bindgen(unchecked_param_type = "Kind | readonly Kind[]")] kinds: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Readonly<Target>")] target: &JsValue,
) -> Result<JsValue, JsValue> {
    let named = if Array::is_array(kinds) { Array::from(kinds) } else { Array::of1(kinds) };
    let named: Vec<String> = named.iter().map(|name| name.as_string().unwrap_or_default()).collect();
    if let Some(other) = named.iter().find(|name| kind(name).is_none()) {
        return Err(misuse(&format!("`{other}` is no kind: `kinds()` lists them")));
    }
    // Each once, in the order of the table.
    let kinds: Vec<_> = KINDS.iter().filter(|kind| named.iter().any(|name| name == kind.name)).collect();
    give(&match read_target(target)? {
        Ok(target) => Generation::of(&kinds, &target),
        Err(problems) => Generation::refused(problems),
    })
}

/// Everything that can be written, in the order in which help shows it.
#[wasm_bindgen(unchecked_return_type = "GeneratedKind[]")]
pub fn kinds() -> Result<JsValue, JsValue> {
    give(&GeneratedKind::all())
}

/// Plans addresses: ranges for so many nodes, pods and Services, and what given ranges hold.
///
/// An IPv6 range that is not given is made of `random`, five random bytes: `crypto.getRandomValues(new Uint8Array(5))`.
///
/// @throws TypeError where `request` is not of this type, or there are not five bytes
#[wasm_bindgen(js_name = planCidrs, unchecked_return_type = "AddressPlan")]
pub fn plan_cidrs(
    #[wasm_bindgen(unchecked_param_type = "Readonly<AddressRequest>")] request: &JsValue,
    random: Option<Vec<u8>>,
) -> Result<JsValue, JsValue> {
    let random = random.map(|random| five(&random)).transpose()?;
    let options = read_options(request)?;
    let request = Request::from_options(options.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    give(&match request {
        Ok(request) => AddressPlan::of(&request, random),
        Err(errors) => AddressPlan::refused(errors.iter().map(TargetProblem::from).collect()),
    })
}

/// Returns what is in the files: releases, variants, IP families, and the lines that state them.
///
/// @throws TypeError where `files` is not of this type
#[wasm_bindgen(unchecked_return_type = "Inspection")]
pub fn inspect(
    #[wasm_bindgen(unchecked_param_type = "readonly SourceFile[]")] files: &JsValue,
) -> Result<JsValue, JsValue> {
    give(&Inspection::of(&source_files(files)?))
}

/// Returns what is wrong with a target, whatever the files are.
///
/// @throws TypeError where `target` is not of this type
#[wasm_bindgen(js_name = checkTarget, unchecked_return_type = "TargetCheck")]
pub fn check_target(
    #[wasm_bindgen(unchecked_param_type = "Readonly<Target>")] target: &JsValue,
) -> Result<JsValue, JsValue> {
    give(&TargetCheck::from(read_target(target)?.err().unwrap_or_default()))
}

/// Everything that a target can say, in the order in which help shows it.
#[wasm_bindgen(unchecked_return_type = "TargetOption[]")]
pub fn options() -> Result<JsValue, JsValue> {
    give(&TargetOption::all())
}

/// Takes the texts of all rules, once: the module has none. Rules are separated by U+001E, and the fields of a rule by U+001F: id,
/// finds, consequence, help, before, after and sources, which U+001D separates. A source is a text, U+001C, and its address.
#[wasm_bindgen(js_name = loadRuleTexts)]
pub fn load_rule_texts(packed: String) {
    load(packed);
}

/// The page of a rule as Markdown, by its id or name; undefined where there is none.
#[must_use]
#[wasm_bindgen]
pub fn explain(rule: &str) -> Option<String> {
    find(rule).map(page)
}

/// A unique-local IPv6 range for pods (RFC 4193) of five random bytes: `crypto.getRandomValues(new Uint8Array(5))`.
///
/// @throws TypeError where there are not five bytes
#[wasm_bindgen(js_name = uniqueLocalPodCIDR)]
pub fn unique_local(random: &[u8]) -> Result<String, JsValue> {
    Ok(unique_local_pod_cidr(five(random)?).to_string())
}

fn five(random: &[u8]) -> Result<[u8; 5], JsValue> {
    random.try_into().map_err(|_| misuse("five random bytes are wanted"))
}

/// The version of the package.
#[must_use]
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn misuse(message: &str) -> JsValue {
    TypeError::new(message).into()
}

/// Data for JavaScript: plain objects, null where there is nothing.
fn give(data: &impl Serialize) -> Result<JsValue, JsValue> {
    data.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(JsValue::from)
}

fn source_files(files: &JsValue) -> Result<Vec<SourceFile>, JsValue> {
    let text = |file: &JsValue, key: &str| {
        Reflect::get(file, &key.into())?.dyn_into::<JsString>().map(String::from).map_err(|_| misuse("files"))
    };
    let file = |file: JsValue| Ok(SourceFile { name: text(&file, "name")?, text: text(&file, "text")? });
    Array::from(files).iter().map(file).collect()
}

/// A target from an object whose values are texts, numbers or booleans; undefined and null ones are left out.
fn read_target(target: &JsValue) -> Result<Result<target::Target, Vec<TargetProblem>>, JsValue> {
    let options = read_options(target)?;
    Ok(target_of(options.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}

/// Keys and values of an object as texts.
fn read_options(target: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let object: &Object = target.dyn_ref().ok_or_else(|| misuse("target"))?;
    let mut options: Vec<(String, String)> = Vec::new();
    for key in Object::keys(object).iter() {
        let value = Reflect::get(object, &key)?;
        if value.is_undefined() || value.is_null() {
            continue;
        }
        let key = key.as_string().unwrap_or_default();
        // What may be given several times is an array, or one value.
        let values = if Array::is_array(&value) { Array::from(&value) } else { Array::of1(&value) };
        for value in values.iter() {
            options.push((key.clone(), String::from(value.unchecked_ref::<Object>().to_string())));
        }
    }
    Ok(options)
}
