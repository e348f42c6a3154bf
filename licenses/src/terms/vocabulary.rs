//! The small words of the tables: each list is closed, and each word has a meaning for people.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal: $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// All words of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in the tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, for people.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                Self::ALL.iter().copied().find(|known| known.name() == word).ok_or_else(|| {
                    D::Error::custom(format!("`{word}` is not one of the words of {}", stringify!($name)))
                })
            }
        }
    };
}

words! {
    /// What kind of licence it is, in one word.
    Class {
        Permissive = "permissive": "few conditions",
        Attribution = "attribution": "credit is asked for",
        Copyleft = "copyleft": "what is made from it stays under the same terms",
        UseRestricted = "use-restricted": "some uses are forbidden or limited",
        NonCommercial = "non-commercial": "no commercial use without another licence",
        ProprietaryGated = "proprietary-gated": "access or use hangs on a plan, a product or an approval",
        Policy = "policy": "a policy that goes with another licence",
    }
}

words! {
    /// When a duty applies.
    Trigger {
        Redistribute = "redistribute": "when it is passed on",
        RedistributeModified = "redistribute-modified": "when it is passed on modified",
        RedistributeUnmodified = "redistribute-unmodified": "when it is passed on unmodified",
        DistributeOrOffer = "distribute-or-product-or-service": "when it is passed on, or a product or service that uses it is offered",
        DistributedModel = "distributed-model-or-derivative": "when the model or a derivative of it is passed on",
        ModifiedModel = "modified-model": "when the model is modified",
        TrainedWithMaterials = "trained-with-materials": "when a model that was made or improved with it is passed on",
        TrainedWithMaterialsOrOutputs = "trained-with-materials-or-outputs": "when a model that was made or improved with it or its outputs is passed on",
        DerivedModel = "derived-model-trained-with-materials-or-outputs": "when a model that was trained with it or its outputs is passed on",
        Use = "use": "whenever it is used",
        OutputsUsed = "outputs-used": "when its outputs are used",
        CommercialUse = "commercial-use": "when it is used commercially",
        CommercialProduct = "commercial-product": "when a commercial product or service uses it",
        CommercialProductOverThreshold = "commercial-product-over-threshold": "when a commercial product or service above a threshold uses it",
        ModelAsAService = "model-as-a-service": "when others get inference or fine-tuning with it as a service",
        ComponentOfSystem = "component-of-system": "when it is a component of a system",
        CosmosModel = "cosmos-model-in-product-or-training": "when it is an NVIDIA Cosmos model, and a product or another model is made with it",
        PublicStatement = "public-statement-about-derivative": "when a public statement is made about a derivative",
        Publication = "publication": "when results are published",
        PublicationOrOutputs = "publication-or-output-distribution": "when results are published or outputs passed on",
        AnyOutputOrDistribution = "any-output-or-distribution": "when it, or any output, is passed on",
        Encouraged = "encouraged": "asked for, not required",
    }
}

impl Trigger {
    /// Whether passing the model on, as a repository does, is enough for the duty to apply.
    pub fn on_redistribution(self) -> bool {
        matches!(
            self,
            Self::Redistribute
                | Self::RedistributeModified
                | Self::RedistributeUnmodified
                | Self::DistributeOrOffer
                | Self::DistributedModel
                | Self::AnyOutputOrDistribution
        )
    }

    /// What to ask the publisher where the repository alone cannot show whether the duty applies.
    pub fn question(self) -> Option<&'static str> {
        Some(match self {
            Self::Redistribute
            | Self::RedistributeModified
            | Self::RedistributeUnmodified
            | Self::DistributeOrOffer
            | Self::DistributedModel
            | Self::AnyOutputOrDistribution
            | Self::Encouraged => return None,
            Self::ModifiedModel => "was the model itself modified?",
            Self::TrainedWithMaterials => "was this model made or improved with the base itself?",
            Self::TrainedWithMaterialsOrOutputs | Self::DerivedModel => {
                "was this model made or improved with the base, or with its outputs?"
            }
            Self::Use => "who uses the model, where, and for what?",
            Self::OutputsUsed => "are its outputs used, and to train which models?",
            Self::CommercialUse => "is it used commercially?",
            Self::CommercialProduct => "does a commercial product or service use it?",
            Self::CommercialProductOverThreshold => {
                "does a commercial product or service above the licence's threshold use it?"
            }
            Self::ModelAsAService => "is inference or fine-tuning with it offered to others as a service?",
            Self::ComponentOfSystem => "is it a component of a larger system?",
            Self::CosmosModel => "is the base an NVIDIA Cosmos model?",
            Self::PublicStatement => "was a public statement made about the derivative?",
            Self::Publication => "were results published?",
            Self::PublicationOrOutputs => "were results published, or outputs passed on?",
        })
    }
}

