//! Writes the published JSON Schemas again: `cargo run -p peermatch-formats --example schema`.

use std::path::Path;

use peermatch_formats::schema::{all, published};

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    std::fs::create_dir_all(&folder)?;
    for (name, schema) in all() {
        std::fs::write(folder.join(name), published(&schema))?;
    }
    Ok(())
}
