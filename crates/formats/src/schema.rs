//! JSON Schemas of the documents, from the types that read them.
//!
//! `docs/schema/` holds them as published; a test compares, and `cargo run -p peermatch-formats --example schema` writes them again.

use peermatch_core::change::Diff;
use peermatch_core::handover::{HANDOVER_FORMAT, Handover};
use peermatch_core::lottery::{LOTTERY_FORMAT, LotteryDocument};
use peermatch_core::menu::{MENU_FORMAT, MenuDocument};
use peermatch_core::report::{MATCHING_FORMAT, MatchingDocument};
use peermatch_model::policy::{POLICY_FORMAT, PolicyInput};
use peermatch_model::raw::{ROSTER_FORMAT, RosterInput};
use peermatch_model::taxonomy::TaxonomyInput;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of a roster document.
pub fn roster() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let taxonomy = generator.subschema_for::<TaxonomyInput>();
    let mut schema = generator.into_root_schema_for::<RosterInput>().to_value();
    schema["properties"]["taxonomy"] = taxonomy.to_value();
    schema["properties"]["taxonomy"]["description"] =
        json!("The service's own taxonomy of lived experience; absent means the shipped one.");
    schema["required"] = json!(["format", "as_of", "services", "people", "workers"]);
    titled(schema, "peermatch roster, version 1", ROSTER_FORMAT)
}

/// The schema of a policy document, in its JSON form.
pub fn policy() -> Value {
    let mut schema = of::<PolicyInput>();
    schema["required"] = json!(["format", "name", "version"]);
    titled(schema, "peermatch policy, version 1", POLICY_FORMAT)
}

/// The schema of a matching document.
pub fn matching() -> Value {
    titled(of::<MatchingDocument>(), "peermatch matching, version 1", MATCHING_FORMAT)
}

/// The schema of a menu document.
pub fn menu() -> Value {
    titled(of::<MenuDocument>(), "peermatch menu, version 1", MENU_FORMAT)
}

/// The schema of a lottery document.
pub fn lottery() -> Value {
    titled(of::<LotteryDocument>(), "peermatch lottery, version 1", LOTTERY_FORMAT)
}

/// The schema of a handover document.
pub fn handover() -> Value {
    titled(of::<Handover>(), "peermatch handover, version 1", HANDOVER_FORMAT)
}

/// The schema of what `diff --format json` writes: a result to read, not a document with a format of its own.
pub fn diff() -> Value {
    let mut schema = of::<Diff>();
    schema["title"] = json!("peermatch diff");
    without_links(&mut schema);
    schema
}

/// Every published schema with its file name.
pub fn all() -> [(&'static str, Value); 7] {
    [
        ("roster.schema.json", roster()),
        ("policy.schema.json", policy()),
        ("matching.schema.json", matching()),
        ("menu.schema.json", menu()),
        ("lottery.schema.json", lottery()),
        ("handover.schema.json", handover()),
        ("diff.schema.json", diff()),
    ]
}

/// A schema as it is published.
pub fn published(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

fn titled(mut schema: Value, title: &str, format: &str) -> Value {
    schema["title"] = json!(title);
    schema["properties"]["format"]["const"] = json!(format);
    schema["properties"]["format"]["description"] = json!("The format and its version.");
    without_links(&mut schema);
    schema
}

/// The texts come from the documentation of the types, where brackets are links.
fn without_links(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(text) if key == "description" => {
                        *text = text.replace("[`", "`").replace("`]", "`");
                    }
                    value => without_links(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}
