//! Records as they were put in, as far as a reader may see them, and changes by somebody who does not see all.
//!
//! The rules are those of [`crate::view`], on records that were not checked: what is not plainly allowed is taken out. Whoever changes a record changes what they see of it;
//! what they do not see stays as it is, and neither the answer nor a fault tells whether there was anything.

use peermatch_model::raw::{
    AskedExperienceInput, Field, IdentityInput, PeerWorkerInput, Rows, ServiceUserInput,
    ToldExperienceInput, ToldIdentityInput, WishInput, WorkerWishInput,
};
use peermatch_model::words::WishAbout;

/// How much of a record somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// All of it: whom it is about, and the case system that it came from.
    Whole,
    /// What a coordinator may see.
    Coordinator,
}

fn yes(field: &Field<bool>) -> bool {
    field.given() == Some(&true)
}

fn asked_shown(item: &AskedExperienceInput) -> bool {
    yes(&item.consent_match) && yes(&item.consent_coordinator)
}

fn told_shown(item: &ToldExperienceInput) -> bool {
    yes(&item.consent_match) && (yes(&item.consent_coordinator) || yes(&item.consent_show))
}

fn identity_shown(item: &ToldIdentityInput) -> bool {
    yes(&item.consent_match) && yes(&item.consent_show)
}

/// Whether the person's own wish reads their identity.
fn reads_identity(person: &ServiceUserInput) -> bool {
    let wishes = person.wishes.given().map_or(&[][..], Vec::as_slice);
    wishes.iter().filter_map(Field::given).any(|wish: &WishInput| {
        matches!(wish.dimension.given(), Some(WishAbout::SharedCulture | WishAbout::Iwi))
    })
}

/// A person's record as a reader may see it.
///
/// A coordinator sees no experience without consent for that, and identity only where the person's own wish asks about it.
pub fn person(record: &ServiceUserInput, reader: Reader) -> ServiceUserInput {
    let mut seen = record.clone();
    if reader == Reader::Coordinator {
        keep(&mut seen.experiences, asked_shown);
        if reads_identity(record) {
            keep(&mut seen.identity, |item| yes(&item.use_for_matching));
        } else {
            seen.identity = Field::Absent;
        }
        // What no reader knows may be anything.
        seen.unknown.clear();
    }
    seen
}

/// A worker's record as a reader may see it.
///
/// A coordinator sees no boundary, no wish and no supervision, and of lived experience, age, gender and identity what the worker lets be shown.
pub fn worker(record: &PeerWorkerInput, reader: Reader) -> PeerWorkerInput {
    let mut seen = record.clone();
    if reader == Reader::Coordinator {
        keep(&mut seen.experiences, told_shown);
        keep(&mut seen.identity, identity_shown);
        seen.not_now = Field::Absent;
        seen.wishes = Field::Absent;
        seen.supervision_due = Field::Absent;
        if !(yes(&record.age_consent_match) && yes(&record.age_consent_show)) {
            seen.age_band = Field::Absent;
            seen.age_consent_match = Field::Absent;
            seen.age_consent_show = Field::Absent;
        }
        if !(yes(&record.gender_consent_match) && yes(&record.gender_consent_show)) {
            seen.gender = Field::Absent;
            seen.gender_consent_match = Field::Absent;
            seen.gender_consent_show = Field::Absent;
        }
        seen.unknown.clear();
    }
    seen
}

/// What a person's record becomes where a reader who sees it as [`person`] writes it as `to`.
pub fn person_written(
    was: &ServiceUserInput,
    to: ServiceUserInput,
    reader: Reader,
) -> ServiceUserInput {
    let mut to = to;
    if reader == Reader::Coordinator {
        rejoin(
            &mut to.experiences,
            &was.experiences,
            |item| !asked_shown(item),
            |a, b| a.concept == b.concept && a.perspective == b.perspective,
        );
        let read = reads_identity(was);
        rejoin(
            &mut to.identity,
            &was.identity,
            |item: &IdentityInput| !(read && yes(&item.use_for_matching)),
            |a, b| a.system == b.system && a.code == b.code,
        );
        restore_unknown(&mut to.unknown, &was.unknown);
    }
    to
}

