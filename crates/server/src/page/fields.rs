//! Forms made from the schema of what they fill in: one field for each member, said in the schema's own words, so that a form can neither lack a member nor
//! offer a word that the service does not know.
//!
//! A field is called by its pointer (`/wishes/0/values`), as faults are. So what is wrong is told at its field, whoever found it.

use std::collections::BTreeMap;

use askama::Template;
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value};

use super::visit::Form;
use super::words::Language;
use crate::problem::FaultTold;

/// Rows that are offered beyond those that are filled in.
const MORE_ROWS: usize = 2;
/// The most rows that a form is read for.
const ROWS_MAX: usize = 10_000;

/// A word of a list, and what it means.
pub(crate) type Choice = (String, String);

/// What stands in a field.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Text,
    /// A day.
    Day,
    Whole,
    Number,
    Yes,
    /// One of a list.
    One(Vec<Choice>),
    /// Any of a list.
    Many(Vec<Choice>),
    /// One on each line.
    Lines,
    /// Records, one after another.
    Rows(Vec<Member>),
}

/// A member of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    name: String,
    about: String,
    shape: Shape,
}

/// The members of a type, from its schema.
pub(crate) fn members_of<T: JsonSchema>() -> Vec<Member> {
    let schema = schema_for!(T).to_value();
    members(&schema, &schema)
}

fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    schema["$ref"].as_str().and_then(|name| root.pointer(name.strip_prefix('#')?)).unwrap_or(schema)
}

/// A schema without the null that may stand instead.
fn given<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let any = schema["anyOf"].as_array();
    let some = any.and_then(|any| any.iter().find(|one| one["type"] != "null"));
    resolved(root, some.unwrap_or(schema))
}

fn members(root: &Value, record: &Value) -> Vec<Member> {
    let Some(properties) = record["properties"].as_object() else { return Vec::new() };
    let member = |(name, schema): (&String, &Value)| Member {
        name: name.clone(),
        about: schema["description"].as_str().unwrap_or_default().to_owned(),
        shape: shape(root, name, schema),
    };
    properties.iter().map(member).collect()
}

fn choices(schema: &Value) -> Option<Vec<Choice>> {
    let word = |one: &Value| {
        let word = one["const"].as_str()?.to_owned();
        let about = one["description"].as_str().unwrap_or(&word);
        Some((word.clone(), about.trim_end_matches('.').to_owned()))
    };
    let plain = |one: &Value| one.as_str().map(|word| (word.to_owned(), word.replace('_', " ")));
    match (schema["oneOf"].as_array(), schema["enum"].as_array()) {
        (Some(all), _) => all.iter().map(word).collect(),
        (None, Some(all)) => all.iter().map(plain).collect(),
        _ => None,
    }
}

/// Members that hold a day, which the schema tells of as a text.
const DAYS: [&str; 10] = [
    "wait_since",
    "paused_until",
    "available_from",
    "available_until",
    "supervision_due",
    "vetting_until",
    "until",
    "date",
    "expires",
    "ended_at",
];

fn shape(root: &Value, name: &str, schema: &Value) -> Shape {
    let schema = given(root, schema);
    if let Some(choices) = choices(schema) {
        return Shape::One(choices);
    }
    let is = |kind: &str| {
        schema["type"] == kind
            || schema["type"].as_array().is_some_and(|all| all.iter().any(|one| one == kind))
    };
    if is("array") {
        let items = given(root, &schema["items"]);
        return match choices(items) {
            Some(choices) => Shape::Many(choices),
            None if items["properties"].is_object() => Shape::Rows(members(root, items)),
            None => Shape::Lines,
        };
    }
    if is("boolean") {
        Shape::Yes
    } else if is("integer") {
        Shape::Whole
    } else if is("number") {
        Shape::Number
    } else if DAYS.contains(&name) {
        Shape::Day
    } else {
        Shape::Text
    }
}

/// What of a type's members a form offers, in which order and under which headings.
pub(crate) struct Layout<'l> {
    /// Headings (names of messages), each with its members.
    pub(crate) parts: &'l [(&'l str, &'l [&'l str])],
    /// Lists that the roster says: by the name of the member, in rows too.
    pub(crate) lists: BTreeMap<&'l str, Vec<Choice>>,
    /// Members that are not offered.
    pub(crate) without: Vec<&'l str>,
}

