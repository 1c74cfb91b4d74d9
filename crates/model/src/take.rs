//! Taking values out of raw fields while collecting every fault. Shared by the checkers of roster and policy.

use serde_json::Value;

use crate::fault::{At, Faults, nearest};
use crate::raw::{Field, Unknown};

/// Takes what is there; a wrong shape is reported.
pub(crate) fn optional<T: Clone>(faults: &mut Faults, at: &At<'_>, field: &Field<T>) -> Option<T> {
    match field {
        Field::Absent => None,
        Field::Given(value) => Some(value.clone()),
        Field::Wrong(it) => {
            wrong(faults, at, &it.found, &it.reason);
            None
        }
    }
}

/// Takes what must be there; its absence is reported too.
pub(crate) fn required<T: Clone>(
    faults: &mut Faults,
    at: &At<'_>,
    field: &Field<T>,
    fix: &str,
) -> Option<T> {
    if field.is_absent() {
        faults.report(at, "", "nothing stands here, but it is needed", fix);
    }
    optional(faults, at, field)
}

/// Walks a list of fields, reporting each wrong one, and hands each right one on with its place.
pub(crate) fn each<T>(
    faults: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
    mut with: impl FnMut(&mut Faults, &At<'_>, usize, &T),
) {
    match rows {
        Field::Absent => {}
        Field::Wrong(it) => wrong(faults, at, &it.found, &it.reason),
        Field::Given(rows) => {
            for (index, row) in rows.iter().enumerate() {
                let at = at.index(index);
                match row {
                    Field::Absent => faults.report(&at, "null", "an empty element", "remove it"),
                    Field::Wrong(it) => wrong(faults, &at, &it.found, &it.reason),
                    Field::Given(row) => with(faults, &at, index, row),
                }
            }
        }
    }
}

/// The right values of a list, reporting the wrong ones.
pub(crate) fn list<T: Clone>(
    faults: &mut Faults,
    at: &At<'_>,
    rows: &Field<Vec<Field<T>>>,
) -> Vec<T> {
    let mut out = Vec::new();
    each(faults, at, rows, |_, _, _, row| out.push(row.clone()));
    out
}

/// Reports members that no reader knows. Their values are shown where they say something.
pub(crate) fn unknown(faults: &mut Faults, at: &At<'_>, unknown: &Unknown, known: &[&'static str]) {
    for (key, value) in unknown {
        let fix = match nearest(key, known.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("remove it; known here: {}", known.join(", ")),
        };
        let shown = if value.is_null() { String::new() } else { short(value) };
        faults.report(&at.key(key), shown, format!("`{key}` is not a known name here"), fix);
    }
}

/// What people write, and the word that stands for it here. Looked at before spelling, as these are no slips: no measure of
/// spelling leads from `zoom` to `video`.
const SYNONYMS: &[(&str, &str)] = &[
    ("phone", "telephone"),
    ("phone_call", "telephone"),
    ("call", "telephone"),
    ("mobile", "telephone"),
    ("zoom", "video"),
    ("video_call", "video"),
    ("txt", "text"),
    ("sms", "text"),
    ("texting", "text"),
    ("in_person", "one_to_one"),
    ("face_to_face", "one_to_one"),
    ("1_to_1", "one_to_one"),
    ("1:1", "one_to_one"),
    ("home_visit", "outreach"),
    ("home_visits", "outreach"),
    ("bus", "public"),
    ("train", "public"),
    ("ferry", "public"),
    ("public_transport", "public"),
    ("walking", "walk"),
    ("wheelchair", "walk"),
    ("driving", "car"),
    ("drive", "car"),
    ("jobs", "employment"),
    ("job", "employment"),
    ("work", "employment"),
    ("money", "money_budgeting"),
    ("budgeting", "money_budgeting"),
    ("study", "education_training"),
    ("education", "education_training"),
    ("training", "education_training"),
    ("health", "health_wellbeing"),
    ("wellbeing", "health_wellbeing"),
    ("community", "community_connection"),
    ("whanau", "whanau_relationships"),
    ("whānau", "whanau_relationships"),
    ("family", "whanau_relationships"),
    ("culture", "culture_identity"),
    ("female", "woman"),
    ("f", "woman"),
    ("women", "woman"),
    ("male", "man"),
    ("m", "man"),
    ("men", "man"),
    ("non_binary", "another_gender"),
    ("nonbinary", "another_gender"),
    ("required", "must"),
    ("learner", "restricted"),
];

/// The known word that is meant by `given`: what people call it, or the nearest in spelling.
pub(crate) fn meant<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = given.trim().to_lowercase().replace([' ', '-'], "_");
    let of = |word: &str| known.iter().copied().find(|known| *known == word);
    let by_name = SYNONYMS.iter().filter(|(said, _)| *said == plain).find_map(|(_, word)| of(word));
    of(&plain).or(by_name).or_else(|| nearest(given, known.iter().copied()))
}

