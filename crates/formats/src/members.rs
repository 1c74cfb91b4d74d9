//! A JSON document made of documents: an object whose members are read each by its own reader, out of the same text. A roster, a policy and what
//! is asked of them travel so in one request.

use std::collections::BTreeSet;

use peermatch_model::fault::{At, Faults, Place};
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::roster_json::{DUPLICATES_MAX, syntax};
use crate::{json_places, report};

/// How much is read of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most values, lists and objects included. What they come to in memory is bounded by this, not by the bytes: a list of a million zeros is
    /// two million bytes long.
    pub values_max: usize,
    /// How deep lists and objects may stand within each other.
    pub depth_max: usize,
}

impl Default for Bounds {
    /// 6,000,000 values (a roster of 60,000 people has two million), 64 deep (a roster needs 8).
    fn default() -> Self {
        Self { values_max: 6_000_000, depth_max: 64 }
    }
}

/// A member with its value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'t> {
    /// Its name.
    pub name: String,
    /// Its value.
    pub text: &'t str,
}

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is not UTF-8, not JSON, or not an object; one fault, with its place.
    #[error("{0}")]
    Syntax(Faults),
    /// It holds more values than are read.
    #[error("the document has more than {0} values")]
    Values(usize),
    /// Lists and objects stand too deep within each other.
    #[error("lists and objects stand more than {0} deep within each other")]
    Depth(usize),
}

/// The members of a JSON object, in order; and a fault for each name that stands twice among them.
///
/// The whole text is looked at once for its syntax, in memory that does not grow with it. Within the members, keys that stand twice are for
/// [`keys_twice`] or the members' own readers.
///
/// ```
/// use peermatch_formats::members::{Bounds, members};
/// let (members, faults) = members("body", br#"{"seed": 7, "roster": {"people": []}}"#, Bounds::default())?;
/// assert_eq!((members[1].name.as_str(), members[1].text), ("roster", r#"{"people": []}"#));
/// assert!(faults.is_empty());
/// # Ok::<(), peermatch_formats::members::Unreadable>(())
/// ```
///
/// # Errors
/// See [`Unreadable`].
pub fn members<'t>(
    file: &str,
    bytes: &'t [u8],
    bounds: Bounds,
) -> Result<(Vec<Member<'t>>, Faults), Unreadable> {
    let one = |line, column, reason: &str, fix: &str| {
        let place = Place { line, column, ..report::whole(file) };
        Unreadable::Syntax(report::one(place, "", "", reason, fix))
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = report::number(before.split(|&byte| byte == b'\n').count());
        one(line, 0, "this is not UTF-8", "send it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        return Err(one(
            1,
            1,
            "the text starts with a byte-order mark, which JSON does not have",
            "send it without the mark",
        ));
    }
    if text.trim_ascii().is_empty() {
        return Err(one(0, 0, "there is nothing here", "send a JSON object"));
    }
    within(text, bounds)?;
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Unreadable::Syntax(syntax(file, text, &error)))?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(one(1, 1, "this is not an object", "send an object: { \"roster\": ..."));
    }
    let Some(found) = json_places::members(text) else {
        // What was accepted above and still cannot be walked has a name with half a character in it.
        return Err(one(
            0,
            0,
            "the name of a member is not text",
            "write names as docs/formats.md says",
        ));
    };
    let mut faults = Faults::new();
    let mut seen = BTreeSet::new();
    let root = At::root();
    for (name, _) in &found {
        if !seen.insert(name.as_str()) {
            faults.report(
                &root.key(name),
                "",
                "this key stands twice in one object",
                "keep one of the two",
            );
        }
    }
    let members = found.into_iter().map(|(name, text)| Member { name, text }).collect();
    Ok((members, faults))
}

/// How many elements a list has as it is written; 0 for anything else. Counts one for an empty list, and none too few. O(length).
pub fn length(text: &str) -> usize {
    if !text.starts_with('[') {
        return 0;
    }
    let (mut depth, mut elements) = (0_usize, 1_usize);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => elements += 1,
            _ => {}
        }
    }
    elements
}

