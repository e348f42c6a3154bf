//! What a licence grants that another withholds.

use forebear_licenses::terms::{Redistribution, Relicensing, Terms, TrainModels};
use forebear_types::LicenseId;

use crate::declared::same_license;
use crate::grants::{Grants, Level, grants, level};
use crate::words::clause_words;

/// One thing that the base's licence withholds and the declared one grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// What, with the clause: "commercial use (clause 3.2: research only)".
    pub(super) words: String,
    /// Whether own terms cannot give it whatever else they say: commercial use, the choice of terms, redistribution.
    pub(super) hard: bool,
}

/// What comes of declaring one licence for what was made from a work under another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The base's terms allow it; with the reason.
    Allowed(String),
    /// The declared licence grants what the base's withholds. `own_terms` says that the base lets derivatives have terms of their own,
    /// within its conditions.
    Grants { gaps: Vec<Gap>, own_terms: bool, open: bool },
    /// It cannot be told, and why.
    Open(String),
}

/// Licences under which the one before may be passed on, by its own words: the GPL's clause 13 joins it with the AGPL; Creative Commons
/// lists the GPL as compatible with BY-SA 4.0, one way (creativecommons.org/share-your-work/licensing-considerations/compatible-licenses,
/// read November 2026).
const ONE_WAY: &[(&str, &str)] = &[("GPL-3.0-only", "AGPL-3.0-only"), ("CC-BY-SA-4.0", "GPL-3.0-only")];

/// Compares a declared licence with the base's.
pub(super) fn compare(base: &Terms, declared: &LicenseId) -> Outcome {
    if same_license(&base.id, declared) {
        return Outcome::Allowed(format!("it is {} itself", base.id));
    }
    let Some(own) = grants(declared) else {
        return Outcome::Open(format!("what {declared} grants is not in the tables"));
    };
    let family = own.terms.as_ref().is_some_and(|own| own.family == base.family && own.family != "ordinary");
    if family {
        // A sibling's terms are the publisher's own; only commercial use is more than a matter of versions.
        let commercial: Vec<Gap> = commercial(base, &own).into_iter().filter(|gap| gap.hard).collect();
        return match commercial.is_empty() {
            true => Outcome::Allowed(format!("it is a sibling of {}", base.id)),
            false => Outcome::Grants { gaps: commercial, own_terms: false, open: own.open },
        };
    }
    if ONE_WAY.iter().any(|(from, to)| {
        same_license(&base.id, &LicenseId::from(*from)) && same_license(declared, &LicenseId::from(*to))
    }) {
        return Outcome::Allowed(format!("{} is compatible with it", base.id));
    }
    let gaps: Vec<Gap> = [
        commercial(base, &own),
        relicensing(base),
        redistribution(base, &own),
        territory(base, &own),
        scale(base, &own),
        uses(base, &own),
        outputs(base, &own),
    ]
    .into_iter()
    .flatten()
    .collect();
    let says = base.withholds.relicensing.as_ref().map(|fact| fact.says);
    if !gaps.is_empty() {
        return Outcome::Grants { gaps, own_terms: says == Some(Relicensing::OwnTerms), open: own.open };
    }
    match says {
        Some(Relicensing::SameLimits | Relicensing::OwnTermsWithRestrictions) => Outcome::Open(format!(
            "{} lets derivatives have own terms that keep its limits; whether {declared} keeps them has to be read",
            base.id
        )),
        Some(Relicensing::SameTerms | Relicensing::OwnTerms) | None => {
            Outcome::Allowed(format!("{} withholds nothing that it grants", base.id))
        }
    }
}

fn commercial(base: &Terms, own: &Grants) -> Option<Gap> {
    let fact = base.withholds.commercial_use.as_ref()?;
    let level = level(fact.says);
    (level > own.commercial())
        .then(|| gap("commercial use", &fact.clause, fact.says.meaning(), level == Level::All))
}

fn relicensing(base: &Terms) -> Option<Gap> {
    let fact = base.withholds.relicensing.as_ref()?;
    (fact.says == Relicensing::SameTerms)
        .then(|| gap("terms other than its own", &fact.clause, fact.says.meaning(), true))
}

fn redistribution(base: &Terms, own: &Grants) -> Option<Gap> {
    let fact = base.withholds.redistribution.as_ref()?;
    let withheld = match fact.says {
        Redistribution::Forbidden
        | Redistribution::PlanNeeded
        | Redistribution::SubscriptionOrHardwareBound => true,
        // Said by the choice of terms, too, where that is recorded.
        Redistribution::SameTermsOnly => base.withholds.relicensing.is_none(),
        Redistribution::CommercialNeedsLicense => own.commercial() == Level::Nothing,
        // What these allow is bounded by commercial use and territory, which are compared by themselves.
        Redistribution::Allowed
        | Redistribution::AllowedInTerritory
        | Redistribution::AllowedNonCommercial
        | Redistribution::AllowedNonCommercialResearch
        | Redistribution::AllowedForPermittedPurpose
        | Redistribution::AllowedWithNotice => false,
    };
    withheld.then(|| gap("passing it on", &fact.clause, fact.says.meaning(), true))
}

fn territory(base: &Terms, own: &Grants) -> Option<Gap> {
    let theirs = base.withholds.territory.as_ref()?;
    let excluded = own
        .terms
        .as_ref()
        .and_then(|terms| terms.withholds.territory.as_ref())
        .map_or(&[][..], |own| &own.excludes);
    let granted: Vec<&str> =
        theirs.excludes.iter().filter(|place| !excluded.contains(place)).map(String::as_str).collect();
    (!granted.is_empty())
        .then(|| gap(&format!("use in {}", granted.join(", ")), &theirs.clause, "excluded", false))
}

