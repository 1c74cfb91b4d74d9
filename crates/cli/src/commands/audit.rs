//! `peermatch audit`: whether the audit of a store is as it was written.

use std::path::PathBuf;

use peermatch_store::sqlite::{self, Verified};

use crate::commands::backup::{stopped, wait};
use crate::exit::{CHECK_FAILED, DONE, Stop};
use crate::load::Format;
use crate::out;
use crate::show::counted;

/// Look at the audit of a store.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peermatch audit verify peermatch.db")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Verify(VerifyArgs),
}

/// Verify that no row was changed, taken out or put between: one chain for each organisation. Exit 3 if one breaks.
///
/// Write the last hash of each chain down elsewhere: compared later, it also shows that nothing was cut off the end.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  peermatch audit verify peermatch.db\n  peermatch audit verify peermatch.db --format json"
)]
struct VerifyArgs {
    /// The store: the file that `serve --data` names, or a backup of it. A service may have it open.
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<u8, Stop> {
    let What::Verify(args) = &args.what;
    let verified = wait(sqlite::verify(&args.data))?.map_err(|error| stopped(&error))?;
    out::result(&match args.format {
        Format::Json => out::json(&verified)?,
        Format::Table => table(&verified),
    })?;
    Ok(if verified.holds() { DONE } else { CHECK_FAILED })
}

fn table(verified: &Verified) -> String {
    if verified.chains.is_empty() {
        return "no organisation, so no audit\n".to_owned();
    }
    let lines = verified.chains.iter().map(|chain| {
        let rows = counted(u64::try_from(chain.rows).unwrap_or_default(), "row", "rows");
        match &chain.broken {
            None => format!(
                "{}: {rows} verified, the last with hash {}\n",
                chain.organisation, chain.head
            ),
            Some(broken) => format!(
                "{}: BROKEN at row {}: {}; {rows} before it hold\n",
                chain.organisation, broken.seq, broken.reason
            ),
        }
    });
    lines.collect()
}
