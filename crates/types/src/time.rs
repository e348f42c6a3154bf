//! Moments as git records them.

use std::fmt;

/// A moment with the offset of the clock that recorded it, as in a git commit.
///
/// Ordered by the moment; the offset only breaks ties. `Display` writes RFC 3339 with the recorded offset,
/// `2026-03-17T09:30:00+09:00`, and `Z` for offset zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
}

impl Time {
    /// A moment in UTC.
    pub fn utc(seconds: i64) -> Self {
        Self { seconds, offset_minutes: 0 }
    }

    /// The civil date in UTC, `2026-03-17`; an out-of-range moment gives the nearest date that can be written.
    pub fn date(self) -> String {
        jiff::tz::Offset::UTC.to_datetime(self.timestamp()).date().to_string()
    }

    /// Whole days from `earlier` to this moment, rounded down; 0 if `earlier` is later (clocks of committers differ).
    pub fn days_since(self, earlier: Self) -> u64 {
        u64::try_from(self.seconds.saturating_sub(earlier.seconds)).unwrap_or(0) / 86_400
    }

    fn timestamp(self) -> jiff::Timestamp {
        // Git accepts any 64-bit number; what lies outside years -9999 to 9999 is clamped.
        let clamped =
            self.seconds.clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second() - 1);
        jiff::Timestamp::from_second(clamped).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.offset_minutes == 0 {
            return write!(f, "{}", self.timestamp());
        }
        match jiff::tz::Offset::from_seconds(i32::from(self.offset_minutes) * 60) {
            Ok(offset) => write!(f, "{}", self.timestamp().display_with_offset(offset)),
            // An offset beyond what RFC 3339 allows is a corrupt commit: the moment still stands.
            Err(_) => write!(f, "{}", self.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_rfc_3339_with_the_recorded_offset() {
        assert_eq!(Time::utc(0).to_string(), "1970-01-01T00:00:00Z");
        let tokyo = Time { seconds: 1_773_707_400, offset_minutes: 540 };
        assert_eq!(tokyo.to_string(), "2026-03-17T09:30:00+09:00");
        assert_eq!(tokyo.date(), "2026-03-17");
    }

    #[test]
    fn absurd_times_do_not_panic() {
        for seconds in [i64::MIN, i64::MAX] {
            let _ = Time { seconds, offset_minutes: i16::MAX }.to_string();
            let _ = Time::utc(seconds).date();
        }
        assert_eq!(Time::utc(i64::MIN).days_since(Time::utc(i64::MAX)), 0);
    }
}
