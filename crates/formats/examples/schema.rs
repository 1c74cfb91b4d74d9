//! Writes the published JSON Schemas again: `cargo run -p peermatch-formats --example schema`.

use std::path::Path;

use peermatch_formats::schema::{policy, published, roster};

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("roster.schema.json"), published(&roster()))?;
    std::fs::write(folder.join("policy.schema.json"), published(&policy()))
}
