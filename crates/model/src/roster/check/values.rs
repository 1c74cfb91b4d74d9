//! Single values out of raw fields: days, counts, texts, places on earth, zones, windows, ids and what ids name. Knows
//! shapes and ranges; not whose value it is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::Checker;
use crate::fault::{At, Faults, nearest};
use crate::raw::Field;
use crate::roster::Position;
use crate::take::{each, list, optional, required};
use crate::week::{WeekTimes, Zone, add_window};
use crate::words::{WordSet, Words};

/// The longest id, in characters.
const ID_CHARS_MAX: usize = 100;
/// The longest free text (crisis text and the like), in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// The largest count of people a worker may hold.
pub(super) const PEOPLE_MAX: u32 = 10_000;
/// The longest journey, minutes.
pub(super) const TRAVEL_MAX: u32 = 600;

/// The right elements of a list with their places; the wrong ones are reported.
pub(super) fn gather<T: Clone>(
    f: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
) -> Vec<(usize, T)> {
    let mut out = Vec::new();
    each(f, at, rows, |_, _, i, row| out.push((i, row.clone())));
    out
}

/// Calls `with` for each right record; wrong ones were reported when the ids were gathered.
pub(super) fn each_index<T>(rows: &Field<Vec<Field<T>>>, mut with: impl FnMut(usize, &T)) {
    for (i, row) in rows.given().into_iter().flatten().enumerate() {
        if let Field::Given(row) = row {
            with(i, row);
        }
    }
}

/// As [`each_index`], for records whose reading needs no more than the faults.
pub(super) fn each_right<T>(
    f: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
    mut with: impl FnMut(&mut Faults, &At<'_>, usize, &T),
) {
    each_index(rows, |i, row| with(f, &at.index(i), i, row));
}

pub(super) fn date(f: &mut Faults, at: &At<'_>, text: &str) -> Option<Date> {
    let parsed = text.trim().parse::<Date>().ok();
    match parsed {
        Some(day) if (1900..=2200).contains(&day.year()) => Some(day),
        Some(_) => {
            f.report(at, text, "a year that cannot be meant", "write a year from 1900 to 2200");
            None
        }
        None => {
            f.report(
                at,
                text,
                "not a day of the calendar",
                "write it as year-month-day: 2026-11-22",
            );
            None
        }
    }
}

pub(super) fn optional_date(f: &mut Faults, at: &At<'_>, field: &Field<String>) -> Option<Date> {
    let text = optional(f, at, field)?;
    date(f, at, &text)
}

pub(super) fn zone(f: &mut Faults, at: &At<'_>, name: &str, day: Date) -> Zone {
    Zone::on(name.trim(), day).unwrap_or_else(|| {
        f.report(at, name, "not a known time zone", "write an IANA name such as Pacific/Auckland");
        Zone { name: name.to_owned(), offset_minutes: 0 }
    })
}

pub(super) fn count(f: &mut Faults, at: &At<'_>, field: &Field<u32>, max: u32) -> Option<u32> {
    let value = optional(f, at, field)?;
    if value > max {
        f.report(
            at,
            value,
            "more than can be meant",
            format!("write a whole number from 0 to {max}"),
        );
        return None;
    }
    Some(value)
}

/// A load in units of one weekly contact, as hundredths.
pub(super) fn load(f: &mut Faults, at: &At<'_>, field: &Field<f64>) -> Option<u32> {
    const LOAD_MAX: f64 = 1_000.0;
    let value = optional(f, at, field)?;
    let hundredths = value * 100.0;
    // What has two decimals is within a rounding error of a whole number of hundredths.
    if !(0.0..=LOAD_MAX).contains(&value) || (hundredths - hundredths.round()).abs() > 1e-6 {
        let fix = "write units of one weekly contact, with at most two decimals, such as 8.5";
        f.report(at, value, "not a load", fix);
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 to 100,000"
    )]
    let hundredths = hundredths.round() as u32;
    Some(hundredths)
}

/// The id of a team or a supervisor.
pub(super) fn unit(f: &mut Faults, at: &At<'_>, field: &Field<String>) -> Option<String> {
    let id = optional(f, at, field)?.trim().nfc().collect::<String>();
    if id.is_empty() || id.chars().count() > ID_CHARS_MAX {
        f.report(at, &id, "not an id", format!("write 1 to {ID_CHARS_MAX} characters"));
        return None;
    }
    Some(id)
}

pub(super) fn text(f: &mut Faults, at: &At<'_>, field: &Field<String>) -> String {
    let text = optional(f, at, field).unwrap_or_default();
    if text.chars().count() > TEXT_CHARS_MAX {
        f.report(at, &text, "too long", format!("write at most {TEXT_CHARS_MAX} characters"));
    }
    text.trim().nfc().collect()
}

pub(super) fn words<W: Words>(f: &mut Faults, at: &At<'_>, rows: &Field<Vec<Field<W>>>) -> WordSet {
    WordSet::of(list(f, at, rows))
}