/// A fault for every key that stands twice in one object of a value, without its place.
pub fn keys_twice(text: &str) -> Faults {
    let mut faults = Faults::new();
    for twice in json_places::duplicates(text, DUPLICATES_MAX) {
        faults.push(peermatch_model::Fault {
            pointer: twice.pointer,
            place: None,
            value: String::new(),
            reason: "this key stands twice in one object".to_owned(),
            fix: "keep one of the two".to_owned(),
        });
    }
    faults
}

/// Whether a text keeps within bounds, whatever else it is. Counts too many where it is no JSON, never too few. O(length).
fn within(text: &str, bounds: Bounds) -> Result<(), Unreadable> {
    let (mut values, mut depth) = (1_usize, 0_usize);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => {
                depth += 1;
                values += 1;
                if depth > bounds.depth_max {
                    return Err(Unreadable::Depth(bounds.depth_max));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > bounds.values_max {
            return Err(Unreadable::Values(bounds.values_max));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<(String, String)>, Unreadable> {
        let bounds = Bounds { values_max: 10, depth_max: 3 };
        let (members, faults) = members("body", text, bounds)?;
        assert!(faults.is_empty());
        Ok(members.into_iter().map(|m| (m.name, m.text.to_owned())).collect())
    }

    #[test]
    fn members_come_as_they_are_written() {
        let found = read(br#" { "a\u0062" : [1, {"]": "\"}"}] ,"c":null } "#).unwrap();
        assert_eq!(
            found,
            [
                ("ab".to_owned(), r#"[1, {"]": "\"}"}]"#.to_owned()),
                ("c".to_owned(), "null".to_owned())
            ]
        );
        assert_eq!(read(b"{}").unwrap(), []);
    }

    #[test]
    fn what_is_not_an_object_of_utf_8_is_refused() {
        for text in [
            b"".as_slice(),
            b"  \n",
            b"[1]",
            b"7",
            b"\"text\"",
            b"null",
            b"{",
            b"{\"a\": NaN}",
            b"{\"a\": 1}}",
            b"{\"a\" 1}",
            b"{'a': 1}",
            b"{\"a\": 1,}",
            b"\xEF\xBB\xBF{}",
            b"{\"a\": \"M\xE4ori\"}",
            b"\xFF\xFE{\0}\0",
            br#"{"\ud800": 1}"#,
        ] {
            let told = read(text);
            assert!(
                matches!(told, Err(Unreadable::Syntax(ref faults)) if faults.len() == 1),
                "{told:?}"
            );
        }
    }

    #[test]
    fn bounds_hold_before_anything_is_kept() {
        assert_eq!(read(b"{\"a\": [0,0,0,0,0,0,0,0,0]}"), Err(Unreadable::Values(10)));
        assert_eq!(read(b"{\"a\": [[[0]]]}"), Err(Unreadable::Depth(3)));
        assert!(read(b"{\"a\": \"[[[[{{{{,,,,,,,,,,,,,\"}").is_ok());
    }

    #[test]
    fn elements_are_counted_as_they_are_written() {
        for (text, count) in
            [("[1, 2,3]", 3), ("[{\"a\": [1, 2]}, \"x,\\\",y\"]", 2), ("[0]", 1), ("{\"a\": 1}", 0)]
        {
            assert_eq!(length(text), count, "{text}");
        }
    }

    #[test]
    fn names_that_stand_twice_are_faults_however_they_are_spelt() {
        let (_, faults) = members("body", br#"{"a": 1, "\u0061": 2}"#, Bounds::default()).unwrap();
        assert_eq!(faults.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/a"]);
        let faults = keys_twice(r#"{"a": [{"b": 1, "b": 2}]}"#);
        assert_eq!(faults.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/a/0/b"]);
    }
}
