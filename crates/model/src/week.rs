//! Weekly times as a set of quarter hours, so that common time is an intersection.
//!
//! Windows are written in a zone (`Mon 09:00-12:30`, `Mon-Fri 13:00-17:00`) and kept as quarter hours of the UTC week, by the
//! zone's offset on the day of the run: two people in different zones, or in one whose clocks have just changed, meet when
//! they really can.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Quarter hours in a week.
pub const SLOTS: u32 = 7 * 24 * 4;
/// Minutes in a slot.
pub const SLOT_MINUTES: u32 = 15;
const WORDS: usize = 11; // 672 bits in 11 words of 64
/// The bits of the last word that are slots: it is only half used.
const LAST_WORD: u64 = (1 << (SLOTS % 64)) - 1;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A set of quarter hours of the UTC week; slot 0 starts Monday 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeekTimes([u64; WORDS]);

impl WeekTimes {
    /// No time at all.
    pub const NEVER: Self = Self([0; WORDS]);

    /// Whether there is no time in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&w| w == 0)
    }

    /// How many minutes it holds.
    pub fn minutes(&self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum::<u32>() * SLOT_MINUTES
    }

    /// What is in both.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let mut out = *self;
        for (a, b) in out.0.iter_mut().zip(other.0) {
            *a &= b;
        }
        out
    }

    /// What is in either.
    #[must_use]
    pub fn either(&self, other: &Self) -> Self {
        let mut out = *self;
        for (a, b) in out.0.iter_mut().zip(other.0) {
            *a |= b;
        }
        out
    }

    /// Whether slot `slot` (modulo the week) is in it.
    pub fn has(&self, slot: u32) -> bool {
        let slot = slot % SLOTS;
        self.0[slot as usize / 64] >> (slot % 64) & 1 == 1
    }

    fn insert(&mut self, slot: u32) {
        let slot = slot % SLOTS;
        self.0[slot as usize / 64] |= 1 << (slot % 64);
    }

    /// Whether it holds at least `minutes` in one piece (the week wraps around).
    pub fn has_run(&self, minutes: u32) -> bool {
        !self.begins(minutes).is_empty()
    }

    /// The slots at which `minutes` in one piece begin (the week wraps around): every slot for no minutes, none for more than a week.
    ///
    /// What begins in both of two sets begins in what they have in common: where many are compared with many, this is done once for each.
    ///
    /// Every pair of people asks for it, so it works on whole words: after keeping the slots whose `n` successors are in the set too, those
    /// that begin a run of `n + 1` are left; doubling `n` takes a logarithm of steps.
    #[must_use]
    pub fn begins(&self, minutes: u32) -> Self {
        let need = minutes.div_ceil(SLOT_MINUTES);
        if need == 0 {
            let mut all = [u64::MAX; WORDS];
            all[WORDS - 1] = LAST_WORD;
            return Self(all);
        }
        if need > SLOTS {
            return Self::NEVER;
        }
        let (mut begins, mut run) = (*self, 1);
        while run < need && !begins.is_empty() {
            let step = run.min(need - run);
            begins = begins.both(&begins.earlier(step));
            run += step;
        }
        begins
    }

    /// Whether there is any time in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// The same times, `slots` (less than a week of them) earlier.
    fn earlier(&self, slots: u32) -> Self {
        // Shifting down loses the first slots of the week, which belong at its end: shifted up by the rest of the week.
        let (down, up) = (slots, SLOTS - slots);
        let at = |word: usize| self.0.get(word).copied().unwrap_or(0);
        let mut out = [0; WORDS];
        for (word, bits) in out.iter_mut().enumerate() {
            let from = word + down as usize / 64;
            *bits = at(from) >> (down % 64);
            if down % 64 > 0 {
                *bits |= at(from + 1) << (64 - down % 64);
            }
            if let Some(from) = word.checked_sub(up as usize / 64) {
                *bits |= at(from) << (up % 64);
                if up % 64 > 0 && from > 0 {
                    *bits |= at(from - 1) >> (64 - up % 64);
                }
            }
        }
        out[WORDS - 1] &= LAST_WORD;
        Self(out)
    }

    /// The first slot, from Monday 00:00 UTC, at which `minutes` in one piece begin.
    pub fn first_run(&self, minutes: u32) -> Option<u32> {
        let need = minutes.div_ceil(SLOT_MINUTES);
        if need == 0 {
            return Some(0);
        }
        if need > SLOTS || self.is_empty() {
            return None;
        }
        let mut run = 0;
        for slot in 0..SLOTS + need - 1 {
            run = if self.has(slot) { run + 1 } else { 0 };
            if run == need {
                return Some((slot + 1 - need) % SLOTS);
            }
        }
        None
    }

    /// The windows of this set as written in a zone with the given offset, in the order of the week.
    pub fn windows(&self, offset_minutes: i32) -> Vec<String> {
        let shift = offset_slots(offset_minutes);
        let local = |slot: u32| self.has((slot + SLOTS - shift) % SLOTS);
        let mut out = Vec::new();
        let mut slot = 0;
        while slot < SLOTS {
            if !local(slot) {
                slot += 1;
                continue;
            }
            let start = slot;
            let day_end = (start / 96 + 1) * 96;
            while slot < day_end && local(slot) {
                slot += 1;
            }
            out.push(format!(
                "{} {}-{}",
                DAY_NAMES[start as usize / 96],
                clock(start % 96),
                clock(slot - start / 96 * 96)
            ));
        }
        out
    }
}