/// What a worker's record becomes where a reader who sees it as [`worker`] writes it as `to`.
pub fn worker_written(
    was: &PeerWorkerInput,
    to: PeerWorkerInput,
    reader: Reader,
) -> PeerWorkerInput {
    let mut to = to;
    if reader == Reader::Coordinator {
        rejoin(
            &mut to.experiences,
            &was.experiences,
            |item| !told_shown(item),
            |a, b| a.concept == b.concept && a.perspective == b.perspective,
        );
        rejoin(
            &mut to.identity,
            &was.identity,
            |item| !identity_shown(item),
            |a, b| a.system == b.system && a.code == b.code,
        );
        rejoin(&mut to.not_now, &was.not_now, |_| true, |a, b| a == b);
        rejoin(
            &mut to.wishes,
            &was.wishes,
            |_| true,
            |a: &WorkerWishInput, b| a.dimension == b.dimension && a.direction == b.direction,
        );
        if to.supervision_due.is_absent() {
            to.supervision_due.clone_from(&was.supervision_due);
        }
        let hidden = !(yes(&was.age_consent_match) && yes(&was.age_consent_show));
        if hidden && to.age_band.is_absent() {
            to.age_band.clone_from(&was.age_band);
            to.age_consent_match.clone_from(&was.age_consent_match);
            to.age_consent_show.clone_from(&was.age_consent_show);
        }
        let hidden = !(yes(&was.gender_consent_match) && yes(&was.gender_consent_show));
        if hidden && to.gender.is_absent() {
            to.gender.clone_from(&was.gender);
            to.gender_consent_match.clone_from(&was.gender_consent_match);
            to.gender_consent_show.clone_from(&was.gender_consent_show);
        }
        restore_unknown(&mut to.unknown, &was.unknown);
    }
    to
}

/// Leaves the rows that may be seen; a row that cannot be read may not. A list of which nothing is left is as if it had never been.
fn keep<T>(rows: &mut Rows<T>, shown: impl Fn(&T) -> bool) {
    let left = match std::mem::take(rows) {
        Field::Given(mut rows) => {
            rows.retain(|row| row.given().is_some_and(&shown));
            rows
        }
        _ => Vec::new(),
    };
    *rows = if left.is_empty() { Field::Absent } else { Field::Given(left) };
}

/// Adds the rows of `was` that were hidden, but for those that are written anew.
fn rejoin<T: Clone>(
    to: &mut Rows<T>,
    was: &Rows<T>,
    hidden: impl Fn(&T) -> bool,
    same: impl Fn(&T, &T) -> bool,
) {
    let Field::Given(before) = was else { return };
    if !matches!(to, Field::Given(_) | Field::Absent) {
        // What was written is wrong, and will be refused.
        return;
    }
    let written = to.given().cloned().unwrap_or_default();
    let stays: Vec<Field<T>> = before
        .iter()
        .filter(|row| match row.given() {
            Some(row) => {
                hidden(row)
                    && !written.iter().filter_map(Field::given).any(|other| same(other, row))
            }
            None => true,
        })
        .cloned()
        .collect();
    if !stays.is_empty() {
        *to = Field::Given(written.into_iter().chain(stays).collect());
    }
}

