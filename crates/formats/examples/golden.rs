//! Writes the golden pack again from the golden roster, after a change of the format was meant:
//! `cargo run -p peermatch-formats --example golden`.

use std::path::Path;

use peermatch_formats::write_csv::Dialect;
use peermatch_formats::{Names, read_roster, write_pack};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let loaded = read_roster(&golden.join("roster.json"))?;
    let names: Names = [("p1", "Aroha"), ("w1", "Tama"), ("w2", "'Ofa")].into_iter().collect();
    std::fs::create_dir_all(golden.join("pack"))?;
    for (name, bytes) in write_pack(loaded.input(), None, &names, Dialect::PLAIN)? {
        std::fs::write(golden.join("pack").join(name), bytes)?;
    }
    Ok(())
}