fn clock(quarter: u32) -> String {
    format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15)
}

fn offset_slots(offset_minutes: i32) -> u32 {
    let week = 7 * 24 * 60;
    let minutes = offset_minutes.rem_euclid(week);
    u32::try_from(minutes).expect("not negative") / SLOT_MINUTES
}

/// A zone and its offset on the day of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// IANA name.
    pub name: String,
    /// Minutes east of UTC at noon of that day.
    pub offset_minutes: i32,
}

impl Zone {
    /// The zone `name` on `day`, from the bundled zone data; `None` if there is no such zone.
    pub fn on(name: &str, day: Date) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        let noon = day.at(12, 0, 0, 0).to_zoned(zone).ok()?;
        Some(Self { name: name.to_owned(), offset_minutes: noon.offset().seconds() / 60 })
    }
}

/// Reads one window such as `Mon 09:00-12:30` or `Mon-Fri 13:00-17:00` in a zone and adds it to `times`.
///
/// # Errors
/// Why it cannot be read, in words.
pub fn add_window(
    times: &mut WeekTimes,
    window: &str,
    offset_minutes: i32,
) -> Result<(), &'static str> {
    let (days, hours) =
        window.trim().split_once(char::is_whitespace).ok_or("a window needs a day and a time")?;
    let (first, last) = match days.split_once('-') {
        Some((a, b)) => (day(a)?, day(b)?),
        None => (day(days)?, day(days)?),
    };
    if last < first {
        return Err("the last day comes before the first (a week starts on Monday)");
    }
    let (from, to) =
        hours.trim().split_once(['-', '–']).ok_or("a time needs a start and an end")?;
    let (from, to) = (quarter(from)?, quarter(to)?);
    if to <= from {
        return Err(
            "the end is not after the start (a window ends by 24:00; write two windows across midnight)",
        );
    }
    let shift = offset_slots(offset_minutes);
    for day in first..=last {
        for slot in from..to {
            times.insert(day * 96 + slot + SLOTS - shift);
        }
    }
    Ok(())
}

fn day(word: &str) -> Result<u32, &'static str> {
    let word = word.trim().to_lowercase();
    DAYS.iter()
        .position(|d| word.len() >= 3 && word.starts_with(d))
        .and_then(|p| u32::try_from(p).ok())
        .ok_or("not a day of the week (Mon, Tue, Wed, Thu, Fri, Sat, Sun)")
}