/// Reports a value of the wrong shape, in words.
fn wrong(faults: &mut Faults, at: &At<'_>, found: &Value, reason: &str) {
    let shown = short(found);
    // serde says: unknown variant `x`, expected one of `a`, `b` | invalid type: string "x", expected u32 | invalid value: ...
    // The value itself may hold "expected", and what was expected comes last.
    let expected = reason.rsplit_once("expected ").map_or("", |(_, e)| e).trim();
    if reason.starts_with("unknown variant") {
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let fix = match (several(at, &shown, &known), meant(&shown, &known)) {
            (Some(list), _) => {
                format!("write `{list}`: between several stands |. Known: {}", known.join(", "))
            }
            (None, Some(word)) => format!("did you mean `{word}`? Known: {}", known.join(", ")),
            (None, None) => format!("use one of: {}", known.join(", ")),
        };
        return faults.report(at, &shown, "not a known word here", fix);
    }
    let (reason, fix) = shape(found, expected);
    faults.report(at, &shown, reason, fix);
}

/// Several words in one value, as a list in a cell should have them; `None` if it is one word, or no list is read here.
fn several(at: &At<'_>, shown: &str, known: &[&str]) -> Option<String> {
    let pointer = at.pointer();
    let in_list = pointer.rsplit('/').next().is_some_and(|step| step.parse::<usize>().is_ok());
    if !in_list || !shown.contains([',', ';']) {
        return None;
    }
    let words = shown.split([',', ';']).map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| meant(word, known).unwrap_or(word)).collect();
    Some(words.join("|"))
}

/// Why a value of another shape cannot be used, and what to write.
fn shape(found: &Value, expected: &str) -> (&'static str, &'static str) {
    let number = match found {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => {
            let reason = match number {
                Some(number) if number < 0.0 => "this has to be a whole number, 0 or more",
                Some(number) if number > f64::from(u32::MAX) => "this number is too large",
                _ => "this has to be a whole number",
            };
            (reason, "write a whole number such as 12")
        }
        "i32" | "i64" => ("this has to be a whole number", "write a whole number such as 12"),
        "f64" | "f32" => ("this has to be a number", "write a number such as 174.76"),
        "a boolean" => ("this has to be yes or no", "write yes or no (true or false in JSON)"),
        "a string" => ("this has to be a text", "write a text, in quotes"),
        "a sequence" => ("this has to be a list", "write a list, in [ ]"),
        // What serde expects of a word of a list that it was given as something else.
        "string or map" => ("this has to be a word", "write a word, in quotes"),
        "a map" => ("this has to be an object", "write names with their values, in { }"),
        e if e.starts_with("struct") => {
            ("this has to be an object", "write names with their values, in { }")
        }
        _ => ("this has another shape than it has to have", "write it as docs/formats.md says"),
    }
}

/// A value as it is repeated in a fault.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Gender, Mode, Strength, Words};

    fn fault<T: Clone + crate::raw::Raw>(at: &At<'_>, cell: &str) -> String {
        let mut faults = Faults::new();
        optional::<T>(&mut faults, at, &Field::from_cell(cell));
        faults.to_string()
    }

    #[test]
    fn what_people_really_write_is_understood() {
        fn known<W: Words>() -> Vec<&'static str> {
            W::ALL.iter().map(|word| word.word()).collect()
        }
        let modes = known::<Mode>();
        for (given, word) in [
            ("Phone", "telephone"),
            ("zoom", "video"),
            ("TXT", "text"),
            ("face to face", "one_to_one"),
            ("one-to-one", "one_to_one"),
            ("home visit", "outreach"),
            ("telefone", "telephone"),
        ] {
            assert_eq!(meant(given, &modes), Some(word));
        }
        assert_eq!(meant("F", &known::<Gender>()), Some("woman"));
        assert_eq!(meant("female", &modes), None, "only words of this list");
    }

    #[test]
    fn every_synonym_stands_for_a_word_and_is_none() {
        use crate::words::{Goal, Licence, Transport};
        let mut all: Vec<&str> = Mode::ALL.iter().map(|w| w.word()).collect();
        all.extend(Transport::ALL.iter().map(|w| w.word()));
        all.extend(Goal::ALL.iter().map(|w| w.word()));
        all.extend(Gender::ALL.iter().map(|w| w.word()));
        all.extend(Strength::ALL.iter().map(|w| w.word()));
        all.extend(Licence::ALL.iter().map(|w| w.word()));
        for (said, word) in SYNONYMS {
            assert!(all.contains(word) && !all.contains(said), "{said}");
        }
    }

    #[test]
    fn faults_say_what_to_write_and_repeat_nothing() {
        let root = At::root();
        let modes = root.key("modes");
        let first = modes.index(0);
        assert_eq!(
            fault::<Mode>(&first, "phone"),
            "/modes/0: `phone`: not a known word here. Fix: did you mean `telephone`? Known: one_to_one, outreach, drop_in, group, telephone, video, text"
        );
        assert!(fault::<Mode>(&first, "phone, text").contains("Fix: write `telephone|text`"));
        assert!(!fault::<Strength>(&root.key("strength"), "nice, must").contains('|'));
        assert_eq!(
            fault::<u32>(&root.key("n"), "eight"),
            "/n: `eight`: this has to be a whole number. Fix: write a whole number such as 12"
        );
        assert!(fault::<u32>(&root.key("n"), "-5").contains("0 or more"));
        assert!(fault::<u32>(&root.key("n"), "99999999999").contains("too large"));
        assert_eq!(
            fault::<bool>(&root.key("b"), "maybe"),
            "/b: `maybe`: this has to be yes or no. Fix: write yes or no (true or false in JSON)"
        );
    }
}