fn restore_unknown(to: &mut peermatch_model::raw::Unknown, was: &peermatch_model::raw::Unknown) {
    for (name, value) in was {
        to.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use peermatch_testkit::rosters::{self, Spec};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Who writes back what they see changes nothing, whatever was hidden.
        #[test]
        fn writing_back_what_is_seen_changes_nothing(seed in 0_u64..10_000) {
            let input = rosters::input(&Spec::SERVICE.sized(12, 8), seed);
            let sorted = |mut value: serde_json::Value| {
                for list in ["experiences", "identity", "wishes", "not_now"] {
                    if let Some(rows) = value.get_mut(list).and_then(|rows| rows.as_array_mut()) {
                        rows.sort_by_key(ToString::to_string);
                    }
                    if value.get(list).is_some_and(|rows| rows.as_array().is_some_and(Vec::is_empty)) {
                        value.as_object_mut().unwrap().remove(list);
                    }
                }
                value
            };
            for was in input.people.given().unwrap().iter().filter_map(Field::given) {
                for reader in [Reader::Whole, Reader::Coordinator] {
                    let back = person_written(was, person(was, reader), reader);
                    prop_assert_eq!(
                        sorted(serde_json::to_value(&back).unwrap()),
                        sorted(serde_json::to_value(was).unwrap())
                    );
                }
            }
            for was in input.workers.given().unwrap().iter().filter_map(Field::given) {
                for reader in [Reader::Whole, Reader::Coordinator] {
                    let back = worker_written(was, worker(was, reader), reader);
                    prop_assert_eq!(
                        sorted(serde_json::to_value(&back).unwrap()),
                        sorted(serde_json::to_value(was).unwrap())
                    );
                }
            }
        }

        /// Two records that differ only in what a coordinator may not see look the same to one.
        #[test]
        fn what_may_not_be_seen_does_not_show(seed in 0_u64..10_000) {
            let input = rosters::input(&Spec::SERVICE.sized(12, 8), seed);
            for was in input.workers.given().unwrap().iter().filter_map(Field::given) {
                let mut other = was.clone();
                let hidden = ToldExperienceInput { concept: "hidden".to_owned().into(), consent_match: true.into(), ..ToldExperienceInput::default() };
                let rows = other.experiences.given().cloned().unwrap_or_default();
                other.experiences = Field::Given(rows.into_iter().chain([Field::Given(hidden)]).collect());
                other.not_now = Field::Given(vec!["hidden".to_owned().into()]);
                other.wishes = Field::Absent;
                other.supervision_due = "2020-01-01".to_owned().into();
                let (seen, other) = (worker(was, Reader::Coordinator), worker(&other, Reader::Coordinator));
                prop_assert_eq!(serde_json::to_string(&seen).unwrap(), serde_json::to_string(&other).unwrap());
                prop_assert!(!serde_json::to_string(&other).unwrap().contains("hidden"));
            }
            for was in input.people.given().unwrap().iter().filter_map(Field::given) {
                let mut other = was.clone();
                let hidden = AskedExperienceInput { concept: "hidden".to_owned().into(), consent_match: true.into(), consent_show: true.into(), ..AskedExperienceInput::default() };
                let rows = other.experiences.given().cloned().unwrap_or_default();
                other.experiences = Field::Given(rows.into_iter().chain([Field::Given(hidden)]).collect());
                if !reads_identity(was) {
                    other.identity = Field::Absent;
                }
                let (seen, other) = (person(was, Reader::Coordinator), person(&other, Reader::Coordinator));
                prop_assert_eq!(serde_json::to_string(&seen).unwrap(), serde_json::to_string(&other).unwrap());
            }
        }
    }

    #[test]
    fn a_coordinator_who_sees_nothing_of_an_item_does_not_take_it_out_by_writing_others() {
        let was: ServiceUserInput = serde_json::from_str(
            r#"{"id": "p", "experiences": [{"concept": "a", "consent_match": true, "consent_coordinator": true}, {"concept": "b", "consent_match": true}]}"#,
        )
        .unwrap();
        let to: ServiceUserInput =
            serde_json::from_str(r#"{"id": "p", "experiences": [{"concept": "c"}]}"#).unwrap();
        let after = person_written(&was, to, Reader::Coordinator);
        let concepts: Vec<String> = after
            .experiences
            .given()
            .unwrap()
            .iter()
            .map(|row| row.given().unwrap().concept.given().unwrap().clone())
            .collect();
        assert_eq!(concepts, ["c", "b"]);
    }
}
