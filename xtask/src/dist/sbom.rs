//! The bill of materials: a CycloneDX document with each package that a binary is linked of.

use super::platform::Platform;
use anyhow::{Context, Result, anyhow};
use cargo_metadata::Package;
use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::Bom;
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;

/// The document. Its identity is not random and it has no time, so that two builds have the same.
pub(super) fn json(version: &str, platform: &Platform, packages: &[&Package]) -> Result<String> {
    let mut command = Component::new(Classification::Application, "calico-ipv6", version, None);
    command.licenses = Some(Licenses(vec![LicenseChoice::Expression(SpdxExpression::new("Apache-2.0"))]));
    command.purl = Some(purl("calico-ipv6", version)?);
    command.description =
        Some(cyclonedx_bom::external_models::normalized_string::NormalizedString::new(platform.target));
    let metadata = Metadata { component: Some(command), ..Metadata::default() };
    let components = packages.iter().map(|package| component(package)).collect::<Result<Vec<_>>>()?;
    let bom = Bom {
        version: 1,
        serial_number: None,
        metadata: Some(metadata),
        components: Some(Components(components)),
        ..Bom::default()
    };
    let mut out = Vec::new();
    bom.output_as_json_v1_5(&mut out).map_err(|error| anyhow!("{error}"))?;
    let mut text = String::from_utf8(out)?;
    text.push('\n');
    Ok(text)
}

fn component(package: &Package) -> Result<Component> {
    let (name, version) = (package.name.as_str(), package.version.to_string());
    let mut component = Component::new(Classification::Library, name, &version, None);
    component.purl = Some(purl(name, &version)?);
    // `MIT/Apache-2.0` is how old packages write `MIT OR Apache-2.0`.
    component.licenses = package.license.as_deref().map(|license| {
        Licenses(vec![LicenseChoice::Expression(SpdxExpression::new(&license.replace('/', " OR ")))])
    });
    Ok(component)
}

fn purl(name: &str, version: &str) -> Result<Purl> {
    Purl::new("cargo", name, version).with_context(|| format!("{name} {version}"))
}
