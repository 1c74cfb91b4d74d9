//! Random commands against a model of maps: what a store answers is what the maps say, after every one.

use std::collections::BTreeMap;

use peermatch_store::{Revision, StoreError};
use proptest::prelude::*;

use super::{Factory, commit, entry, organisation, put, reply, walked};

/// One command; small numbers, so that they meet.
#[derive(Debug, Clone)]
pub enum Command {
    Make {
        roster: u8,
    },
    Change {
        roster: u8,
        behind: u8,
        replace: bool,
        puts: Vec<(u8, u8, Option<u16>)>,
        key: Option<u8>,
    },
    Remove {
        roster: u8,
    },
    Append {
        entries: u8,
    },
    ForgetReplies {
        before: u8,
    },
}

/// Commands to be tried in turn.
pub fn commands() -> impl Strategy<Value = Vec<Command>> {
    let roster = 0..3_u8;
    let puts = prop::collection::vec((0..2_u8, 0..5_u8, prop::option::of(any::<u16>())), 0..5);
    let one = prop_oneof![
        2 => roster.clone().prop_map(|roster| Command::Make { roster }),
        8 => (
            roster.clone(),
            prop_oneof![4 => Just(0_u8), 1 => 1..3_u8],
            prop::bool::weighted(0.1),
            puts,
            prop::option::weighted(0.4, 0..4_u8),
        )
            .prop_map(|(roster, behind, replace, puts, key)| Command::Change {
                roster,
                behind,
                replace,
                puts,
                key
            }),
        1 => roster.prop_map(|roster| Command::Remove { roster }),
        1 => (0..4_u8).prop_map(|entries| Command::Append { entries }),
        1 => (0..40_u8).prop_map(|before| Command::ForgetReplies { before }),
    ];
    prop::collection::vec(one, 1..40)
}

#[derive(Default)]
struct Roster {
    revision: i64,
    records: BTreeMap<(String, String), (Option<String>, i64)>,
}

/// Does the commands on a fresh store and on maps.
pub async fn agrees(fresh: Factory, commands: Vec<Command>) {
    let (store, _folder) = fresh().await;
    store.add_organisation(&organisation("o")).await.unwrap();
    let mut rosters: BTreeMap<String, Roster> = BTreeMap::new();
    let mut replies: BTreeMap<String, (String, i64, String)> = BTreeMap::new();
    let mut rows = 0;
    for (at, command) in (1_i64..).zip(commands) {
        match command {
            Command::Make { roster } => {
                let mut make = commit(None, vec![]);
                make.roster = roster.to_string();
                let told = store.commit(&make).await;
                if rosters.contains_key(&roster.to_string()) {
                    assert_eq!(told, Err(StoreError::Taken));
                } else {
                    assert_eq!(told, Ok(Revision(1)));
                    rosters.insert(roster.to_string(), Roster { revision: 1, ..Roster::default() });
                    rows += 1;
                }
            }
            Command::Change { roster, behind, replace, puts, key } => {
                let id = roster.to_string();
                let now = rosters.get(&id).map_or(1, |roster| roster.revision);
                let puts = puts.into_iter().map(|(kind, id, body)| {
                    let body = body.map(|body| body.to_string());
                    put(&kind.to_string(), &id.to_string(), body.as_deref())
                });
                let mut change = commit(Some(now - i64::from(behind)), puts.collect());
                (change.roster, change.replace, change.at) = (id.clone(), replace, at);
                change.reply = key.map(|key| reply(&key.to_string(), &at.to_string()));
                if let Some(reply) = &mut change.reply {
                    reply.at = at;
                }
                let told = store.commit(&change).await;
                let Some(roster) = rosters.get_mut(&id) else {
                    assert_eq!(told, Err(StoreError::Missing));
                    continue;
                };
                if behind > 0 {
                    assert_eq!(told, Err(StoreError::Moved { now }));
                    continue;
                }
                let kept = change.reply.as_ref().and_then(|reply| replies.get(&reply.key));
                if kept.is_some() {
                    assert_eq!(told, Err(StoreError::Repeated));
                    continue;
                }
                assert_eq!(told, Ok(Revision(now + 1)));
                roster.revision += 1;
                if replace {
                    for record in roster.records.values_mut().filter(|r| r.0.is_some()) {
                        *record = (None, now + 1);
                    }
                }
                for put in change.puts {
                    roster.records.insert((put.kind, put.id), (put.body, now + 1));
                }
                if let Some(reply) = change.reply {
                    replies.insert(reply.key, (id, at, reply.body));
                }
                rows += 1;
            }
            Command::Remove { roster } => {
                let id = roster.to_string();
                let there = rosters.remove(&id).is_some();
                let told = store.remove_roster("o", &id, None, &[entry("removed", &[])]).await;
                assert_eq!(told, Ok(there));
                if there {
                    rows += 1;
                    replies.retain(|_, (roster, _, _)| *roster != id);
                }
            }
            Command::Append { entries } => {
                let entries = vec![entry("seen", &["p"]); entries.into()];
                rows += i64::try_from(entries.len()).unwrap();
                assert_eq!(store.append_audit("o", &entries).await, Ok(rows));
            }
            Command::ForgetReplies { before } => {
                let held = replies.len();
                replies.retain(|_, (_, at, _)| *at >= i64::from(before));
                let told = store.forget_replies(before.into()).await;
                assert_eq!(told, Ok((held - replies.len()) as u64));
            }
        }
    }
    let told = store.rosters("o").await.unwrap();
    assert!(told.iter().map(|roster| &roster.roster).eq(rosters.keys()));
    for (id, roster) in &rosters {
        let all = store.changed_since("o", id, Revision(0)).await.unwrap().unwrap();
        assert_eq!(all.meta.revision.0, roster.revision);
        let told: BTreeMap<_, _> =
            all.records.into_iter().map(|r| ((r.kind, r.id), (r.body, r.revision.0))).collect();
        assert_eq!(told, roster.records);
        let loaded = store.load("o", id).await.unwrap().unwrap();
        let living = roster.records.iter().filter(|(_, (body, _))| body.is_some());
        assert!(
            loaded
                .records
                .iter()
                .map(|r| (&r.kind, &r.id, &r.body))
                .eq(living.map(|((kind, id), (body, _))| (kind, id, body)))
        );
    }
    for key in 0..4 {
        let told = store.reply("o", "key:k", &key.to_string()).await.unwrap();
        let kept = replies.get(&key.to_string());
        assert_eq!(told.map(|reply| reply.body), kept.map(|(_, _, body)| body.clone()));
    }
    assert_eq!(i64::try_from(walked(&*store, "o").await.len()).unwrap(), rows);
    store.close().await;
}