words! {
    /// What satisfies the duty to include the licence.
    Accepts {
        Text = "text": "its text",
        TextOrLink = "text-or-link": "its text, or a link to it",
    }
}

words! {
    /// Where a prescribed line has to stand.
    LinePlace {
        NoticeFile = "notice-file": "in the notice file",
        NoticeFileIfAny = "notice-file-if-work-has-one": "in the notice file, if the work came with one",
        LicenseFile = "license-file": "in the licence file",
        WithCopies = "with-copies": "with every copy, in any file",
        Publication = "publication": "in publications about it",
        DerivativePage = "derivative-page-or-documentation": "on the page of the derivative, or in its documentation",
    }
}

words! {
    /// Where restrictions of use are written.
    PolicyKind {
        Inline = "inline": "in the clauses of the licence",
        Attachment = "attachment": "in an attachment of the licence",
        Policy = "policy": "in a use policy that the licence takes in",
    }
}

words! {
    /// How restrictions of use have to reach the next recipient.
    FlowDown {
        EnforceableTerm = "enforceable-term": "as an enforceable term of your own terms",
        ByAgreementCopy = "by-agreement-copy": "with the copy of the licence, of which they are a part",
        SameTerms = "same-terms": "because everything is passed on under the same terms",
        TermsMustNotConflict = "terms-must-not-conflict": "your own terms must not conflict with them",
    }
}

words! {
    /// How much of what is made from the work has to stay under its terms.
    Reach {
        Whole = "whole": "the whole",
        LimitsOnly = "limits-only": "the limits of the licence only",
    }
}

words! {
    /// What a threshold counts.
    Metric {
        MonthlyActiveUsers = "monthly-active-users": "monthly active users",
        MonthlyUniqueUsers = "monthly-unique-users": "monthly unique users",
        DailyActiveUsers = "daily-active-users": "daily active users",
        VisitsPerMonth = "visits-per-month": "visits in a month",
        Devices = "devices": "devices",
        AnnualRevenue = "annual-revenue": "revenue in a year",
        AnnualRecurringRevenue = "annual-recurring-revenue": "recurring revenue in a year",
        MonthlyRevenue = "monthly-revenue": "revenue in a month",
        RevenueOfTwelveMonths = "aggregate-revenue-12-months": "revenue in any twelve months",
        FundingRaised = "funding-raised": "funding raised",
    }
}

words! {
    /// In what a threshold is counted.
    Unit {
        Users = "users": "users",
        Visits = "visits": "visits",
        Devices = "devices": "devices",
        UsDollars = "USD": "US dollars",
        Renminbi = "RMB": "renminbi",
    }
}

words! {
    /// What happens above a threshold.
    Effect {
        SeparateLicense = "separate-licence": "a separate licence has to be asked for",
        NoLicense = "no-licence": "the licence does not apply",
        Display = "display": "the model's name has to be displayed",
        SecurityReview = "security-review": "a security review has to be passed",
    }
}

words! {
    /// Which part of commercial use is withheld.
    Commercial {
        Withheld = "yes": "no commercial use",
        ResearchOnly = "research-only": "research only",
        NonProductionOnly = "non-production-only": "not in production",
        NonCommercialOrganisationsOnly = "non-commercial-organisations-only": "non-commercial organisations only",
        Registration = "registration": "commercial use after registering",
        Permission = "permission": "commercial use with written permission",
        Conditional = "conditional": "commercial use under conditions",
        Allowed = "allowed": "the text says that commercial use is allowed",
    }
}

words! {
    /// Whether outputs may train other models.
    TrainModels {
        Allowed = "allowed": "outputs may train other models",
        AllowedWithName = "allowed-with-name": "outputs may train other models, which then bear the name",
        AllowedWithDisplay = "allowed-with-display": "outputs may train other models, with the phrase displayed",
        AllowedCosmosNeedsDisplay = "allowed-cosmos-needs-display": "outputs may train other models; those of Cosmos models with the phrase displayed",
        DerivativeIfDistilled = "derivative-if-distilled": "a model that copies this one through its outputs falls under the licence",
        ForbiddenExceptOwnFamily = "forbidden-except-own-family": "outputs may not train models other than this one and its derivatives",
        ForbiddenSimilarModels = "forbidden-similar-models": "outputs may not train similar models",
        ForbiddenCompetingModels = "forbidden-competing-models": "outputs may not train competing models",
        ForbiddenCommerciallyExceptOwnFamily = "forbidden-commercially-except-own-family": "outputs may not train other models commercially",
        NonCommercialOnly = "non-commercial-only": "outputs may be used non-commercially only",
        PolicyBound = "policy-bound": "the use policy binds what is made from outputs",
        SameLicenseOnOutputs = "same-licence-on-outputs": "outputs come under the same licence",
        Silent = "silent": "the licence does not say",
    }
}

