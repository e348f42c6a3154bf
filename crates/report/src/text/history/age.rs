//! How long ago something was, for people.

use forebear_types::Time;

/// "8 months ago", by the days of UTC; `None` for what is yet to come.
pub(super) fn words(time: Time, today: Time) -> Option<String> {
    const DAY: i64 = 86_400;
    let days = today.seconds.div_euclid(DAY).checked_sub(time.seconds.div_euclid(DAY))?;
    let some = |number: i64, unit: &str| match number {
        1 => Some(format!("1 {unit} ago")),
        number => Some(format!("{number} {unit}s ago")),
    };
    match days {
        ..0 => None,
        0 => Some("today".to_owned()),
        1 => Some("yesterday".to_owned()),
        2..14 => some(days, "day"),
        14..60 => some(days / 7, "week"),
        60..730 => some(days * 12 / 365, "month"),
        _ => some(days / 365, "year"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_round() {
        let day = 86_400;
        let now = 20_000 * day + 5;
        for (days, expected) in [
            (0, Some("today")),
            (1, Some("yesterday")),
            (13, Some("13 days ago")),
            (14, Some("2 weeks ago")),
            (59, Some("8 weeks ago")),
            (60, Some("1 month ago")),
            (62, Some("2 months ago")),
            (365, Some("12 months ago")),
            (729, Some("23 months ago")),
            (730, Some("2 years ago")),
            (-1, None),
        ] {
            // The hour does not matter.
            for hour in [0, day - 1] {
                let then = Time::utc((20_000 - days) * day + hour);
                assert_eq!(words(then, Time::utc(now)).as_deref(), expected, "{days}");
            }
        }
        assert_eq!(words(Time::utc(i64::MAX), Time::utc(now)), None);
        assert!(words(Time::utc(i64::MIN), Time::utc(now)).is_some());
        assert!(words(Time::utc(i64::MIN), Time::utc(i64::MAX)).is_some());
    }
}
