//! Ids that the schemas of CycloneDX do not know everywhere.

use crate::bom;

/// Ids of the SPDX list 3.29 that some published copy of CycloneDX's list of ids lacks: the copies that came with versions 1.6 and
/// 1.7 stand for the SPDX list as it was then, and a validator that carries one refuses any other word as `license.id`.
///
/// Sorted. Made by comparing the list of the crate `spdx` with `spdx.schema.json` as tools ship it (lists 3.26 and 3.28);
/// `tests/validate/cyclonedx.py` checks it.
const NEWER: &[&str] = &[
    "ALGLIB-Documentation",
    "Advanced-Cryptics-Dictionary",
    "Artistic-dist",
    "Aspell-RU",
    "BOLA-1.1",
    "BSD-2-Clause-pkgconf-disclaimer",
    "BSD-2-Clause-pos-unchanged",
    "BSD-3-Clause-OpenWebUI",
    "BSD-3-Clause-Tso",
    "BSD-Mark-Modifications",
    "BSD-Source-Code-no-disclaimer",
    "BSD-Source-alt-GPL",
    "BSD-ask-to-endorse",
    "Brian-Gladman-3-Clause-no-conversion",
    "Buddy",
    "Bugroff",
    "CAPEC-tou",
    "CC-BY-NC-3.0-IGO",
    "CryptoSwift",
    "DocBook-DTD",
    "ESA-PL-permissive-2.4",
    "ESA-PL-strong-copyleft-2.4",
    "ESA-PL-weak-copyleft-2.4",
    "FDK-MPEG-H",
    "FSFULLRSD",
    "FSL-1.1-ALv2",
    "FSL-1.1-MIT",
    "GFDL-1.1-invariants",
    "GFDL-1.1-no-invariants",
    "GFDL-1.2-invariants",
    "GFDL-1.2-no-invariants",
    "GFDL-1.3-invariants",
    "GFDL-1.3-no-invariants",
    "Game-Programming-Gems",
    "HDF5",
    "HPND-SMC",
    "HPND-sell-variant-critical-systems",
    "Hippocratic-3.0-core",
    "ISO-permission",
    "Informatica",
    "MIT-STK",
    "MMPL-1.0.1",
    "MVT-1.1",
    "NIST-PD-TNT",
    "NOASSERTION",
    "NTIA-PD",
    "OSC-1.0",
    "OSSP",
    "OpenMDW-1.0",
    "ParaType-Free-Font-1.3",
    "SGMLUG-PM",
    "SOFA",
    "SUL-1.0",
    "TekHVC",
    "UnRAR",
    "Unlicense-libtelnet",
    "Unlicense-libwhirlpool",
    "Vixie-Cron",
    "WTFNMFPL",
    "WordNet",
    "X11-no-permit-persons",
    "atc-game",
    "hyphen-bulgarian",
    "jove",
    "libpng-1.6.35",
    "man2html",
    "ngrep",
];

/// Whether an id may stand as `license.id`.
pub(super) fn is_in_schema(id: &str) -> bool {
    bom::is_listed(id) && NEWER.binary_search(&id).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_of_the_spdx_list() {
        assert!(NEWER.is_sorted());
        for id in NEWER {
            assert!(bom::is_listed(id), "{id} is not of the list");
        }
        assert!(is_in_schema("Apache-2.0") && is_in_schema("CC-BY-NC-4.0"));
        assert!(!is_in_schema("OpenMDW-1.0") && !is_in_schema("LicenseRef-x") && !is_in_schema("mit"));
    }
}
