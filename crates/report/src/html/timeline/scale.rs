//! The axis of time: where a moment stands, and which days are marked.

use forebear_types::Time;

const DAY: i64 = 86_400;

/// Marks that fit on the narrowest screen.
const MARKS: usize = 6;

/// Steps between marks, in days, in months and in years.
const DAYS: [i64; 5] = [1, 2, 5, 10, 15];
const MONTHS: [i64; 4] = [1, 2, 3, 6];
const YEARS: [i64; 10] = [1, 2, 5, 10, 20, 50, 100, 500, 2_000, 10_000];

/// What is left free on both sides, in percent: a sign is not cut.
const MARGIN: f64 = 3.0;

/// What two days on which something happened are apart at least, in percent, as long as there is room for it.
const APART: f64 = 7.0;

/// The share of the width that goes to such distances at most.
const STRETCHED: f64 = 0.6;

/// Names of marks need this much room, in percent, on the narrowest screen.
const NAME: f64 = 17.0;

/// An interval of time drawn over a width of 100 percent.
///
/// A model's history is a burst of commits and then months of nothing. To scale, the burst would be one sign; so days on which
/// something happened are kept apart, and the rest is to scale. The marks of the axis show where it is stretched.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// Moments and where they stand, both ascending. There are two at least.
    knots: Vec<(i64, f64)>,
}

impl Scale {
    /// The scale for the moments that are drawn, over a day at least; `None` without a moment.
    pub(super) fn new(moments: impl Iterator<Item = Time>) -> Option<Self> {
        let mut days: Vec<i64> = moments.map(clamp).collect();
        days.sort_unstable();
        days.dedup_by(|later, earlier| *later - *earlier < DAY);
        let first = *days.first()?;
        if days.len() == 1 {
            days.push(first + DAY);
        }
        let gaps = days.len() as f64 - 1.0;
        let width = 100.0 - 2.0 * MARGIN;
        let apart = APART.min(width * STRETCHED / gaps);
        let whole = (days[days.len() - 1] - first) as f64;
        let to_scale = width - gaps * apart;
        let knots = days.iter().enumerate().map(|(index, day)| {
            (*day, MARGIN + index as f64 * apart + (day - first) as f64 / whole * to_scale)
        });
        Some(Self { knots: knots.collect() })
    }

    fn ends(&self) -> (i64, i64) {
        (self.knots[0].0, self.knots[self.knots.len() - 1].0)
    }

    /// Where a moment stands, in percent.
    pub(super) fn share(&self, time: Time) -> f64 {
        let (from, to) = self.ends();
        let moment = clamp(time).clamp(from, to);
        let next = self.knots.partition_point(|(knot, _)| *knot <= moment).clamp(1, self.knots.len() - 1);
        let ((before, start), (after, end)) = (self.knots[next - 1], self.knots[next]);
        start + (moment - before) as f64 / (after - before) as f64 * (end - start)
    }

    /// Whether some distances are not to scale.
    pub(super) fn is_stretched(&self) -> bool {
        self.knots.len() > 2
    }

    /// The days that are marked, with their names: the first of a month, of a year, or days of a month.
    pub(super) fn marks(&self) -> Vec<(f64, String)> {
        let (from, to) = self.ends();
        let days = (to - from) / DAY;
        let all = if days <= 60 {
            self.by_days(days)
        } else if days <= 365 * 3 {
            self.by_months(days)
        } else {
            self.by_years(days)
        };
        let mut marks: Vec<(f64, String)> = Vec::new();
        for (day, name) in all {
            let at = self.share(Time::utc(day * DAY));
            if marks.last().is_none_or(|(last, _)| at - last >= NAME) {
                marks.push((at, name));
            }
        }
        marks
    }

    fn by_days(&self, days: i64) -> Vec<(i64, String)> {
        let step = step(&DAYS, days, 1);
        let (from, to) = self.ends();
        (from.div_euclid(DAY) + 1..=to.div_euclid(DAY))
            .step_by(usize::try_from(step).unwrap_or(1))
            .map(|day| {
                let (_, month, day_of_month) = civil(day);
                (day, format!("{day_of_month} {}", month_name(month)))
            })
            .collect()
    }

