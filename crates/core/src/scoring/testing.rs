//! One person, two workers and one service, to be changed field by field. For the tests of the criteria.

#![allow(clippy::needless_pass_by_value, reason = "values are written in place in tests")]

use peermatch_model::policy::Policy;
use peermatch_model::raw::RosterInput;
use peermatch_model::roster::{Roster, UserIx, WorkerIx};
use peermatch_model::taxonomy::Taxonomy;
use peermatch_model::words::{Audience, WishAbout, WorkerWishAbout};
use serde_json::{Value, json};

use super::{Fit, Known, Met, Part, Scorer, unmet_musts, words};
use crate::pair::{Context, Pair};

/// A roster as JSON: person `p`, worker `a` (who is judged) and worker `b`.
pub(super) struct Little(Value);

impl Little {
    pub(super) fn new() -> Self {
        let worker = |id: &str| {
            json!({"id": id, "services": ["s"], "max_people": 5, "current_people": 0, "areas": ["north"],
                "modes": ["one_to_one", "telephone"], "availability": ["Mon-Fri 09:00-17:00"],
                "languages": [{"tag": "en", "level": "whole"}], "experiences": [], "identity": [], "wishes": []})
        };
        let code = |system: &str, code: &str, parent: &str| json!({"system": system, "code": code, "label": code, "parent": parent});
        Self(json!({
            "format": "peermatch/roster@1", "as_of": "2026-11-22", "zone": "UTC",
            "services": [{"id": "s", "kaupapa": ["peer_led"]}, {"id": "t", "kaupapa": ["kaupapa_maori"]}],
            "people": [{"id": "p", "services": ["s"], "wait_since": "2026-11-01", "status": "ready", "age_band": "25-34",
                "modes": ["one_to_one", "telephone"], "availability": ["Mon-Fri 09:00-17:00"], "area": "north",
                "languages": [{"tag": "en", "level": "need"}], "experiences": [], "identity": [], "wishes": []}],
            "workers": [worker("a"), worker("b")],
            "codes": [code("eth", "Pacific", ""), code("eth", "Samoan", "Pacific"), code("eth", "Tongan", "Pacific"), code("eth", "Māori", ""),
                code("faith", "Catholic", ""), code("iwi", "North", ""), code("iwi", "South", ""),
                {"system": "eth", "code": "not stated", "residual": true}],
        }))
    }

    pub(super) fn user(&mut self, key: &str, value: Value) -> &mut Self {
        self.0["people"][0][key] = value;
        self
    }

    pub(super) fn worker(&mut self, key: &str, value: Value) -> &mut Self {
        self.0["workers"][0][key] = value;
        self
    }

    pub(super) fn other_worker(&mut self, key: &str, value: Value) -> &mut Self {
        self.0["workers"][1][key] = value;
        self
    }

    pub(super) fn top(&mut self, key: &str, value: Value) -> &mut Self {
        self.0[key] = value;
        self
    }

    /// The person's one wish.
    pub(super) fn wish(&mut self, dimension: &str, values: Value, strength: &str) -> &mut Self {
        self.user(
            "wishes",
            json!([{"dimension": dimension, "values": values, "strength": strength}]),
        )
    }

    pub(super) fn avoid(&mut self, dimension: &str, values: Value, strength: &str) -> &mut Self {
        self.user("wishes", json!([{"dimension": dimension, "direction": "avoid", "values": values, "strength": strength}]))
    }

    /// The worker's one wish.
    pub(super) fn worker_wish(&mut self, wish: Value) -> &mut Self {
        self.worker("wishes", json!([wish]))
    }

    /// The person's identity.
    pub(super) fn own(&mut self, codes: &[(&str, &str)]) -> &mut Self {
        let rows: Vec<Value> = codes
            .iter()
            .map(|(s, c)| json!({"system": s, "code": c, "use_for_matching": true}))
            .collect();
        self.user("identity", json!(rows))
    }

    /// The worker's identity.
    pub(super) fn told(&mut self, codes: &[(&str, &str)]) -> &mut Self {
        let rows: Vec<Value> = codes
            .iter()
            .map(|(s, c)| json!({"system": s, "code": c, "consent_match": true}))
            .collect();
        self.worker("identity", json!(rows))
    }

    /// The person's experiences: concept, direction, importance.
    pub(super) fn asks(&mut self, items: &[(&str, &str, u8)]) -> &mut Self {
        let rows: Vec<Value> = items
            .iter()
            .map(|(c, d, i)| json!({"concept": c, "direction": d, "importance": i, "consent_match": true}))
            .collect();
        self.user("experiences", json!(rows))
    }

    /// The worker's experiences.
    pub(super) fn lived(&mut self, concepts: &[&str]) -> &mut Self {
        let rows: Vec<Value> = concepts
            .iter()
            .map(|c| json!({"concept": c, "comfort": "happy_to_work_with", "consent_match": true}))
            .collect();
        self.worker("experiences", json!(rows))
    }

    /// Judges the pair of the person and worker `a`.
    pub(super) fn with<T>(&self, judge: impl FnOnce(&Pair<'_>) -> T) -> T {
        let input: RosterInput = serde_json::from_value(self.0.clone()).unwrap();
        let roster = Roster::check(&input, Taxonomy::shipped())
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let policy = Policy::shipped();
        let cx = Context::new(&roster, &policy);
        judge(&cx.pair(UserIx::at(0), WorkerIx::at(0)))
    }

    pub(super) fn fit(&self) -> Fit {
        self.with(|pair| Scorer::for_pair(pair).fit(pair))
    }

    /// The one part of the fit.
    pub(super) fn part(&self) -> Part {
        let parts = self.fit().parts;
        assert_eq!(parts.len(), 1, "{parts:?}");
        parts[0].clone()
    }

    /// What is known of the one part.
    pub(super) fn known(&self) -> (u32, Met) {
        let part = self.part();
        (part.known, part.met)
    }

    /// The words of the one part.
    pub(super) fn words(&self, audience: Audience) -> Option<String> {
        let part = self.part();
        self.with(|pair| words(pair, &part, audience))
    }

    pub(super) fn unmet(&self) -> Vec<WishAbout> {
        self.with(unmet_musts)
    }

    pub(super) fn unmet_worker(&self) -> Vec<WorkerWishAbout> {
        self.with(super::unmet_worker_musts)
    }

    /// What is known of the worker's one wish.
    pub(super) fn worker_known(&self) -> (u32, Met) {
        let fit = self.with(super::worker_fit);
        assert_eq!(fit.parts.len(), 1);
        (fit.parts[0].value, Met::of(Known::of(fit.parts[0].value)))
    }
}
