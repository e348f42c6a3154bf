//! Duties that nothing in a repository can show: open, with the reason, and with what to ask.

use forebear_licenses::terms::{Ask, Term, Threshold, Unit};

/// Why a duty is open that the repository alone cannot show, and what to ask.
pub(crate) fn not_judged(term: &Term) -> String {
    match &term.ask {
        Ask::Threshold(ask) => format!(
            "{} {} {}; ask the publisher whether it applies",
            ask.effect.meaning(),
            if ask.inclusive { "from" } else { "above" },
            amount(ask)
        ),
        Ask::Territory(ask) => format!(
            "there is no licence in {} ({}); ask where it is used",
            ask.excludes.join(", "),
            ask.scope
        ),
        Ask::NonCommercial(ask) => format!("{}; ask what it is used for", ask.kind.meaning()),
        Ask::Outputs(ask) => format!("{}; ask what its outputs are used for", ask.train_models.meaning()),
        Ask::DiscloseSource => {
            "is the source offered to whoever gets the model? What the source of weights is, the licence does not say"
                .to_owned()
        }
        Ask::Display(ask) if !ask.must => "the licence asks for it and does not require it".to_owned(),
        _ => match term.trigger.question() {
            Some(question) => format!("it applies {}: {question}", term.trigger.meaning()),
            None => format!(
                "{}; it applies {}, and nothing here says whether that is so",
                term.duty().sentence(),
                term.trigger.meaning()
            ),
        },
    }
}

/// “700,000,000 monthly active users”, “20,000,000 US dollars of revenue in a month”.
fn amount(ask: &Threshold) -> String {
    let digits = ask.over.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match ask.unit {
        Unit::Users | Unit::Visits | Unit::Devices => format!("{grouped} {}", ask.metric.meaning()),
        Unit::UsDollars | Unit::Renminbi => {
            format!("{grouped} {} of {}", ask.unit.meaning(), ask.metric.meaning())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_licenses::terms::terms;
    use forebear_types::LicenseId;
    use forebear_types::obligation::Duty;

    fn reason(license: &str, duty: Duty) -> String {
        not_judged(terms(&LicenseId::from(license)).unwrap().duty(duty).unwrap())
    }

    #[test]
    fn what_no_repository_shows_is_a_question() {
        assert_eq!(
            reason("LicenseRef-llama-3.1-community", Duty::ScaleThreshold),
            "a separate licence has to be asked for above 700,000,000 monthly active users; ask the publisher whether it applies"
        );
        assert_eq!(
            reason("LicenseRef-stability-community", Duty::ScaleThreshold),
            "the licence does not apply above 1,000,000 US dollars of revenue in a year; ask the publisher whether it applies"
        );
        assert!(reason("LicenseRef-hunyuan-large-community", Duty::TerritorialExclusion).contains("EU"));
        assert!(reason("LicenseRef-llama-3.1-community", Duty::NamePrefix).ends_with('?'));
        assert!(reason("LicenseRef-falcon-3-tii", Duty::DisplayPhrase).contains("public statement"));
        assert!(
            reason("LicenseRef-hunyuan-large-community", Duty::DisplayPhrase).contains("does not require")
        );
    }

    /// A duty that passing a modified model on brings about is open where nothing tells of a change.
    #[test]
    fn what_was_done_may_not_be_known() {
        assert_eq!(
            reason("Apache-2.0", Duty::StateChanges),
            "say in modified files that they were changed; it applies when it is passed on modified, and nothing here says \
             whether that is so"
        );
        assert!(reason("AGPL-3.0-only", Duty::DiscloseSource).starts_with("is the source offered"));
    }
}
