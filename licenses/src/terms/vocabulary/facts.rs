//! Words about what a licence gives and withholds.

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