    fn by_months(&self, days: i64) -> Vec<(i64, String)> {
        let step = step(&MONTHS, days, 30);
        self.firsts((0..12).step_by(usize::try_from(step).unwrap_or(1)).map(|month| month + 1).collect(), 1)
    }

    fn by_years(&self, days: i64) -> Vec<(i64, String)> {
        self.firsts(vec![1], step(&YEARS, days, 365))
    }

    /// First days of months of every `years`th year.
    fn firsts(&self, months: Vec<i64>, years: i64) -> Vec<(i64, String)> {
        let (from, to) = self.ends();
        let (first, ..) = civil(from.div_euclid(DAY));
        let (last, ..) = civil(to.div_euclid(DAY));
        let mut marks = Vec::new();
        let mut year = first.div_euclid(years) * years;
        while year <= last {
            for month in &months {
                let day = days_from_civil(year, *month);
                if (from..=to).contains(&(day * DAY)) {
                    let name = match months.len() {
                        1 => year.to_string(),
                        _ => format!("{} {year}", month_name(*month)),
                    };
                    marks.push((day, name));
                }
            }
            year += years;
        }
        marks
    }
}

/// The smallest step of which few enough fit.
fn step(steps: &[i64], days: i64, unit: i64) -> i64 {
    let fits = |step: &&i64| days / (*step * unit) < MARKS as i64;
    steps.iter().find(fits).or(steps.last()).copied().unwrap_or(1)
}

/// Git takes any number for a moment; years beyond those that can be written are drawn at the edge.
fn clamp(time: Time) -> i64 {
    const YEARS: i64 = 8_000 * 365 * DAY;
    time.seconds.clamp(-YEARS, YEARS)
}

fn month_name(month: i64) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(month - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("")
}

/// Year, month and day of a number of days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The first day of a month, in days since 1970-01-01. Source: as above, `days_from_civil`.
fn days_from_civil(year: i64, month: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted_month + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_those_of_the_calendar() {
        for days in (-700_000..1_000_000).step_by(997) {
            let (year, month, day) = civil(days);
            assert_eq!(Time::utc(days * DAY).date(), format!("{year:04}-{month:02}-{day:02}"), "{days}");
            assert_eq!(days_from_civil(year, month) + day - 1, days);
        }
    }

    fn over(days: &[i64]) -> Scale {
        Scale::new(days.iter().map(|day| Time::utc(1_767_225_600 + day * DAY))).unwrap()
    }

    #[test]
    fn there_are_a_few_marks_however_long_the_time_is() {
        for days in [0, 1, 3, 9, 20, 45, 80, 200, 400, 1_000, 2_000, 9_000, 300_000] {
            let marks = over(&[0, days]).marks();
            assert!((1..=6).contains(&marks.len()), "{days}: {marks:?}");
            assert!(marks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= NAME), "{days}: {marks:?}");
        }
        let names: Vec<String> = over(&[0, 90]).marks().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]);
    }

    #[test]
    fn what_happened_on_different_days_is_kept_apart_in_its_order() {
        let days: Vec<i64> = (0..7).chain([700]).collect();
        let scale = over(&days);
        let shares: Vec<f64> =
            days.iter().map(|day| scale.share(Time::utc(1_767_225_600 + day * DAY))).collect();
        assert!(shares.windows(2).all(|pair| pair[1] - pair[0] >= APART), "{shares:?}");
        assert_eq!((shares[0], shares[7]), (MARGIN, 100.0 - MARGIN));
        assert!(scale.is_stretched() && !over(&[0, 9]).is_stretched());
        // Hundreds of days have no room for that; they stay in order.
        let many = over(&(0..400).collect::<Vec<i64>>());
        assert!(
            many.share(Time::utc(1_767_225_600 + 200 * DAY))
                < many.share(Time::utc(1_767_225_600 + 201 * DAY))
        );
    }

    #[test]
    fn moments_of_no_calendar_stand_at_the_edges() {
        let scale = Scale::new([Time::utc(i64::MIN), Time::utc(i64::MAX)].into_iter()).unwrap();
        assert_eq!(scale.share(Time::utc(i64::MIN)), MARGIN);
        assert_eq!(scale.share(Time::utc(i64::MAX)), 100.0 - MARGIN);
        assert!(!scale.marks().is_empty());
        assert!(Scale::new(std::iter::empty()).is_none());
    }
}
