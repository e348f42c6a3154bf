//! The list of rules. One folder each; the test below holds the list to the folders.

mod base_declaration_removed_in_history;
mod base_misdeclared;
mod base_undeclared;
mod changes_not_stated;
mod contradicted_origin_claim;
mod copyright_line_removed_in_history;
mod dangling_license_reference;
mod dataset_license_conflict;
mod declared_license_conflicts_with_file;
mod declared_license_removed_in_history;
mod expired_waiver;
mod history_not_examined;
mod license_added_late;
mod license_mismatch_with_base;
mod license_not_accepted;
mod license_removed_in_history;
mod license_text_altered;
mod license_text_incomplete;
mod missing_license_text;
mod missing_upstream_copyright;
mod no_license_declared;
mod notice_missing;
mod relicensed_in_history;
mod required_display_missing;
mod required_name_missing;
mod restrictions_not_passed_on;
mod synthetic_data_terms;
mod unknown_license_id;
mod unmodified_rehost;
mod unused_waiver;
mod use_policy_missing;
mod wrong_license_version_in_history;

use forebear_types::obligation::Duty;

use crate::Rule;

/// Every rule, in the order of their names.
pub static RULES: &[&Rule] = &[
    &base_declaration_removed_in_history::RULE,
    &base_misdeclared::RULE,
    &base_undeclared::RULE,
    &changes_not_stated::RULE,
    &contradicted_origin_claim::RULE,
    &copyright_line_removed_in_history::RULE,
    &dangling_license_reference::RULE,
    &dataset_license_conflict::RULE,
    &declared_license_conflicts_with_file::RULE,
    &declared_license_removed_in_history::RULE,
    &expired_waiver::RULE,
    &history_not_examined::RULE,
    &license_added_late::RULE,
    &license_mismatch_with_base::RULE,
    &license_not_accepted::RULE,
    &license_removed_in_history::RULE,
    &license_text_altered::RULE,
    &license_text_incomplete::RULE,
    &missing_license_text::RULE,
    &missing_upstream_copyright::RULE,
    &no_license_declared::RULE,
    &notice_missing::RULE,
    &relicensed_in_history::RULE,
    &required_display_missing::RULE,
    &required_name_missing::RULE,
    &restrictions_not_passed_on::RULE,
    &synthetic_data_terms::RULE,
    &unknown_license_id::RULE,
    &unmodified_rehost::RULE,
    &unused_waiver::RULE,
    &use_policy_missing::RULE,
    &wrong_license_version_in_history::RULE,
];

/// Who speaks of a kind of duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The rule of this name.
    By(&'static str),
    /// No rule, for this reason: the duty is listed with the question to ask.
    Never(&'static str),
}

/// Which rule judges a kind of duty. Limits of use are kept or broken outside of a repository: the rule then judges whether the declared
/// licence keeps them.
pub fn judged(duty: Duty) -> Judged {
    Judged::By(match duty {
        Duty::IncludeLicenseText => "missing-license-text",
        Duty::KeepCopyrightNotice => "missing-upstream-copyright",
        Duty::KeepNoticeFile | Duty::PrescribedNoticeLine => "notice-missing",
        Duty::StateChanges => "changes-not-stated",
        Duty::PassOnUseRestrictions => "restrictions-not-passed-on",
        Duty::IncludeUsePolicy => "use-policy-missing",
        Duty::DisplayPhrase => "required-display-missing",
        Duty::NamePrefix => "required-name-missing",
        Duty::SameLicense
        | Duty::NonCommercial
        | Duty::ScaleThreshold
        | Duty::TerritorialExclusion
        | Duty::OutputUseRestriction => "license-mismatch-with-base",
        Duty::DiscloseSource => {
            return Judged::Never("what the source of weights is, no licence of the tables says");
        }
    })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the test compares the list with the folders")]
mod tests {
    use super::*;

    #[test]
    fn every_folder_is_a_rule_and_every_rule_has_its_docs_and_cases() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let mut folders: Vec<String> = std::fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        folders.sort();
        let listed: Vec<String> = RULES.iter().map(|rule| rule.id.0.replace('-', "_")).collect();
        assert_eq!(folders, listed);
        for (rule, folder) in RULES.iter().zip(folders) {
            for heading in
                ["# ", "## What it checks", "## Clause", "## Evidence", "## Limits", "## How to fix"]
            {
                assert!(
                    rule.docs.lines().any(|line| line.starts_with(heading)),
                    "{folder}: no heading {heading}"
                );
            }
            assert!(
                rule.docs.starts_with(&format!("# {}\n", rule.id)),
                "{folder}: the title is the rule's name"
            );
            let cases = std::fs::read_to_string(format!("{root}/{folder}/cases.md")).unwrap();
            assert!(cases.contains("```findings"), "{folder}: cases expect findings");
        }
    }
}
