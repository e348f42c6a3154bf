//! What a licence lets everybody do, as far as the tables tell.

use forebear_licenses::terms::{Class, Commercial, Terms, terms};
use forebear_types::LicenseId;

/// How much of commercial use a licence withholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// None of it.
    Nothing,
    /// What has to be registered, permitted, or stays within conditions.
    Some,
    /// All of it, or all but research.
    All,
}

/// What is known of a licence's grants.
#[derive(Debug)]
pub(crate) struct Grants {
    /// Its table, if there is one.
    pub(crate) terms: Option<Terms>,
    /// Whether it lets everybody use the work for everything: the licences of free software and open data.
    pub(crate) open: bool,
}

/// What is known of the grants of a licence; `None` if nothing is.
pub(crate) fn grants(id: &LicenseId) -> Option<Grants> {
    if let Some(terms) = terms(id) {
        let unlimited = terms.withholds.commercial_use.is_none() && terms.withholds.uses.is_none();
        let open = match terms.class {
            Class::Permissive | Class::Attribution | Class::Copyleft => unlimited,
            Class::UseRestricted | Class::NonCommercial | Class::ProprietaryGated | Class::Policy => false,
        };
        return Some(Grants { terms: Some(terms), open });
    }
    // What the Open Source Initiative or the Free Software Foundation calls free forbids no use and no user.
    forebear_licenses::is_free(id).then_some(Grants { terms: None, open: true })
}

/// How much of commercial use a licence withholds; `None` where nothing is known of it.
pub(crate) fn commercial_level(id: &LicenseId) -> Option<Level> {
    Some(grants(id)?.commercial())
}

impl Grants {
    /// How much of commercial use is withheld.
    pub(crate) fn commercial(&self) -> Level {
        let fact = self.terms.as_ref().and_then(|terms| terms.withholds.commercial_use.as_ref());
        fact.map_or(Level::Nothing, |fact| level(fact.says))
    }
}

/// How much a word of the tables withholds.
pub(crate) fn level(says: Commercial) -> Level {
    match says {
        Commercial::Allowed => Level::Nothing,
        Commercial::Registration | Commercial::Permission | Commercial::Conditional => Level::Some,
        Commercial::Withheld
        | Commercial::ResearchOnly
        | Commercial::NonProductionOnly
        | Commercial::NonCommercialOrganisationsOnly => Level::All,
    }
}