fn scale(base: &Terms, own: &Grants) -> Option<Gap> {
    let fact = base.withholds.scale.as_ref()?;
    // Who grants no commercial use grants large businesses nothing.
    let kept = own.commercial() == Level::All
        || own.terms.as_ref().is_some_and(|terms| terms.withholds.scale.is_some());
    (!kept).then(|| gap("use by large businesses", &fact.clause, fact.says.meaning(), false))
}

fn uses(base: &Terms, own: &Grants) -> Option<Gap> {
    let fact = base.withholds.uses.as_ref()?;
    let kept = own.terms.as_ref().is_some_and(|terms| terms.withholds.uses.is_some());
    (!kept).then(|| {
        gap("every use", &fact.clause, &format!("some are forbidden, {}", fact.says.meaning()), false)
    })
}

fn outputs(base: &Terms, own: &Grants) -> Option<Gap> {
    let fact = base.withholds.outputs.as_ref()?;
    let withheld = match fact.train_models {
        TrainModels::ForbiddenExceptOwnFamily
        | TrainModels::ForbiddenSimilarModels
        | TrainModels::ForbiddenCompetingModels
        | TrainModels::ForbiddenCommerciallyExceptOwnFamily
        | TrainModels::SameLicenseOnOutputs => true,
        TrainModels::NonCommercialOnly => own.commercial() < Level::All,
        TrainModels::Allowed
        | TrainModels::AllowedWithName
        | TrainModels::AllowedWithDisplay
        | TrainModels::AllowedCosmosNeedsDisplay
        | TrainModels::DerivativeIfDistilled
        | TrainModels::PolicyBound
        | TrainModels::Silent => false,
    };
    let kept = own
        .terms
        .as_ref()
        .and_then(|terms| terms.withholds.outputs.as_ref())
        .is_some_and(|own| !matches!(own.train_models, TrainModels::Allowed | TrainModels::Silent));
    (withheld && !kept)
        .then(|| gap("training on its outputs", &fact.clause, fact.train_models.meaning(), false))
}

fn gap(what: &str, clause: &str, says: &str, hard: bool) -> Gap {
    Gap { words: format!("{what} ({}: {says})", clause_words(clause)), hard }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_licenses::terms::terms;

    fn outcome(base: &str, declared: &str) -> Outcome {
        compare(&terms(&LicenseId::from(base)).unwrap(), &LicenseId::from(declared))
    }

    fn gaps(base: &str, declared: &str) -> usize {
        match outcome(base, declared) {
            Outcome::Grants { gaps, .. } => gaps.len(),
            Outcome::Allowed(_) | Outcome::Open(_) => 0,
        }
    }

    #[test]
    fn every_licence_allows_itself() {
        for id in forebear_licenses::terms::known() {
            assert!(matches!(outcome(id, id), Outcome::Allowed(_)), "{id}");
        }
    }

    /// The permissive licences withhold nothing from whoever declares another licence.
    #[test]
    fn permissive_bases_accuse_nobody() {
        let permissive = ["MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "CC0-1.0", "CC-BY-4.0"];
        for base in permissive {
            for declared in forebear_licenses::terms::known() {
                assert!(
                    matches!(outcome(base, declared), Outcome::Allowed(_)),
                    "{base}, declared {declared}"
                );
            }
        }
    }

    #[test]
    fn open_licences_grant_what_restricted_ones_withhold() {
        for (base, declared) in [
            ("LicenseRef-mistral-mrl-0.1", "Apache-2.0"),
            ("LicenseRef-llama-3.1-community", "Apache-2.0"),
            ("LicenseRef-llama-2-community", "MIT"),
            ("LicenseRef-gemma-terms", "MIT"),
            ("CC-BY-NC-4.0", "Apache-2.0"),
            ("GPL-3.0-only", "MIT"),
            ("CC-BY-SA-4.0", "Apache-2.0"),
            ("LicenseRef-qwen-research", "LicenseRef-qwen"),
            ("LicenseRef-hunyuan-large-community", "LicenseRef-llama-2-community"),
            ("LicenseRef-exaone-1.0-nc", "MPL-2.0"),
        ] {
            assert!(gaps(base, declared) > 0, "{base}, declared {declared}");
        }
    }

    #[test]
    fn siblings_and_compatible_licences_are_allowed() {
        for (base, declared) in [
            ("LicenseRef-llama-3.1-community", "LicenseRef-llama-3.3-community"),
            ("LicenseRef-gemma-terms", "LicenseRef-gemma-terms-2024-04-01"),
            ("LicenseRef-kimi-k2-modified-mit", "MIT"),
            ("GPL-3.0-only", "AGPL-3.0-or-later"),
            ("GPL-3.0-only", "GPL-3.0-or-later"),
            ("CC-BY-SA-4.0", "GPL-3.0-or-later"),
        ] {
            assert_eq!(gaps(base, declared), 0, "{base}, declared {declared}");
        }
        assert!(matches!(outcome("LicenseRef-mistral-mrl-0.1", "CC-BY-NC-4.0"), Outcome::Open(_)));
        assert!(matches!(outcome("LicenseRef-gemma-terms", "LicenseRef-kaguya"), Outcome::Open(_)));
    }
}
