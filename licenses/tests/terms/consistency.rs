//! The tables against the folders, each other, and themselves.

use forebear_licenses::terms::{self, Ask, Effect, Metric, Unit};
use forebear_types::LicenseId;
use forebear_types::obligation::Duty;

use crate::places::tables;

#[test]
fn every_folder_is_listed_and_every_table_reads() {
    let mut folders: Vec<String> = std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("terms.toml").is_file())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    folders.sort();
    assert_eq!(folders, terms::known().collect::<Vec<_>>(), "the list in src/terms/tables.rs, sorted");
    for id in terms::known() {
        // A table that cannot be read would pass as a licence that is not known: `terms` has no error to give.
        let terms = terms::terms(&LicenseId::from(id)).unwrap_or_else(|| panic!("{id} does not read"));
        let text =
            std::fs::read_to_string(format!("{}/{id}/terms.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(
            text.contains(&format!("\nid = \"{id}\"\n")) || text.starts_with(&format!("id = \"{id}\"\n")),
            "{id}"
        );
        assert!(!terms.source.is_empty() && !terms.title.is_empty(), "{id}");
        assert!(id.starts_with("LicenseRef-") || forebear_licenses::text(&terms.id).is_some(), "{id}");
    }
}

#[test]
fn or_later_has_the_terms_of_only() {
    let later = terms::terms(&LicenseId::from("GPL-3.0-or-later")).unwrap();
    assert_eq!(later.id.as_str(), "GPL-3.0-or-later");
    assert!(later.duty(Duty::SameLicense).is_some());
    for (one, two) in [("GPL-3.0-or-later", "GPL-3.0-only"), ("AGPL-3.0-or-later", "AGPL-3.0-only")] {
        let (one, two) = (LicenseId::from(one), LicenseId::from(two));
        assert!(terms::same_text(&one, &two));
        // The recogniser gives the narrower id for the text of either.
        let found = forebear_licenses::recognise(forebear_licenses::text(&one).unwrap());
        assert!(found.licenses.iter().any(|license| license.id == two && license.whole()));
    }
    assert!(!terms::same_text(&LicenseId::from("GPL-3.0-only"), &LicenseId::from("AGPL-3.0-only")));
    assert_eq!(terms::terms(&LicenseId::from("Zlib")), None, "not judged, not free of duties");
}

/// What is withheld has the clause of the duty that it is about, so that the two cannot drift apart.
#[test]
fn what_is_withheld_agrees_with_the_duties() {
    for terms in tables() {
        let id = &terms.id;
        let agrees = |duty: Duty, clause: &str, cue: &str| {
            let mut of = terms.of(duty).peekable();
            assert!(
                of.peek().is_none() || of.any(|term| term.clause == clause && term.cue == cue),
                "{id}: {}: no such clause and cue: {clause}, {cue}",
                duty.name()
            );
        };
        let withholds = &terms.withholds;
        if let Some(fact) = &withholds.commercial_use {
            agrees(Duty::NonCommercial, &fact.clause, &fact.cue);
        }
        if let Some(fact) = &withholds.territory {
            agrees(Duty::TerritorialExclusion, &fact.clause, &fact.cue);
        }
        if let Some(fact) = &withholds.scale {
            agrees(Duty::ScaleThreshold, &fact.clause, &fact.cue);
        }
        if let Some(fact) = &withholds.outputs {
            agrees(Duty::OutputUseRestriction, &fact.clause, &fact.cue);
        }
        if let Some(fact) = &withholds.uses {
            agrees(Duty::PassOnUseRestrictions, &fact.clause, &fact.cue);
            agrees(Duty::IncludeUsePolicy, &fact.clause, &fact.cue);
        }
        assert!(terms.duty(Duty::NonCommercial).is_none() || withholds.commercial_use.is_some(), "{id}");
        assert_eq!(terms.duty(Duty::TerritorialExclusion).is_some(), withholds.territory.is_some(), "{id}");
        let withheld = terms.of(Duty::ScaleThreshold).any(|term| {
            matches!(&term.ask, Ask::Threshold(ask) if matches!(ask.effect, Effect::SeparateLicense | Effect::NoLicense))
        });
        assert_eq!(withheld, withholds.scale.is_some(), "{id}");
        assert!(terms.duty(Duty::OutputUseRestriction).is_none() || withholds.outputs.is_some(), "{id}");
    }
}

#[test]
fn thresholds_are_counted_in_their_units() {
    for terms in tables() {
        for term in terms.of(Duty::ScaleThreshold) {
            let Ask::Threshold(ask) = &term.ask else { unreachable!("the kind of duty says so") };
            let fits = match ask.metric {
                Metric::MonthlyActiveUsers | Metric::MonthlyUniqueUsers | Metric::DailyActiveUsers => {
                    ask.unit == Unit::Users
                }
                Metric::VisitsPerMonth => ask.unit == Unit::Visits,
                Metric::Devices => ask.unit == Unit::Devices,
                Metric::AnnualRevenue
                | Metric::AnnualRecurringRevenue
                | Metric::MonthlyRevenue
                | Metric::RevenueOfTwelveMonths
                | Metric::FundingRaised => matches!(ask.unit, Unit::UsDollars | Unit::Renminbi),
            };
            assert!(fits && ask.over > 0, "{}: {ask:?}", terms.id);
        }
    }
}

/// Other licences are named by ids that exist.
#[test]
fn differences_lead_to_tables() {
    for terms in tables() {
        for difference in &terms.differs {
            assert!(terms::terms(&difference.from).is_some(), "{} → {}", terms.id, difference.from);
            assert_ne!(difference.from, terms.id);
        }
    }
}

/// Short words of a licence, not its text: a cue is for finding, not for reading.
#[test]
fn cues_are_short() {
    for terms in tables() {
        for place in crate::places::places(&terms)
            .iter()
            .filter(|place| !["line", "prescribed-notice-line"].contains(&place.key.as_str()))
        {
            assert!(place.words.chars().count() <= 130, "{} {}: {}", terms.id, place.key, place.words);
        }
    }
}
