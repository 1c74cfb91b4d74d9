//! Bytes to raw input and back.
//!
//! Readers turn files into raw input ([`peermatch_model::raw`]) and remember where everything stood, so that a fault found later
//! by a check of the model names file, line and column. Writers turn raw input and results into files. `docs/formats.md` says
//! what each format is. No rule about people lives here: what a value means is the model's to check.
//!
//! Modules in reading order: [`text`] (bytes to text), [`loaded`] (what reading gives, and [`read_roster`]), [`places`] (from a
//! fault to a line), [`roster_json`], [`pack`] (the folder of CSV files), [`policy`], [`matching`], [`handover`], [`menu`], [`lottery`], [`edges`], [`write_csv`],
//! [`members`] (several documents in one), [`schema`].

pub mod text;

pub mod loaded;
pub mod places;

pub mod edges;
pub mod handover;
pub mod lottery;
pub mod matching;
pub mod members;
pub mod menu;
pub mod pack;
pub mod policy;
pub mod roster_json;
pub mod schema;
pub mod write_csv;

mod dates;
mod documents;
mod json_places;
mod report;
mod table;
mod toml_places;

pub use documents::{Kind, expect_kind, to_json};
pub use loaded::{Loaded, Names, read_file, read_roster};
pub use matching::{matching_csv, matching_json, read_matching};
pub use pack::{read_pack, read_pack_dir, write_pack};
pub use places::Places;
pub use policy::{read_policy, write_policy_toml};
pub use roster_json::{read_roster_json, write_roster_json};