/// A field, to be shown.
pub(crate) struct Field {
    /// Its pointer.
    name: String,
    /// Its id in the page.
    id: String,
    label: String,
    about: String,
    kind: Kind,
    faults: Vec<String>,
}

enum Kind {
    Text {
        value: String,
        kind: &'static str,
        step: &'static str,
    },
    Yes {
        on: bool,
    },
    One {
        choices: Vec<(Choice, bool)>,
    },
    Many {
        choices: Vec<(Choice, bool)>,
    },
    Lines {
        value: String,
    },
    /// Rows that are filled, and some more under words that offer them.
    Rows {
        rows: Vec<Vec<Field>>,
        blank: Vec<Vec<Field>>,
        more: String,
    },
}

/// The words of a member that is one of a list.
pub(crate) fn choices_of(members: &[Member], name: &str) -> Vec<Choice> {
    let member = members.iter().find(|member| member.name == name);
    match member.map(|member| &member.shape) {
        Some(Shape::One(choices) | Shape::Many(choices)) => choices.clone(),
        _ => Vec::new(),
    }
}

/// Fields under a heading.
pub(crate) struct Part {
    pub(crate) title: String,
    fields: Vec<String>,
}

#[derive(Template)]
#[template(path = "field.html")]
struct FieldTemplate<'f> {
    field: &'f Field,
    foreign: &'f str,
}

impl Field {
    /// What says more of the field, to whatever reads the page aloud.
    fn described(&self) -> String {
        let mut by = Vec::new();
        if !self.about.is_empty() {
            by.push(format!("{}-about", self.id));
        }
        if !self.faults.is_empty() {
            by.push(format!("{}-fault", self.id));
        }
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" aria-describedby=\"{}\"", by.join(" "))
        };
        if self.faults.is_empty() { by } else { format!("{by} aria-invalid=\"true\"") }
    }
}

impl Part {
    /// The fields, made.
    pub(crate) fn html(&self) -> String {
        self.fields.concat()
    }
}

/// The id of a field in the page.
pub(crate) fn id_of(pointer: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    format!("f{}", pointer.chars().map(safe).collect::<String>())
}