fn quarter(clock: &str) -> Result<u32, &'static str> {
    let (h, m) = clock.trim().split_once([':', '.']).ok_or("a time is written as 09:30")?;
    let h: u32 = h.parse().map_err(|_| "a time is written as 09:30")?;
    let m: u32 = m.parse().map_err(|_| "a time is written as 09:30")?;
    if h > 24 || m > 59 || (h == 24 && m > 0) {
        return Err("not a time of the day (00:00 to 24:00)");
    }
    if !m.is_multiple_of(SLOT_MINUTES) {
        return Err("times are in quarter hours (:00, :15, :30, :45)");
    }
    Ok(h * 4 + m / SLOT_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn times(windows: &[&str], offset: i32) -> WeekTimes {
        let mut out = WeekTimes::NEVER;
        for w in windows {
            add_window(&mut out, w, offset).unwrap();
        }
        out
    }

    #[test]
    fn windows_read_back_in_their_zone() {
        for offset in [0, 780, -300, 345] {
            let t = times(&["Mon 09:00-12:30", "Sat 22:00-24:00", "Sun 00:00-01:00"], offset);
            assert_eq!(
                t.windows(offset),
                ["Mon 09:00-12:30", "Sat 22:00-24:00", "Sun 00:00-01:00"]
            );
        }
        assert_eq!(times(&["Mon-Wed 09:00-10:00"], 0).minutes(), 180);
    }

    #[test]
    fn a_run_may_cross_midnight_and_the_end_of_the_week() {
        let t = times(&["Sun 23:30-24:00", "Mon 00:00-00:30"], 0);
        assert!(t.has_run(60));
        assert!(!t.has_run(75));
    }

    #[test]
    fn runs_are_found_as_by_walking_the_week() {
        let mut state = 1_u64;
        let mut next = |n: u32| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(state >> 33).unwrap() % n
        };
        for round in 0..3_000 {
            let mut t = WeekTimes::NEVER;
            for _ in 0..next(6) {
                let (start, len) = (next(SLOTS), 1 + next(if round % 3 == 0 { SLOTS } else { 20 }));
                (start..start + len).for_each(|slot| t.insert(slot));
            }
            let minutes = if round % 2 == 0 { next(600) } else { next(SLOTS * SLOT_MINUTES + 30) };
            assert_eq!(
                t.has_run(minutes),
                t.first_run(minutes).is_some(),
                "{minutes} in {:?}",
                t.windows(0)
            );
            let by = 1 + next(SLOTS - 1);
            assert!((0..SLOTS).all(|slot| t.earlier(by).has(slot) == t.has(slot + by)));
        }
    }

    #[test]
    fn clock_changes_move_the_week() {
        let before = Zone::on("Pacific/Auckland", date(2026, 9, 26)).unwrap();
        let after = Zone::on("Pacific/Auckland", date(2026, 9, 27)).unwrap();
        assert_eq!((before.offset_minutes, after.offset_minutes), (720, 780));
        let auckland = times(&["Mon 09:00-10:00"], after.offset_minutes);
        let brisbane = times(
            &["Mon 06:00-07:00"],
            Zone::on("Australia/Brisbane", date(2026, 9, 27)).unwrap().offset_minutes,
        );
        assert_eq!(auckland, brisbane);
    }

    #[test]
    fn bad_windows_say_why() {
        let mut t = WeekTimes::NEVER;
        for bad in [
            "",
            "Mon",
            "Xyz 09:00-10:00",
            "Mon 10:00-09:00",
            "Mon 09:07-10:00",
            "Mon 25:00-26:00",
            "Fri-Mon 09:00-10:00",
            "Mon 9-10",
        ] {
            assert!(add_window(&mut t, bad, 0).is_err(), "{bad}");
        }
        assert!(t.is_empty());
    }
}
