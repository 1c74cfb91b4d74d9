//! What holds for a kept roster as a whole.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use peermatch_model::Faults;
use peermatch_model::fault::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What holds for a kept roster as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The zone of every time that names no other, and whose day it is (IANA name).
    pub zone: String,
    /// A fixed day, for a roster that stands still (an example, a study); without it, each day is today's in the zone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Date>,
    /// The seed of what is drawn by lot.
    #[serde(default)]
    pub seed: u64,
    /// How many days a menu is open.
    #[serde(default = "two_weeks")]
    #[schemars(range(min = 1, max = DAYS_MAX))]
    pub menu_days: u32,
    /// How many days an offer waits for answers.
    #[serde(default = "two_weeks")]
    #[schemars(range(min = 1, max = DAYS_MAX))]
    pub offer_days: u32,
    /// Whether the service agreed with its workers to look at what people say of each of them, summed up, where at least ten did (default no).
    #[serde(default)]
    pub worker_averages: bool,
}

fn two_weeks() -> u32 {
    14
}

/// The most days that a menu or an offer may stay open.
pub const DAYS_MAX: u32 = 366;

impl Settings {
    /// The defaults, in a zone.
    pub fn in_zone(zone: &str) -> Self {
        Self {
            zone: zone.to_owned(),
            as_of: None,
            seed: 0,
            menu_days: two_weeks(),
            offer_days: two_weeks(),
            worker_averages: false,
        }
    }

    /// Which day it is for this roster at a time.
    pub fn day(&self, now: Timestamp) -> Date {
        self.as_of.unwrap_or_else(|| {
            let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
            now.to_zoned(zone).date()
        })
    }

    /// The seed of what is drawn by lot.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Every fault.
    ///
    /// # Errors
    /// A zone that is not known, days out of bounds.
    pub fn check(&self) -> Result<(), Faults> {
        let (mut faults, at) = (Faults::new(), At::root());
        if TimeZone::get(&self.zone).is_err() {
            faults.report(
                &at.key("zone"),
                &self.zone,
                "no such time zone",
                "write an IANA name such as Pacific/Auckland",
            );
        }
        if let Some(day) = self.as_of.filter(|day| !(1900..=2200).contains(&day.year())) {
            faults.report(
                &at.key("as_of"),
                day,
                "a year that cannot be meant",
                "write a year from 1900 to 2200",
            );
        }
        for (key, days) in [("menu_days", self.menu_days), ("offer_days", self.offer_days)] {
            if !(1..=DAYS_MAX).contains(&days) {
                faults.report(
                    &at.key(key),
                    days,
                    "out of bounds",
                    format!("write 1 to {DAYS_MAX}"),
                );
            }
        }
        faults.into_result(())
    }
}
