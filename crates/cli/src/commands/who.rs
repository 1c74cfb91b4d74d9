//! `peermatch organisations`, `peermatch keys`, `peermatch accounts`: who may do what in a store, from the machine that it stands on.
//!
//! A service that runs holds its file: then an administrator's key does the same over HTTP.

use std::collections::BTreeSet;
use std::future::Future;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use peermatch_server::app::{Clock, SystemClock};
use peermatch_server::auth::{entry, keys, passwords, secrets};
use peermatch_server::{Problem, Role};
use peermatch_store::{Account, Organisation, Sqlite, Store, StoreError, sqlite};

use crate::exit::{DONE, Stop};
use crate::out;

/// Who acts when the command does, in the audit.
const ACTOR: &str = "command";

/// Make or list organisations: nothing of one is seen in another.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: peermatch organisations add north --name \"Northern service\"")]
pub(crate) struct Organisations {
    #[command(subcommand)]
    what: OrganisationsWhat,
}

#[derive(Debug, Subcommand)]
enum OrganisationsWhat {
    /// Make an organisation.
    Add {
        /// Its id: small letters, digits, - and _.
        #[arg(value_name = "ID")]
        id: String,
        /// Its name for people.
        #[arg(long, value_name = "TEXT")]
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// List the organisations.
    List {
        #[command(flatten)]
        data: Data,
    },
}

/// Make, list or revoke keys for programs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch keys add --organisation north --role integrator --label \"case system\"\nThe key is shown this once; only a hash of it is kept. Send it as: Authorization: Bearer KEY"
)]
pub(crate) struct Keys {
    #[command(subcommand)]
    what: KeysWhat,
}

#[derive(Debug, Subcommand)]
enum KeysWhat {
    /// Make a key and show it, this once. Makes the organisation, too, if it is not there.
    Add {
        #[command(flatten)]
        grant: Grant,
        /// What it is for.
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,
        /// The last day (in UTC) on which it is good, as 2027-06-30.
        #[arg(long, value_name = "DAY")]
        expires: Option<String>,
        #[command(flatten)]
        data: Data,
    },
    /// List the keys of an organisation, without their secrets.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        data: Data,
    },
    /// Revoke a key for good.
    Revoke {
        /// Id of the key: the part between pm_ and the next _.
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        data: Data,
    },
}

/// Make, list or close accounts for people who sign in with a password, or give one a new password.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: peermatch accounts add mere --organisation north --role coordinator\nThe password is asked for, or read as one line from standard input; it is never an argument."
)]
pub(crate) struct Accounts {
    #[command(subcommand)]
    what: AccountsWhat,
}

#[derive(Debug, Subcommand)]
enum AccountsWhat {
    /// Make an account. Makes the organisation, too, if it is not there.
    Add {
        /// The name to sign in with.
        #[arg(value_name = "LOGIN")]
        login: String,
        #[command(flatten)]
        grant: Grant,
        #[command(flatten)]
        data: Data,
    },
    /// List the accounts of an organisation.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        data: Data,
    },
    /// Close an account and end its sessions.
    Close {
        /// The name to sign in with.
        #[arg(value_name = "LOGIN")]
        login: String,
        #[command(flatten)]
        data: Data,
    },
    /// Give an account a new password and end its sessions.
    Reset {
        /// The name to sign in with.
        #[arg(value_name = "LOGIN")]
        login: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, clap::Args)]
struct Data {
    /// The file that everything is kept in.
    #[arg(long = "data", value_name = "FILE", default_value = "peermatch.db")]
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The organisation.
    #[arg(long, value_name = "ORG")]
    organisation: String,
}

#[derive(Debug, clap::Args)]
struct Grant {
    #[command(flatten)]
    of: Of,
    /// What it may do: coordinator, peer_worker, auditor, integrator, administrator; several with commas.
    #[arg(long, value_name = "ROLE", value_delimiter = ',', required = true, value_parser = role)]
    role: Vec<Role>,
    /// A roster it is for; without any, all of the organisation.
    #[arg(long, value_name = "ID")]
    roster: Vec<String>,
    /// The peer worker whose own pages it may see: with the role peer_worker and one roster.
    #[arg(long, value_name = "ID")]
    worker: Option<String>,
}

type Granted = (BTreeSet<Role>, Option<(String, String)>);

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "there is no such role".to_owned())
}

impl Grant {
    /// The roles, and for a worker's own pages the roster and the worker.
    fn checked(&self) -> Result<Granted, Stop> {
        let roles: BTreeSet<Role> = self.role.iter().copied().collect();
        let worker = match (&self.worker, self.roster.as_slice()) {
            (None, _) => None,
            (Some(worker), [roster]) => Some((roster.clone(), worker.clone())),
            (Some(_), _) => {
                return Err(Stop::invalid("A worker is in one roster: name it with --roster."));
            }
        };
        keys::fit(&roles, worker.as_ref()).map_err(|unfit| Stop::invalid(unfit.0))?;
        Ok((roles, worker))
    }
}

