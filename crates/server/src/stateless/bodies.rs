//! The shapes of what stateless routes take and give, for the document of the service. They are read by `super::request`, which tells every fault at
//! once instead of the first.

use std::borrow::Cow;

use peermatch_core::hash::policy_hash;
use peermatch_core::lottery::LotteryObjective;
use peermatch_core::menu::{Answer, MenuDocument, MenuMode};
use peermatch_core::report::MatchingDocument;
use peermatch_model::policy::{Policy, PolicyInput};
use peermatch_model::raw::RosterInput;
use peermatch_model::taxonomy::TaxonomyInput;
use peermatch_model::words::{Audience, Objective, Proposing, Words};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// A roster document, `peermatch/roster@1`.
#[derive(Debug, Clone)]
pub struct RosterDocument;

impl JsonSchema for RosterDocument {
    fn schema_name() -> Cow<'static, str> {
        "RosterDocument".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let taxonomy = generator.subschema_for::<TaxonomyInput>().to_value();
        let mut roster = RosterInput::json_schema(generator).to_value();
        roster["properties"]["taxonomy"] = taxonomy;
        roster["required"] =
            serde_json::json!(["format", "as_of", "services", "people", "workers"]);
        Schema::try_from(roster).unwrap_or_default()
    }
}

/// A seed: a whole number, or its digits as text, because many writers of JSON keep numbers exactly only up to 2^53.
#[derive(Debug, Clone)]
pub struct SeedIn;

impl JsonSchema for SeedIn {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "SeedIn".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "A whole number from 0 to 18446744073709551615, or its digits as text.",
            "oneOf": [
                { "type": "integer", "minimum": 0, "maximum": u64::MAX },
                { "type": "string", "pattern": "^[0-9]{1,19}$" }
            ]
        })
    }
}

/// Declares the body of a request: what its schema says.
macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, JsonSchema)]
            #[schemars(deny_unknown_fields)]
            pub struct $name {
                /// The roster.
                pub roster: RosterDocument,
                /// The day of the run, year-month-day, in place of the roster's own.
                pub as_of: Option<String>,
                $($(#[$fdoc])* pub $field: $type,)*
            }
        )*
    };
}

