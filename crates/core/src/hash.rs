//! Hashes that bind a result to what it was made from. They are the auditor's alone: equal hashes would tell two readers of
//! different reports that the hidden parts are equal too.

use std::io::{self, BufWriter, Write};

use peermatch_model::policy::Policy;
use peermatch_model::roster::Roster;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of the checked roster in canonical form: rows in any order, JSON or CSV, give the same.
pub fn roster_hash(roster: &Roster) -> String {
    hash(roster)
}

/// SHA-256 of the checked policy in canonical form.
pub fn policy_hash(policy: &Policy) -> String {
    hash(policy)
}

fn hash(value: &impl Serialize) -> String {
    // JSON comes a few bytes at a time, and a hash is made by whole blocks.
    let mut sink = BufWriter::with_capacity(1 << 16, Sink(Sha256::new()));
    serde_json::to_writer(&mut sink, value)
        .expect("checked types serialise and the sink takes every byte");
    let sink = sink.into_inner().expect("the sink takes every byte");
    format!("sha256:{}", hexadecimal(&sink.0.finalize()))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).expect("four bits");
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[derive(Debug)]
struct Sink(Sha256);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