pub(crate) fn organisations(args: &Organisations) -> Result<u8, Stop> {
    match &args.what {
        OrganisationsWhat::Add { id, name, data } => {
            id_is_plain(id)?;
            in_store(&data.file, true, async |store| {
                let made = Organisation { id: id.clone(), name: name.clone(), made_at: now() };
                store.add_organisation(&made).await.map_err(|error| stopped(&error))?;
                Ok(format!("organisation {id} is there now\n"))
            })
        }
        OrganisationsWhat::List { data } => in_store(&data.file, false, async |store| {
            let all = store.organisations().await.map_err(|error| stopped(&error))?;
            Ok(all.iter().map(|one| line([&one.id, &one.name])).collect())
        }),
    }
}

pub(crate) fn keys(args: &Keys) -> Result<u8, Stop> {
    match &args.what {
        KeysWhat::Add { grant, label, expires, data } => {
            let (roles, worker) = grant.checked()?;
            let at = now();
            let expires_at = expires.as_deref().map(|day| end_of(day, at)).transpose()?;
            let wanted = keys::Wanted {
                organisation: grant.of.organisation.clone(),
                label: label.clone(),
                roles,
                rosters: grant.roster.clone(),
                worker,
                expires_at,
            };
            let (key, told) = keys::make(wanted, at).map_err(problem)?;
            in_store(&data.file, true, async |store| {
                there(store, &key.organisation).await?;
                let audit = entry(at, ACTOR, "", "key.added", &key.id, None);
                store.add_key(&key, &audit).await.map_err(|error| stopped(&error))?;
                out::note("This key is shown once and cannot be shown again:");
                Ok(format!("{told}\n"))
            })
        }
        KeysWhat::List { of, data } => in_store(&data.file, false, async |store| {
            let keys = store.keys(&of.organisation).await.map_err(|error| stopped(&error))?;
            let at = now();
            let line = |key: &peermatch_store::ApiKey| {
                let state = match (key.revoked_at, key.expires_at) {
                    (Some(_), _) => "revoked",
                    (None, Some(end)) if end <= at => "expired",
                    _ => "good",
                };
                line([&key.id, state, &key.roles.join(","), &rosters(&key.rosters), &key.label])
            };
            Ok(keys.iter().map(line).collect())
        }),
        KeysWhat::Revoke { id, of, data } => in_store(&data.file, false, async |store| {
            let at = now();
            let audit = entry(at, ACTOR, "", "key.revoked", id, None);
            let revoked = store.revoke_key(&of.organisation, id, at, &audit).await;
            if !revoked.map_err(|error| stopped(&error))? {
                return Err(Stop::invalid(format!(
                    "organisation {} has no key {id} that is not revoked",
                    of.organisation
                )));
            }
            Ok(format!("key {id} is revoked\n"))
        }),
    }
}

pub(crate) fn accounts(args: &Accounts) -> Result<u8, Stop> {
    match &args.what {
        AccountsWhat::Add { login, grant, data } => {
            let (roles, subject) = grant.checked()?;
            if !(1..=100).contains(&login.chars().count()) || login.chars().any(char::is_control) {
                return Err(Stop::invalid("A name to sign in with is 1 to 100 characters."));
            }
            let (password_hash, made_at) = (password()?, now());
            let account = Account {
                id: secrets::draw::<6>().map_err(problem)?,
                organisation: grant.of.organisation.clone(),
                login: login.clone(),
                password_hash,
                roles: roles.iter().map(|role| role.word().to_owned()).collect(),
                rosters: grant.roster.clone(),
                subject,
                failed_in_a_row: 0,
                locked_until: None,
                made_at,
                closed_at: None,
            };
            in_store(&data.file, true, async |store| {
                there(store, &account.organisation).await?;
                let audit = entry(made_at, ACTOR, "", "account.opened", &account.id, None);
                store.put_account(&account, &audit).await.map_err(|error| stopped(&error))?;
                Ok(format!("account {} is open\n", account.id))
            })
        }
        AccountsWhat::List { of, data } => in_store(&data.file, false, async |store| {
            let all = store.accounts(&of.organisation).await.map_err(|error| stopped(&error))?;
            let line = |one: &Account| {
                let state = if one.closed_at.is_some() { "closed" } else { "open" };
                line([&one.id, state, &one.roles.join(","), &rosters(&one.rosters), &one.login])
            };
            Ok(all.iter().map(line).collect())
        }),
        AccountsWhat::Close { login, data } => in_store(&data.file, false, async |store| {
            let mut account = open_account(store, login).await?;
            account.closed_at = Some(now());
            change(store, &account, "account.closed").await?;
            Ok(format!("account {} is closed\n", account.id))
        }),
        AccountsWhat::Reset { login, data } => {
            let hash = password()?;
            in_store(&data.file, false, async |store| {
                let mut account = open_account(store, login).await?;
                account.password_hash.clone_from(&hash);
                (account.failed_in_a_row, account.locked_until) = (0, None);
                change(store, &account, "account.password_reset").await?;
                Ok(format!("account {} has the new password\n", account.id))
            })
        }
    }
}