bodies! {
    /// A roster to be checked.
    CheckRequest {
        /// A policy to be checked with it.
        policy: Option<PolicyInput>,
    }
    /// A roster to be matched.
    MatchRequest {
        /// The policy; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// What the matching is to be, in place of what the policy says.
        objective: Option<Objective>,
        /// Who asks and who answers under `stable`, in place of what the policy says.
        proposing: Option<Proposing>,
        /// The seed of what is drawn by lot, under objectives that draw.
        seed: Option<SeedIn>,
        /// An earlier matching: of all matchings of the best total, one that changes the fewest of its proposals.
        from: Option<MatchingDocument>,
    }
    /// A person to suggest workers for.
    SuggestRequest {
        /// The policy; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// The person.
        person_id: String,
        /// How many workers to suggest (5 unless said).
        #[schemars(range(min = 1, max = 1000))]
        top: Option<u32>,
        /// Whether to say what choosing each costs everybody else (true unless said): that matches the whole roster first.
        costs: Option<bool>,
    }
    /// A pair to explain.
    ExplainRequest {
        /// The policy; without it, the matching's, or the shipped one.
        policy: Option<PolicyInput>,
        /// The person.
        person_id: String,
        /// The worker.
        worker_id: String,
        /// Who it is for (coordinator unless said). What it holds is what that audience may know.
        audience: Option<Audience>,
        /// A matching document, verified before it is explained. Not together with a policy.
        matching: Option<MatchingDocument>,
    }
    /// Menus to be made.
    MenuRequestBody {
        /// The policy; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// Who chooses; without it, everybody who is ready.
        #[schemars(length(min = 1))]
        people: Option<Vec<String>>,
        /// Most options per person (3 unless said).
        #[schemars(range(min = 2, max = 10))]
        size: Option<u32>,
        /// Kind of menus (safe unless said).
        mode: Option<MenuMode>,
        /// What an option of a live menu may cost everybody together, in millionths of one person's wishes.
        #[schemars(range(max = 1_000_000))]
        most_loss: Option<u32>,
        /// Seed of the neutral order of options.
        seed: Option<SeedIn>,
    }
    /// An answer to a menu, or shortlists to be resolved.
    ChooseRequest {
        /// The menu document as it is now.
        menu: MenuDocument,
        /// Who answers; needed unless shortlists are resolved.
        person_id: Option<String>,
        /// What they say; needed unless shortlists are resolved.
        answer: Option<Answer>,
        /// Whether it takes the place of what they said before.
        change: Option<bool>,
        /// Whether to match everybody who ranked, inside their shortlists.
        resolve: Option<bool>,
    }
    /// A document to be verified.
    VerifyRequest {
        /// What `match`, `menu`, `choose`, `lottery` or `handover` gave.
        document: serde_json::Map<String, serde_json::Value>,
    }
    /// Workers who leave.
    HandoverRequest {
        /// The policy; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// The workers who leave.
        #[schemars(length(min = 1))]
        leaving: Vec<String>,
        /// The seed of what is drawn by lot, under objectives that draw.
        seed: Option<SeedIn>,
    }
    /// A lottery to be drawn.
    LotteryRequestBody {
        /// The policy; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// Kind of lottery (best_total unless said).
        objective: Option<LotteryObjective>,
        /// No pair has a chance above this fraction, such as 1/2, but for people with few eligible workers (best_total; 1/2 unless said).
        cap: Option<String>,
        /// Chances are whole numbers over this (best_total; 60 unless said).
        #[schemars(range(min = 1, max = 10_000))]
        denominator: Option<u32>,
        /// Seed of the draw.
        seed: Option<SeedIn>,
        /// Words that were kept secret until the draw; they are written into the document.
        secret: Option<String>,
    }
    /// Objectives to be compared.
    CompareRequest {
        /// The policy whose objective is exchanged; without it, the shipped one.
        policy: Option<PolicyInput>,
        /// The objectives, in the order to tell them; without it, all.
        objectives: Option<Vec<Objective>>,
        /// As whom to count: `coordinator` (unless said) or `auditor`.
        audience: Option<Audience>,
        /// Whether to set every worker's minimum aside, because rules such as `stable` know none.
        no_minimums: Option<bool>,
        /// The seed of what is drawn by lot, under objectives that draw.
        seed: Option<SeedIn>,
    }
}

/// A policy to be checked.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PolicyRequest {
    /// The policy; without it, the shipped one is told.
    pub policy: Option<PolicyInput>,
}

/// A policy without faults, whole: what was left out of it stands here as it counts.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PolicyTold {
    /// Always true: of a policy with faults, the faults are told.
    pub ok: bool,
    /// Its hash, as documents made with it state it.
    pub policy_hash: String,
    /// The policy.
    pub policy: PolicyInput,
}

impl PolicyTold {
    /// Of a checked policy.
    pub fn of(policy: &Policy) -> Self {
        Self { ok: true, policy_hash: policy_hash(policy), policy: policy.to_input() }
    }
}

/// What a policy may aim at, and the shipped policy.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Policies {
    /// Every objective.
    pub objectives: Vec<ObjectiveTold>,
    /// The shipped policy.
    pub shipped: PolicyTold,
}

/// One objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObjectiveTold {
    /// Which.
    pub objective: Objective,
    /// Whether something is drawn by lot, so that a seed counts.
    pub draws: bool,
    /// What is proven of a matching under it.
    pub proven: String,
}

impl Policies {
    /// As this version of the engine has them.
    pub fn told() -> Self {
        Self {
            objectives: Objective::ALL
                .iter()
                .map(|&objective| ObjectiveTold {
                    objective,
                    draws: objective.draws(),
                    proven: peermatch_core::proof::proven(objective).to_owned(),
                })
                .collect(),
            shipped: PolicyTold::of(&Policy::shipped()),
        }
    }
}