/// The name of the message that labels a member.
fn label_of(name: &str) -> String {
    format!("field-{}", name.replace('_', "-"))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Member {
    fn field(
        &self,
        at: &str,
        value: &Value,
        layout: &Layout<'_>,
        faults: &[FaultTold],
        language: Language,
    ) -> Field {
        let name = format!("{at}/{}", self.name);
        // Faults of what the field holds; within rows they stand at the field in the row.
        let own = |pointer: &str| match self.shape {
            Shape::Rows(_) => pointer == name,
            _ => pointer
                .strip_prefix(&name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        };
        let list = layout.lists.get(self.name.as_str());
        let marked = |choices: &[Choice], on: &dyn Fn(&str) -> bool| {
            let mut all: Vec<(Choice, bool)> =
                choices.iter().map(|choice| (choice.clone(), on(&choice.0))).collect();
            // What stands there and is not in the list, so that it is not lost.
            let known = |word: &str| choices.iter().any(|choice| choice.0 == word);
            let others: Vec<String> = match value {
                Value::Array(items) => items.iter().map(text_of).collect(),
                Value::Null => Vec::new(),
                one => vec![text_of(one)],
            };
            let others = others.into_iter().filter(|word| !word.is_empty() && !known(word));
            all.extend(others.map(|word| ((word.clone(), word), true)));
            all
        };
        let has = |word: &str| {
            value.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(word)))
        };
        let is = |word: &str| value.as_str() == Some(word);
        let text = |kind, step| Kind::Text { value: text_of(value), kind, step };
        let kind = match (&self.shape, list) {
            (Shape::Text | Shape::One(_), Some(list)) => Kind::One { choices: marked(list, &is) },
            (Shape::Lines | Shape::Many(_), Some(list)) => {
                Kind::Many { choices: marked(list, &has) }
            }
            (Shape::One(choices), _) => Kind::One { choices: marked(choices, &is) },
            (Shape::Many(choices), _) => Kind::Many { choices: marked(choices, &has) },
            (Shape::Text, _) => text("text", ""),
            (Shape::Day, _) => text("date", ""),
            (Shape::Whole, _) => text("number", "1"),
            (Shape::Number, _) => text("number", "0.01"),
            (Shape::Yes, _) => Kind::Yes { on: value == &Value::Bool(true) },
            (Shape::Lines, _) => {
                let lines = value.as_array().map_or(&[][..], Vec::as_slice);
                let value = lines.iter().map(text_of).collect::<Vec<_>>().join("\n");
                Kind::Lines { value }
            }
            (Shape::Rows(members), _) => {
                let filled = value.as_array().map_or(&[][..], Vec::as_slice);
                let mut rows = (0..filled.len() + MORE_ROWS).map(|i| {
                    let (row, at) = (filled.get(i).unwrap_or(&Value::Null), format!("{name}/{i}"));
                    let member =
                        |one: &Member| one.field(&at, &row[&one.name], layout, faults, language);
                    members.iter().map(member).collect()
                });
                let given: Vec<Vec<Field>> = rows.by_ref().take(filled.len()).collect();
                let more = language.say("field-more").into_owned();
                Kind::Rows { rows: given, blank: rows.collect(), more }
            }
        };
        Field {
            id: id_of(&name),
            label: language.say(&label_of(&self.name)).into_owned(),
            about: self.about.clone(),
            kind,
            faults: faults.iter().filter(|fault| own(&fault.pointer)).map(words_of).collect(),
            name,
        }
    }

    fn read(&self, at: &str, form: &Form, lists: &[&str]) -> Value {
        let name = format!("{at}/{}", self.name);
        let text = || form.one(&name).map_or(Value::Null, |text| Value::String(text.to_owned()));
        let many = || {
            let all: Vec<Value> = form.all(&name).map(Value::from).collect();
            if all.is_empty() { Value::Null } else { Value::Array(all) }
        };
        let listed = lists.contains(&self.name.as_str());
        match &self.shape {
            Shape::Text | Shape::Day | Shape::One(_) => text(),
            // What is no number stays as it was written, so that it is told what is wrong with it.
            Shape::Whole | Shape::Number => match text() {
                Value::String(text) => serde_json::from_str::<serde_json::Number>(&text)
                    .map_or(Value::String(text), Value::Number),
                other => other,
            },
            Shape::Yes => form.one(&name).map_or(Value::Null, |_| Value::Bool(true)),
            Shape::Many(_) => many(),
            Shape::Lines if listed => many(),
            Shape::Lines => {
                let lines = form.one(&name).unwrap_or_default().lines().map(str::trim);
                let lines: Vec<Value> =
                    lines.filter(|line| !line.is_empty()).map(Value::from).collect();
                if lines.is_empty() { Value::Null } else { Value::Array(lines) }
            }
            Shape::Rows(members) => {
                // As many as the form has: a list is not cut.
                let inner = format!("{name}/");
                let number = |(is, _): &(String, String)| {
                    is.strip_prefix(&inner)?.split('/').next()?.parse::<usize>().ok()
                };
                let many = form.fields.iter().filter_map(number).max().map_or(0, |last| last + 1);
                let rows: Vec<Value> = (0..many.min(ROWS_MAX))
                    .filter_map(|i| {
                        let at = format!("{name}/{i}");
                        let row: Map<String, Value> = members
                            .iter()
                            .map(|member| (member.name.clone(), member.read(&at, form, lists)))
                            .filter(|(_, value)| !value.is_null())
                            .collect();
                        (!row.is_empty()).then_some(Value::Object(row))
                    })
                    .collect();
                if rows.is_empty() { Value::Null } else { Value::Array(rows) }
            }
        }
    }
}

