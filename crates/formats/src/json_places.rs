//! Where things stand in a JSON text, and which keys stand twice.
//!
//! The JSON reader itself keeps no places and silently takes the last of two equal keys, so this walks the text once more.
//! It expects text that a JSON reader has accepted (so nesting is bounded); on anything else it stops early and never panics.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A key that stands twice in one object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    pub(crate) pointer: String,
    pub(crate) key: String,
    /// Byte offset of the later key.
    pub(crate) offset: usize,
}

/// All keys that stand twice, in the order of the text; at most `limit`. O(length · log(keys of one object)).
pub(crate) fn duplicates(text: &str, limit: usize) -> Vec<Twice> {
    let mut walk =
        Walk { text, bytes: text.as_bytes(), at: 0, path: Vec::new(), twice: Vec::new(), limit };
    walk.all();
    walk.twice
}

/// The byte offset at which the value of each pointer starts; for what is not there, that of the nearest value around it.
/// One pass: O(length + pointers).
pub(crate) fn offsets(text: &str, pointers: &[&str]) -> Vec<usize> {
    let mut wanted = Wanted::default();
    for pointer in pointers {
        let mut node = &mut wanted;
        for step in steps(pointer) {
            node = node.below.entry(step).or_default();
        }
    }
    let mut walk =
        Walk { text, bytes: text.as_bytes(), at: 0, path: Vec::new(), twice: Vec::new(), limit: 0 };
    walk.find(&mut wanted);
    let start = wanted.at.unwrap_or(0);
    pointers
        .iter()
        .map(|pointer| {
            let mut found = start;
            let mut node = &wanted;
            for step in steps(pointer) {
                match node.below.get(&step) {
                    Some(next) => node = next,
                    None => break,
                }
                match node.at {
                    Some(at) => found = at,
                    None => break,
                }
            }
            found
        })
        .collect()
}

/// The members of the object that a text is, each with its value as it is written. `None` if it is no object, or a name is no text.
pub(crate) fn members(text: &str) -> Option<Vec<(String, &str)>> {
    let mut walk =
        Walk { text, bytes: text.as_bytes(), at: 0, path: Vec::new(), twice: Vec::new(), limit: 0 };
    if walk.peek()? != b'{' {
        return None;
    }
    let mut found = Vec::new();
    let mut more = !walk.empty(b'}')?;
    while more {
        walk.peek()?;
        let name = walk.key()?.into_owned();
        walk.peek()?;
        let start = walk.at;
        walk.skip()?;
        found.push((name, text.get(start..walk.at)?));
        more = walk.more(b'}')?;
    }
    Some(found)
}

/// The steps of an RFC 6901 pointer.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

#[derive(Default)]
struct Wanted {
    at: Option<usize>,
    below: BTreeMap<String, Wanted>,
}

enum Step<'t> {
    Key(Cow<'t, str>),
    Index(usize),
}

struct Walk<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    path: Vec<Step<'t>>,
    twice: Vec<Twice>,
    limit: usize,
}

impl<'t> Walk<'t> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes over a string and gives it without its quotes, still escaped.
    fn string(&mut self) -> Option<&'t str> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        self.text.get(start..at)
    }

    /// A key and the colon after it.
    fn key(&mut self) -> Option<Cow<'t, str>> {
        let start = self.at;
        let raw = self.string()?;
        let key = if raw.contains('\\') {
            Cow::Owned(serde_json::from_str(self.text.get(start..self.at)?).ok()?)
        } else {
            Cow::Borrowed(raw)
        };
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(key)
    }

    /// After an element: whether another follows. `None` at anything but a comma or the closing bracket.
    fn more(&mut self, close: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            b if b == close => Some(false),
            _ => None,
        }
    }

    /// Whether the object or list that starts here is empty; steps into it.
    fn empty(&mut self, close: u8) -> Option<bool> {
        self.at += 1;
        let empty = self.peek()? == close;
        if empty {
            self.at += 1;
        }
        Some(empty)
    }

    fn scalar(&mut self) -> Option<()> {
        if self.peek()? == b'"' {
            return self.string().map(|_| ());
        }
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|b| !matches!(b, b',' | b']' | b'}') && !b.is_ascii_whitespace())
        {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Over a value of any kind, without looking.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.scalar()?,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Over a value, noting where the wanted ones start.
    fn find(&mut self, wanted: &mut Wanted) -> Option<()> {
        let byte = self.peek()?;
        wanted.at = Some(self.at);
        if wanted.below.is_empty() {
            return self.skip();
        }
        match byte {
            b'{' => {
                let mut more = !self.empty(b'}')?;
                while more {
                    self.peek()?;
                    let key = self.key()?;
                    match wanted.below.get_mut(key.as_ref()) {
                        Some(next) => self.find(next)?,
                        None => self.skip()?,
                    }
                    more = self.more(b'}')?;
                }
            }
            b'[' => {
                let mut more = !self.empty(b']')?;
                let mut index = 0_usize;
                while more {
                    match wanted.below.get_mut(&index.to_string()) {
                        Some(next) => self.find(next)?,
                        None => self.skip()?,
                    }
                    more = self.more(b']')?;
                    index += 1;
                }
            }
            _ => self.scalar()?,
        }
        Some(())
    }

    /// Over a value, noting keys that stand twice.
    fn all(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => {
                let mut seen = BTreeSet::new();
                let mut more = !self.empty(b'}')?;
                while more {
                    self.peek()?;
                    let offset = self.at;
                    let key = self.key()?;
                    self.path.push(Step::Key(key.clone()));
                    if !seen.insert(key.clone()) && self.twice.len() < self.limit {
                        self.twice.push(Twice {
                            pointer: self.pointer(),
                            key: key.into_owned(),
                            offset,
                        });
                    }
                    self.all()?;
                    self.path.pop();
                    more = self.more(b'}')?;
                }
            }
            b'[' => {
                let mut more = !self.empty(b']')?;
                let mut index = 0_usize;
                while more {
                    self.path.push(Step::Index(index));
                    self.all()?;
                    self.path.pop();
                    more = self.more(b']')?;
                    index += 1;
                }
            }
            _ => self.scalar()?,
        }
        Some(())
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_values() {
        let text = r#"{"a": [1, {"b/c": "x\"y", "d": {}}], "e": null}"#;
        let pointers = ["", "/a", "/a/1", "/a/1/b~1c", "/a/1/missing/deep", "/e", "/a/7"];
        let found: Vec<&str> =
            offsets(text, &pointers).into_iter().map(|at| &text[at..at + 3]).collect();
        assert_eq!(found, ["{\"a", "[1,", "{\"b", "\"x\\", "{\"b", "nul", "[1,"]);
    }

    #[test]
    fn keys_that_stand_twice_are_found_however_they_are_spelt() {
        let found = duplicates(r#"{"a": 1, "b": [{"c": 1, "\u0063": 2}], "a": 2}"#, 10);
        let found: Vec<(&str, usize)> =
            found.iter().map(|t| (t.pointer.as_str(), t.offset)).collect();
        assert_eq!(found, [("/b/0/c", 24), ("/a", 39)]);
    }
}
