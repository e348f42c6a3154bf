//! Stable names and a stable order for findings.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use forebear_types::finding::{Finding, Fingerprint};
use forebear_types::obligation::Answer;
use sha2::{Digest, Sha256};

/// Sorts findings, worst first, and names them.
///
/// The fingerprint is the first 16 bytes of SHA-256 over rule, upstream ids and path, separated by NUL, in hexadecimal.
/// Where two findings agree in all three, the later one in the order has its number appended before hashing.
pub(crate) fn seal(mut findings: Vec<Finding>) -> Vec<Finding> {
    sort(&mut findings);
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for finding in &mut findings {
        let mut material = finding.rule.0.as_bytes().to_vec();
        material.push(0);
        let mut upstream: Vec<&str> = finding.upstream.iter().map(|model| model.as_str()).collect();
        upstream.sort_unstable();
        material.extend_from_slice(upstream.join(",").as_bytes());
        material.push(0);
        if let Some(place) = finding.places.first() {
            material.extend_from_slice(place.location.path.as_bytes());
        }
        let count = seen.entry(material.clone()).or_default();
        if *count > 0 {
            material.extend_from_slice(format!("\0{count}").as_bytes());
        }
        *count += 1;
        finding.fingerprint = Fingerprint(hex(&Sha256::digest(&material)[..16]));
    }
    findings
}

/// Puts findings in order: what is unmet before what is open before what is met, and the worst first.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, two| key(one).cmp(&key(two)));
}

fn key(finding: &Finding) -> impl Ord + '_ {
    (
        match finding.answer {
            Answer::Unmet => 0,
            Answer::Unknown => 1,
            Answer::Met => 2,
        },
        std::cmp::Reverse(finding.severity),
        finding.rule,
        &finding.upstream,
        &finding.places,
        &finding.message,
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