/// The fields of a record, under their headings. `foreign` is what marks the schema's own words where the page is in another language.
pub(crate) fn parts(
    members: &[Member],
    layout: &Layout<'_>,
    value: &Value,
    faults: &[FaultTold],
    language: Language,
) -> Vec<Part> {
    let foreign = if language == Language::English { "" } else { " lang=\"en\"" };
    let part = |(title, names): &(&str, &[&str])| {
        let offered = names.iter().filter(|name| !layout.without.contains(name));
        let fields: Vec<String> = offered
            .filter_map(|name| members.iter().find(|member| member.name == *name))
            .map(|member| {
                let field = member.field("", &value[&member.name], layout, faults, language);
                FieldTemplate { field: &field, foreign }.render().unwrap_or_default()
            })
            .collect();
        Part { title: language.say(title).into_owned(), fields }
    };
    layout.parts.iter().map(part).filter(|part| !part.fields.is_empty()).collect()
}

/// What a form says, as a record. What is left blank is left out.
pub(crate) fn read(members: &[Member], layout: &Layout<'_>, form: &Form) -> Value {
    let lists: Vec<&str> = layout.lists.keys().copied().collect();
    let offered = members.iter().filter(|member| !layout.without.contains(&member.name.as_str()));
    let value = offered
        .map(|member| (member.name.clone(), member.read("", form, &lists)))
        .filter(|(_, value)| !value.is_null());
    Value::Object(value.collect())
}

/// What is wrong, and what to do where there is something.
fn words_of(fault: &FaultTold) -> String {
    match fault.fix.as_str() {
        "" => fault.reason.clone(),
        fix => format!("{}: {fix}", fault.reason),
    }
}

/// A fault for the list at the top, with the field that it is told at.
pub(crate) struct TopFault {
    /// The id of the field.
    pub(crate) to: Option<String>,
    /// What is wrong, and what to do.
    pub(crate) words: String,
}

/// The faults for the list at the top. Each leads to its field, if the form has one.
pub(crate) fn top_faults(
    faults: &[FaultTold],
    members: &[Member],
    without: &[&str],
) -> Vec<TopFault> {
    let to = |pointer: &str| {
        let mut steps = pointer.split('/').skip(1);
        let first = steps.next()?;
        let member = members.iter().find(|member| member.name == first)?;
        if without.contains(&first) {
            return None;
        }
        let (row, of) = (steps.next(), steps.next());
        match (&member.shape, row, of) {
            (Shape::Rows(_), Some(row), Some(of)) => Some(id_of(&format!("/{first}/{row}/{of}"))),
            _ => Some(id_of(&format!("/{first}"))),
        }
    };
    faults.iter().map(|fault| TopFault { to: to(&fault.pointer), words: words_of(fault) }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use peermatch_core::kept::feedback::Words;
    use peermatch_model::raw::{ConflictInput, PeerWorkerInput, ServiceUserInput};

    use super::*;

    fn names(members: &[Member], into: &mut BTreeSet<String>) {
        for member in members {
            into.insert(member.name.clone());
            if let Shape::Rows(rows) = &member.shape {
                names(rows, into);
            }
        }
    }

    #[test]
    fn every_member_of_a_record_is_offered_once_and_has_a_label() {
        use super::super::coordinator::record::{PERSON, WORKER};
        for (members, parts) in
            [(members_of::<ServiceUserInput>(), PERSON), (members_of::<PeerWorkerInput>(), WORKER)]
        {
            let mut offered: Vec<&str> =
                parts.iter().flat_map(|(_, names)| names.iter().copied()).collect();
            let mut there: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            offered.sort_unstable();
            there.sort_unstable();
            assert_eq!(offered, there);
        }
        let mut all = BTreeSet::new();
        names(&members_of::<ServiceUserInput>(), &mut all);
        names(&members_of::<PeerWorkerInput>(), &mut all);
        names(&members_of::<ConflictInput>(), &mut all);
        names(&members_of::<Words>(), &mut all);
        assert!(all.len() > 80);
        let missing: Vec<String> = Language::ALL
            .iter()
            .flat_map(|language| all.iter().map(move |name| (language, label_of(name))))
            .filter(|(language, label)| !language.has(label))
            .map(|(language, label)| format!("{label} in {}", language.tag()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