words! {
    /// Who has which rights in outputs.
    OutputRights {
        NoneClaimed = "none-claimed": "the licensor claims none",
        LicenseeOwns = "licensee-owns": "the licensee owns them",
        LicensorOwns = "licensor-owns": "the licensor owns them",
        LicensorKeepsTerms = "licensor-keeps-terms": "the licensor's terms stay on them",
        TermsTravelWithOutput = "terms-travel-with-output": "the terms travel with them",
        ShareAlike = "share-alike": "they stay under the same terms",
        NoRestriction = "no-restriction": "the licence does not restrict them",
        NoRestrictionOtherwise = "no-restriction-otherwise": "the licence does not restrict them otherwise",
        NoClaimStated = "no-claim-stated": "no claim is stated",
        NonCommercial = "non-commercial": "for non-commercial purposes only",
        Silent = "silent": "the licence does not say",
    }
}

words! {
    /// Under which terms something made from the work may be passed on.
    Relicensing {
        SameTerms = "same-terms": "only under the same terms",
        SameLimits = "same-limits": "under own terms that keep the limits of the licence",
        OwnTermsWithRestrictions = "own-terms-with-restrictions": "under own terms that contain the restrictions of use",
        OwnTerms = "own-terms": "under own terms, as far as the conditions of the licence are met",
    }
}

words! {
    /// Whether the work may be passed on.
    Redistribution {
        Allowed = "allowed": "allowed",
        AllowedInTerritory = "allowed-in-territory": "allowed within the territory",
        AllowedNonCommercial = "allowed-non-commercial": "allowed for non-commercial purposes",
        AllowedNonCommercialResearch = "allowed-non-commercial-research": "allowed for non-commercial research",
        AllowedForPermittedPurpose = "allowed-for-permitted-purpose": "allowed for the permitted purpose",
        AllowedWithNotice = "allowed-with-notice": "allowed with the notice",
        SameTermsOnly = "same-terms-only": "under the same terms only",
        CommercialNeedsLicense = "commercial-needs-licence": "commercially with another licence only",
        PlanNeeded = "plan-needed": "with a paid plan only",
        SubscriptionOrHardwareBound = "subscription-or-hardware-bound": "bound to a subscription or to hardware",
        Forbidden = "forbidden": "forbidden",
    }
}

words! {
    /// Whether the work may be offered as a service.
    Hosting {
        Distribution = "distribution": "hosting counts as passing on",
        LicenseNeeded = "licence-needed": "with a separate licence only",
        LicenseNeededOverThreshold = "licence-needed-over-threshold": "above a threshold with the licensor's leave only",
        SourceOffer = "source-offer": "users have to be offered the source",
        Lighter = "lighter": "with fewer conditions than passing on",
        NonCommercialOnly = "non-commercial-only": "non-commercially only",
        Forbidden = "forbidden": "forbidden",
        ForbiddenCommercially = "forbidden-commercially": "forbidden in the course of commerce",
    }
}

words! {
    /// What is said of patents.
    Patents {
        Granted = "granted": "a patent licence is granted",
        RuledOut = "ruled-out": "patent rights are ruled out in words",
    }
}

words! {
    /// Which lawsuits end the licence, in whole or in part.
    Litigation {
        PatentOnly = "patent-only": "a patent suit over the work",
        PatentClaim = "patent-claim": "a patent claim over the work",
        PatentSuitAgainstLicensor = "patent-suit-against-licensor": "a patent suit against the licensor",
        CopyrightOrPatentSuit = "copyright-or-patent-suit": "a copyright or patent suit over the work",
        AnyIpSuit = "any-ip-suit": "any suit that the work infringes rights",
        AnySuitOverTheMaterials = "any-suit-over-the-materials": "any suit over the work",
    }
}

words! {
    /// How the licence ends.
    Termination {
        Automatic = "automatic": "by itself",
        AutomaticOnBreach = "automatic-on-breach": "by itself on a breach",
        OnBreach = "on-breach": "on a breach",
        OnBreachCease = "on-breach-cease": "on a breach; use has to cease",
        OnBreachDelete = "on-breach-delete": "on a breach; copies have to be deleted",
        AnyTimeDelete = "any-time-delete": "at any time; copies have to be deleted",
        CureThirtyDays = "cure-30-days": "on a breach that is not put right within 30 days",
    }
}