pub(super) fn position(
    f: &mut Faults,
    at: &At<'_>,
    lat: &Field<f64>,
    lon: &Field<f64>,
) -> Option<Position> {
    let one = |f: &mut Faults, key: &str, field: &Field<f64>, max: f64| {
        let at = at.key(key);
        let value = optional(f, &at, field)?;
        if !value.is_finite() || value.abs() > max {
            f.report(
                &at,
                value,
                "not a place on earth",
                format!("write degrees from -{max} to {max}"),
            );
            return None;
        }
        let hundredths = (value * 100.0).round();
        if (value * 100.0 - hundredths).abs() > 1e-6 {
            f.report(
                &at,
                value,
                "finer than about a kilometre: an address must not reach the engine",
                "round to two decimals",
            );
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most 18,000 in size, and whole")]
        Some(hundredths as i32)
    };
    let (had_lat, had_lon) = (!lat.is_absent(), !lon.is_absent());
    let found = (one(f, "lat", lat, 90.0), one(f, "lon", lon, 180.0));
    if had_lat != had_lon {
        let (missing, there) = if had_lat { ("lon", "lat") } else { ("lat", "lon") };
        f.report(&at.key(missing), "", format!("{there} stands alone"), "write both or neither");
        return None;
    }
    Some(Position { lat_hundredths: found.0?, lon_hundredths: found.1? })
}

/// The record an id names, or a fault with the nearest id.
pub(super) fn known<K: std::borrow::Borrow<str> + Ord, V: Copy>(
    f: &mut Faults,
    at: &At<'_>,
    id: &str,
    map: &BTreeMap<K, V>,
    what: &str,
) -> Option<V> {
    let found = map.get(id.trim()).copied();
    if found.is_none() {
        // Only short lists are searched for what was meant: a long one would make many faults slow.
        let near = (map.len() <= 1_000)
            .then(|| nearest(id, map.keys().map(std::borrow::Borrow::borrow)))
            .flatten();
        let fix = match near {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("use the id of a {what} in this roster, or add it"),
        };
        f.report(at, id, format!("no {what} has this id"), fix);
    }
    found
}

impl Checker<'_> {
    /// The ids of a list, each with its place; missing, ill-formed and double ones are reported.
    pub(super) fn ids<T>(
        &mut self,
        at: &At<'_>,
        rows: &Field<Vec<Field<T>>>,
        id: impl Fn(&T) -> &Field<String>,
        what: &str,
    ) -> BTreeMap<String, usize> {
        let mut out: BTreeMap<String, usize> = BTreeMap::new();
        each(self.f, at, rows, |f, at, i, row| {
            let at = at.key("id");
            let Some(given) = required(f, &at, id(row), &format!("give the {what} an id")) else {
                return;
            };
            let given = given.trim().to_owned();
            if given.is_empty()
                || given.chars().count() > ID_CHARS_MAX
                || given.chars().any(char::is_control)
            {
                f.report(
                    &at,
                    &given,
                    "not an id",
                    format!("write 1 to {ID_CHARS_MAX} characters on one line"),
                );
            } else if let Some(&earlier) = out.get(&given) {
                f.report(
                    &at,
                    &given,
                    format!("{what} {} of the list has the same id", earlier + 1),
                    "give each an id of its own, or remove one",
                );
            } else {
                out.insert(given, i);
            }
        });
        out
    }

    pub(super) fn times(
        &mut self,
        at: &At<'_>,
        key: &str,
        rows: &Field<Vec<Field<String>>>,
        zone: &Zone,
    ) -> WeekTimes {
        let mut times = WeekTimes::NEVER;
        each(self.f, &at.key(key), rows, |f, at, _, window| {
            if let Err(reason) = add_window(&mut times, window, zone.offset_minutes) {
                f.report(
                    at,
                    window,
                    reason,
                    "write it as `Mon 09:00-12:30` or `Mon-Fri 13:00-17:00`",
                );
            }
        });
        times
    }

    pub(super) fn own_zone(&mut self, at: &At<'_>, field: &Field<String>) -> Zone {
        let Some(name) = optional(self.f, &at.key("zone"), field) else { return self.zone.clone() };
        let as_of = self.as_of;
        let known = self
            .zones
            .entry(name.trim().to_owned())
            .or_insert_with(|| Zone::on(name.trim(), as_of));
        match known {
            Some(zone) => zone.clone(),
            None => zone(self.f, &at.key("zone"), &name, as_of),
        }
    }

    pub(super) fn needed_set<W: Words>(
        &mut self,
        at: &At<'_>,
        key: &str,
        rows: &Field<Vec<Field<W>>>,
        fix: &str,
    ) -> WordSet {
        let at = at.key(key);
        let set = words(self.f, &at, rows);
        if set.is_empty()
            && rows.given().is_none_or(Vec::is_empty)
            && !matches!(rows, Field::Wrong(_))
        {
            self.f.report(&at, "", "nothing stands here, but it is needed", fix);
        }
        set
    }
}