async fn open_account(store: &Sqlite, login: &str) -> Result<Account, Stop> {
    let found = store.account_by_login(login).await.map_err(|error| stopped(&error))?;
    found
        .filter(|account| account.closed_at.is_none())
        .ok_or_else(|| Stop::invalid("there is no open account with this name"))
}

async fn change(store: &Sqlite, account: &Account, action: &str) -> Result<(), Stop> {
    // Sessions first: should the command be cut off between, nobody stays in who ought to be out.
    let ended = store.end_sessions_of(&account.organisation, &account.id).await;
    ended.map_err(|error| stopped(&error))?;
    let audit = entry(now(), ACTOR, "", action, &account.id, None);
    store.put_account(account, &audit).await.map_err(|error| stopped(&error))
}

/// Makes the organisation if it is not there.
async fn there(store: &Sqlite, organisation: &str) -> Result<(), Stop> {
    id_is_plain(organisation)?;
    let made =
        Organisation { id: organisation.to_owned(), name: organisation.to_owned(), made_at: now() };
    match store.add_organisation(&made).await {
        Ok(()) | Err(StoreError::Taken) => Ok(()),
        Err(error) => Err(stopped(&error)),
    }
}

fn id_is_plain(id: &str) -> Result<(), Stop> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if (1..=64).contains(&id.len()) && id.chars().all(good) {
        return Ok(());
    }
    Err(Stop::invalid("The id of an organisation is 1 to 64 small letters, digits, - and _."))
}

fn now() -> i64 {
    SystemClock.micros()
}

fn end_of(day: &str, at: i64) -> Result<i64, Stop> {
    let end =
        keys::end_of_day(day).ok_or_else(|| Stop::invalid("A day is written as 2027-06-30."))?;
    if end <= at {
        return Err(Stop::invalid("The day is over: give one to come."));
    }
    Ok(end)
}

fn rosters(rosters: &[String]) -> String {
    if rosters.is_empty() { "all rosters".to_owned() } else { rosters.join(",") }
}

fn line<const N: usize>(parts: [&str; N]) -> String {
    format!("{}\n", parts.join("  ").trim_end())
}

/// Reads a password (asked for at a terminal, without showing it), and hashes it.
fn password() -> Result<String, Stop> {
    let stdin = std::io::stdin();
    let asked = stdin.is_terminal();
    if asked {
        out::note("Password (at least 12 characters, not shown):");
        shown(false);
    }
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    if asked {
        shown(true);
    }
    read.map_err(|error| Stop::invalid(format!("the password cannot be read: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    passwords::fit(password).map_err(Stop::invalid)?;
    passwords::hash(password).map_err(problem)
}

/// Whether the terminal shows what is typed. Where it cannot be told so, it does.
fn shown(shown: bool) {
    let word = if shown { "echo" } else { "-echo" };
    let _ = std::process::Command::new("stty").arg(word).status();
}

/// Opens the store, does something in it, tells what came of it, and closes it.
fn in_store<F>(file: &Path, make: bool, work: F) -> Result<u8, Stop>
where
    F: AsyncFnOnce(&Sqlite) -> Result<String, Stop>,
{
    if !make && !file.exists() {
        return Err(Stop::invalid(format!("{}: there is no such file", file.display())));
    }
    let told = block(async {
        let store = Sqlite::open(file, sqlite::Options::default())
            .await
            .map_err(|error| stopped(&error))?;
        let told = work(&store).await;
        store.close().await;
        told
    })?;
    out::result(&told)?;
    Ok(DONE)
}

fn block<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::internal(error.to_string()))?
        .block_on(work)
}

fn stopped(error: &StoreError) -> Stop {
    match error {
        StoreError::Held(_) => Stop::invalid(format!(
            "{error}; while it runs, an administrator's key does this over HTTP (/v1/keys, /v1/accounts)"
        )),
        StoreError::Taken => Stop::invalid("It is there already."),
        StoreError::Missing | StoreError::Newer { .. } => Stop::invalid(error.to_string()),
        StoreError::Damaged(_) => Stop::check_failed(error.to_string()),
        _ => Stop::internal(error.to_string()),
    }
}

fn problem(problem: Problem) -> Stop {
    Stop::internal(problem.detail)
}
