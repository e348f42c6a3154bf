//! Words about duties.

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
