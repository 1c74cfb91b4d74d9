//! JSON Schemas of the documents, from the types that read them.
//!
//! `docs/schema/` holds them as published; a test compares, and `cargo run -p peermatch-formats --example schema` writes them again.

use peermatch_model::policy::{POLICY_FORMAT, PolicyInput};
use peermatch_model::raw::{ROSTER_FORMAT, RosterInput};
use peermatch_model::taxonomy::TaxonomyInput;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of a roster document.
pub fn roster() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let taxonomy = generator.subschema_for::<TaxonomyInput>();
    let mut schema = generator.into_root_schema_for::<RosterInput>().to_value();
    schema["title"] = json!("peermatch roster, version 1");
    schema["properties"]["format"]["const"] = json!(ROSTER_FORMAT);
    schema["properties"]["taxonomy"] = taxonomy.to_value();
    schema["properties"]["taxonomy"]["description"] =
        json!("The service's own taxonomy of lived experience; absent means the shipped one.");
    schema["required"] = json!(["format", "as_of", "services", "people", "workers"]);
    schema
}

/// The schema of a policy document, in its JSON form.
pub fn policy() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<PolicyInput>()
        .to_value();
    schema["title"] = json!("peermatch policy, version 1");
    schema["properties"]["format"]["const"] = json!(POLICY_FORMAT);
    schema["required"] = json!(["format", "name", "version"]);
    schema
}

/// A schema as it is published.
pub fn published(schema: &Value) -> String {
    format!("{schema:#}\n")
}
