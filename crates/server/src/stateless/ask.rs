//! What each stateless route does, from the bytes of a body to the bytes of the answer: the same bytes that the command of the same name prints
//! with `--format json`. Nothing is decided here; `core` decides.

use peermatch_core::compare::compare;
use peermatch_core::explain::explain;
use peermatch_core::handover::{Handover, HandoverError, handover};
use peermatch_core::lottery::{
    DENOMINATOR_MAX, LotteryDocument, LotteryError, LotteryObjective, LotteryRequest, cap_over,
    fraction,
};
use peermatch_core::menu::{
    Answer, MOST_LOSS, MenuDocument, MenuError, MenuMode, MenuRequest, SIZE_MAX,
};
use peermatch_core::pair::Context;
use peermatch_core::report::{MatchingDocument, VerifyError, document, policy_of, verify};
use peermatch_core::run::{Run, RunError, match_from, match_with_seed};
use peermatch_core::suggest::suggest_asked;
use peermatch_core::told::{RosterTold, Verified};
use peermatch_core::update::Earlier;
use peermatch_core::{lottery, menu};
use peermatch_formats::members::Bounds;
use peermatch_formats::{Kind, to_json};
use peermatch_model::policy::WHOLE;
use peermatch_model::words::{Audience, Objective, Proposing, Words};

use crate::jobs::{End, Stages};
use crate::problem::Problem;
use crate::stateless::bodies::PolicyTold;
use crate::stateless::request::{Request, refused};

/// What can be asked without keeping anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Is this roster right?
    Check,
    /// A whole matching.
    Match,
    /// Who could walk alongside one person.
    Suggest,
    /// Why these two, or why not.
    Explain,
    /// Menus of choice.
    Menu,
    /// An answer to a menu.
    Choose,
    /// Does this document hold?
    Verify,
    /// Where the people of leaving workers could go.
    Handover,
    /// A matching by lot.
    Lottery,
    /// Every objective side by side.
    Compare,
    /// Is this policy right?
    Policy,
}

impl Ask {
    /// Everything that can be asked.
    pub const ALL: [Self; 11] = [
        Self::Check,
        Self::Match,
        Self::Suggest,
        Self::Explain,
        Self::Menu,
        Self::Choose,
        Self::Verify,
        Self::Handover,
        Self::Lottery,
        Self::Compare,
        Self::Policy,
    ];

    /// Answers a body.
    ///
    /// # Errors
    /// The problem of the body, or that it was stopped.
    pub fn answer(self, body: &[u8], bounds: Bounds, watch: &dyn Stages) -> Result<Vec<u8>, End> {
        watch.stage("reading")?;
        let mut request = Request::read(body, bounds)?;
        let request = &mut request;
        match self {
            Self::Check => check(request),
            Self::Match => matching(request, watch),
            Self::Suggest => suggest(request, watch),
            Self::Explain => explained(request, watch),
            Self::Menu => menus(request, watch),
            Self::Choose => chosen(request, watch),
            Self::Verify => verified(request, watch),
            Self::Handover => handed_over(request, watch),
            Self::Lottery => drawn(request, watch),
            Self::Compare => compared(request, watch),
            Self::Policy => policy(request),
        }
    }
}

const PAIRS: &str = "who can walk with whom";

fn check(request: &mut Request<'_>) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    // A policy may be sent along, to be checked with the roster that it is for.
    request.policy();
    request.unknown();
    request.settled()?;
    let roster = roster.ok_or_else(|| request.refused())?;
    Ok(to_json(&RosterTold::of(&roster)))
}

fn policy(request: &mut Request<'_>) -> Result<Vec<u8>, End> {
    let policy = request.policy();
    request.unknown();
    request.settled()?;
    let policy = policy.ok_or_else(|| request.refused())?;
    Ok(to_json(&PolicyTold::of(&policy)))
}

fn matching(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let policy = request.policy();
    let objective: Option<Objective> = request.option("objective", &known::<Objective>());
    let proposing: Option<Proposing> = request.option("proposing", &known::<Proposing>());
    let seed = request.seed();
    let from: Option<MatchingDocument> = request.document("from", Kind::Matching);
    request.unknown();
    if let Some(policy) = &policy {
        let objective = objective.unwrap_or(policy.objective);
        if seed.is_some() && !objective.draws() {
            let reason = format!("{objective} draws no lots, so a seed changes nothing");
            let fix = "leave it out, or ask for serial, random-eligible or stable";
            request.fault("/seed", reason, fix);
        }
        if proposing.is_some() && objective != Objective::Stable {
            let reason = format!("under {objective} nobody proposes");
            request.fault("/proposing", reason, "leave it out, or ask for stable");
        }
    }
    request.settled()?;
    let (Some(roster), Some(policy)) = (roster, policy) else {
        return Err(request.refused().into());
    };
    let objective = objective.unwrap_or(policy.objective);
    let policy = policy.with_objective(objective, proposing);
    let cx = Context::new(&roster, &policy);
    watch.stage(PAIRS)?;
    let seed = seed.unwrap_or(0);
    let run = match &from {
        None => match_with_seed(&cx, seed, watch),
        Some(old) => {
            policy_of(old).map_err(|error| Request::not_verified("from", None, &error))?;
            let earlier = Earlier::read(&roster, old).map_err(|several| {
                refused(
                    "unsupported",
                    format!(
                        "Matching from an earlier matching gives one worker to each person, but it proposes several to {}. Match afresh, or use an earlier matching with one worker each.",
                        several.join(", ")
                    ),
                )
            })?;
            match_from(&cx, &earlier, seed, watch)
        }
    };
    let run: Run<'_> = run.map_err(no_matching)?;
    watch.stage("reasons")?;
    Ok(to_json(&document(&run)))
}

fn suggest(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let policy = request.policy();
    let person: Option<String> = request.option("person_id", PERSON);
    let person = request.needed("person_id", person, PERSON);
    let top = request.option_if("top", "write a whole number from 1 to 1000", |top| {
        (1..=1000_usize).contains(top)
    });
    let costs = request.option("costs", "write true or false").unwrap_or(true);
    request.unknown();
    let user = match (&person, &roster) {
        (Some(id), Some(roster)) => request.person("/person_id", id, roster),
        _ => None,
    };
    request.settled()?;
    let (Some(roster), Some(policy), Some(user)) = (roster, policy, user) else {
        return Err(request.refused().into());
    };
    let cx = Context::new(&roster, &policy);
    watch.stage(PAIRS)?;
    let found =
        suggest_asked(&cx, user, top.unwrap_or(5), costs, watch).map_err(|_| End::Stopped)?;
    Ok(to_json(&found.suggestions))
}

fn explained(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let both = request.has("matching") && request.has("policy");
    let policy = request.policy();
    let person: Option<String> = request.option("person_id", PERSON);
    let person = request.needed("person_id", person, PERSON);
    let worker: Option<String> = request.option("worker_id", WORKER);
    let worker = request.needed("worker_id", worker, WORKER);
    let audience: Option<Audience> = request.option("audience", &known::<Audience>());
    let matching: Option<MatchingDocument> = request.document("matching", Kind::Matching);
    request.unknown();
    if both {
        request.fault(
            "/policy",
            "a matching is explained by the policy it was made with",
            "leave the policy out, or the matching",
        );
    }
    let mut pair = None;
    if let Some(roster) = &roster {
        let user = person.and_then(|id| request.person("/person_id", &id, roster));
        let worker = worker.and_then(|id| request.worker("/worker_id", &id, roster));
        pair = user.zip(worker);
    }
    request.settled()?;
    let (Some(roster), Some(policy), Some((user, worker))) = (roster, policy, pair) else {
        return Err(request.refused().into());
    };
    let audience = audience.unwrap_or(Audience::Coordinator);
    watch.stage("reasons")?;
    let Some(document) = matching else {
        let cx = Context::new(&roster, &policy);
        return Ok(to_json(&explain(&cx, audience, user, worker, None)));
    };
    let not_verified =
        |error: VerifyError| Request::not_verified("matching", Some(&roster), &error);
    let policy = policy_of(&document).map_err(not_verified)?;
    let cx = Context::new(&roster, &policy);
    let decided = verify(&cx, &document).map_err(not_verified)?;
    Ok(to_json(&explain(&cx, audience, user, worker, Some(&decided))))
}

fn menus(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let policy = request.policy();
    let people: Option<Vec<String>> =
        request.option_if("people", "write the ids of those who choose, in a list, or leave it out to ask everybody who is ready", |ids: &Vec<String>| !ids.is_empty());
    let size =
        request.option_if("size", &format!("write a whole number from 2 to {SIZE_MAX}"), |size| {
            (2..=SIZE_MAX).contains(size)
        });
    let mode: Option<MenuMode> = request.option("mode", "write safe, live or shortlist");
    let most_loss: Option<u32> = request.option_if(
        "most_loss",
        &format!("write a whole number from 0 to {WHOLE}"),
        |loss| *loss <= WHOLE,
    );
    let seed = request.seed();
    request.unknown();
    if most_loss.is_some() && mode == Some(MenuMode::Shortlist) {
        request.fault(
            "/most_loss",
            "this says what an option of a live menu may cost, and a shortlist is not chosen by it",
            "leave it out",
        );
    }
    let mut asked = None;
    if let (Some(ids), Some(roster)) = (&people, &roster) {
        let users: Vec<_> = ids
            .iter()
            .enumerate()
            .filter_map(|(place, id)| request.person(&format!("/people/{place}"), id, roster))
            .collect();
        asked = Some(users);
    }
    request.settled()?;
    let (Some(roster), Some(policy)) = (roster, policy) else {
        return Err(request.refused().into());
    };
    let wanted = MenuRequest {
        asked,
        size: size.unwrap_or(3),
        mode: mode.unwrap_or(MenuMode::Safe),
        seed: seed.unwrap_or(0),
        most_loss: most_loss.unwrap_or(MOST_LOSS),
    };
    let cx = Context::new(&roster, &policy);
    watch.stage(PAIRS)?;
    Ok(to_json(&menu::make(&cx, &wanted, watch).map_err(|error| no_menu("menu", error))?))
}

fn chosen(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let document: Option<MenuDocument> = request.document("menu", Kind::Menu);
    let document = request.needed("menu", document, "send the menu document");
    let resolve = request.option("resolve", "write true or false").unwrap_or(false);
    let change = request.option("change", "write true or false").unwrap_or(false);
    let person: Option<String> = request.option("person_id", PERSON);
    let answer: Option<Answer> = request.option("answer", ANSWER);
    let mut answered = None;
    if resolve {
        for (name, there) in
            [("person_id", person.is_some()), ("answer", answer.is_some()), ("change", change)]
        {
            if there {
                let fix = "leave it out, or leave `resolve` out";
                request.fault(&format!("/{name}"), "shortlists are resolved for everybody", fix);
            }
        }
    } else {
        let person = request.needed("person_id", person, PERSON);
        let answer = request.needed("answer", answer, ANSWER);
        if let (Some(person), Some(roster)) = (person, &roster) {
            answered = request.person("/person_id", &person, roster).zip(answer);
        }
        if let (Some((_, answer)), Some(roster)) = (&answered, &roster) {
            let named: Vec<(String, String)> = match answer {
                Answer::Pick(id) => vec![("/answer/pick".to_owned(), id.clone())],
                Answer::Ranks(ids) => ids
                    .iter()
                    .enumerate()
                    .map(|(place, id)| (format!("/answer/ranks/{place}"), id.clone()))
                    .collect(),
                Answer::None | Answer::Later | Answer::TakenBack => Vec::new(),
            };
            for (at, id) in named {
                request.worker(&at, &id, roster);
            }
        }
    }
    request.unknown();
    request.settled()?;
    let (Some(roster), Some(document)) = (roster, document) else {
        return Err(request.refused().into());
    };
    let policy = menu::policy_of(&document)
        .map_err(|error| Request::not_verified("menu", Some(&roster), &error))?;
    let cx = Context::new(&roster, &policy);
    watch.stage("what is possible now")?;
    let next = match answered {
        None => menu::resolve(&cx, &document, watch),
        Some((user, answer)) => {
            let takes_back = matches!(answer, Answer::TakenBack);
            menu::choose(&cx, &document, user, answer, change || takes_back, watch)
        }
    };
    Ok(to_json(&next.map_err(|error| no_menu("menu", error))?))
}

fn verified(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    const NAME: &str = "document";
    let checked = request.roster_and_input();
    let kinds = [Kind::Matching, Kind::Menu, Kind::Lottery, Kind::Handover];
    let found = request.kind(NAME, &kinds);
    let found = request.needed(
        NAME,
        found,
        "send what `match`, `menu`, `choose`, `lottery` or `handover` gave",
    );
    let read = found.and_then(|(text, kind)| match kind {
        Kind::Menu => request.parse(NAME, text).map(Document::Menu),
        Kind::Lottery => request.parse(NAME, text).map(Document::Lottery),
        Kind::Handover => request.parse(NAME, text).map(Document::Handover),
        _ => request.parse(NAME, text).map(Document::Matching),
    });
    request.unknown();
    request.settled()?;
    let (Some((roster, input)), Some(read)) = (checked, read) else {
        return Err(request.refused().into());
    };
    watch.stage("verifying")?;
    let wrong = |error: VerifyError| Request::not_verified(NAME, Some(&roster), &error);
    let told = match &read {
        Document::Matching(document) => {
            let policy = policy_of(document).map_err(wrong)?;
            let cx = Context::new(&roster, &policy);
            let decided = verify(&cx, document).map_err(wrong)?;
            Verified::matching(&decided, document)
        }
        Document::Menu(document) => {
            let policy = menu::policy_of(document).map_err(wrong)?;
            let held = menu::verify(&Context::new(&roster, &policy), document).map_err(wrong)?;
            Verified::menus(&held, &policy)
        }
        Document::Lottery(document) => {
            let policy = lottery::policy_of(document).map_err(wrong)?;
            let cx = Context::new(&roster, &policy);
            let held = lottery::verify(&cx, document, watch).map_err(wrong)?;
            watch.stage("verifying")?;
            Verified::lottery(&held, &policy)
        }
        Document::Handover(document) => {
            let policy = policy_of(&document.matching).map_err(wrong)?;
            peermatch_core::handover::verify(&input, &roster, &policy, document)
                .map_err(|error| no_handover(NAME, error))?;
            Verified::handover(document)
        }
    };
    Ok(to_json(&told))
}

/// A document of the kinds that can be verified.
enum Document {
    Matching(MatchingDocument),
    Menu(MenuDocument),
    Lottery(LotteryDocument),
    Handover(Handover),
}

fn handed_over(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let fix = "write the ids of those who leave, in a list";
    let checked = request.roster_and_input();
    let policy = request.policy();
    let ids: Option<Vec<String>> =
        request.option_if("leaving", fix, |ids: &Vec<String>| !ids.is_empty());
    let ids = request.needed("leaving", ids, fix);
    let seed = request.seed();
    request.unknown();
    let mut leaving = Vec::new();
    if let (Some(ids), Some((roster, _))) = (&ids, &checked) {
        for (place, id) in ids.iter().enumerate() {
            leaving.extend(request.worker(&format!("/leaving/{place}"), id, roster));
        }
    }
    request.settled()?;
    let (Some((roster, input)), Some(policy)) = (checked, policy) else {
        return Err(request.refused().into());
    };
    watch.stage(PAIRS)?;
    let found = handover(&input, &roster, &policy, &leaving, seed.unwrap_or(0), watch)
        .map_err(|error| no_handover("leaving", error))?;
    Ok(to_json(&found))
}

fn drawn(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let roster = request.roster();
    let policy = request.policy();
    let objective: Option<LotteryObjective> =
        request.option("objective", "write best_total or probabilistic_serial");
    let capped: Option<String> = request.option_if(
        "cap",
        "write a fraction above 0 and at most 1, in quotes, such as \"1/2\"",
        |text: &String| fraction(text).is_some(),
    );
    let denominator: Option<u32> = request.option_if(
        "denominator",
        &format!("write a whole number from 1 to {DENOMINATOR_MAX}"),
        |denominator| (1..=DENOMINATOR_MAX).contains(denominator),
    );
    let seed = request.seed();
    let secret: Option<String> = request.option("secret", "write words, in quotes");
    request.unknown();
    let objective = objective.unwrap_or(LotteryObjective::BestTotal);
    if objective == LotteryObjective::ProbabilisticSerial {
        for (name, there) in [("cap", capped.is_some()), ("denominator", denominator.is_some())] {
            if there {
                let reason = "probabilistic serial has no cap, and finds its own denominator";
                request.fault(&format!("/{name}"), reason, "leave it out");
            }
        }
    }
    let denominator = denominator.unwrap_or(60);
    let capped = capped.as_deref().and_then(fraction).unwrap_or((1, 2));
    let cap = cap_over(capped, denominator);
    if cap.is_none() {
        let reason = format!("this cap is less than one part of {denominator}");
        request.fault("/cap", reason, "write a larger denominator");
    }
    request.settled()?;
    let (Some(roster), Some(policy), Some(cap)) = (roster, policy, cap) else {
        return Err(request.refused().into());
    };
    let wanted = LotteryRequest {
        objective,
        cap,
        denominator,
        seed: seed.unwrap_or(0),
        secret: secret.unwrap_or_default(),
    };
    let cx = Context::new(&roster, &policy);
    watch.stage(PAIRS)?;
    let made = lottery::make(&cx, &wanted, watch).map_err(|error| match error {
        LotteryError::Refused(words) => refused("unsupported", words).into(),
        LotteryError::Infeasible(words) => refused("infeasible", words).into(),
        LotteryError::Cancelled => End::Stopped,
        LotteryError::Internal(words) => defect(&words),
    })?;
    Ok(to_json(&made))
}

fn compared(request: &mut Request<'_>, watch: &dyn Stages) -> Result<Vec<u8>, End> {
    let aside = request.option("no_minimums", "write true or false").unwrap_or(false);
    let roster = if aside { request.roster_without_minimums() } else { request.roster() };
    let policy = request.policy();
    let objectives: Option<Vec<Objective>> = request.option(
        "objectives",
        &format!("write a list, or leave it out to compare all: {}", known::<Objective>()),
    );
    let audience: Option<Audience> =
        request.option_if("audience", "write coordinator or auditor", |audience| {
            matches!(audience, Audience::Coordinator | Audience::Auditor)
        });
    let seed = request.seed();
    request.unknown();
    let objectives = objectives.filter(|objectives| !objectives.is_empty());
    let objectives = objectives.as_deref().unwrap_or(Objective::ALL);
    if seed.is_some() && !objectives.iter().copied().any(Objective::draws) {
        request.fault(
            "/seed",
            "none of these objectives draws lots, so a seed changes nothing",
            "leave it out, or compare serial, random-eligible or stable too",
        );
    }
    request.settled()?;
    let (Some(roster), Some(policy)) = (roster, policy) else {
        return Err(request.refused().into());
    };
    let cx = Context::new(&roster, &policy);
    watch.stage(PAIRS)?;
    let audience = audience.unwrap_or(Audience::Coordinator);
    let found =
        compare(&cx, objectives, audience, seed.unwrap_or(0), watch).map_err(no_matching)?;
    Ok(to_json(&found))
}

const PERSON: &str = "write the id of a person, in quotes";
const WORKER: &str = "write the id of a worker, in quotes";
const ANSWER: &str =
    "write { \"pick\": ID }, { \"ranks\": [IDS] }, \"none\", \"later\" or \"taken_back\"";

/// The words of a closed list, as they are told to whoever wrote another.
fn known<W: Words>() -> String {
    let words: Vec<&str> = W::ALL.iter().map(|value| value.word()).collect();
    format!("write one of: {}", words.join(", "))
}

/// A defect of this program: said to whoever runs the service, not to whoever asks. The words name ids only.
fn defect(words: &str) -> End {
    tracing::error!(reason = words, "the engine refused its own answer");
    Problem::internal().into()
}

fn no_matching(error: RunError) -> End {
    match error {
        RunError::Infeasible(words) => refused("infeasible", words.join(" ")).into(),
        RunError::Unsupported(words) => refused("unsupported", words.join(" ")).into(),
        RunError::Cancelled => End::Stopped,
        RunError::Refused(_) | RunError::Problem(_) => defect(&error.to_string()),
    }
}

fn no_menu(name: &str, error: MenuError) -> End {
    match error {
        MenuError::Refused(words) => refused("unsupported", words).into(),
        MenuError::Infeasible(words) => refused("infeasible", words).into(),
        MenuError::Cancelled => End::Stopped,
        MenuError::NotVerified(error) => Request::not_verified(name, None, &error).into(),
        MenuError::Internal(words) => defect(&words),
    }
}

fn no_handover(name: &str, error: HandoverError) -> End {
    match error {
        HandoverError::Leaving(words) => refused("unsupported", words).into(),
        HandoverError::Roster(_) => refused(
            "unsupported",
            "With these workers gone the roster has faults: what was sent does not go together once they have left.",
        )
        .into(),
        HandoverError::Run(error) => no_matching(error),
        HandoverError::Stated(words) => refused("not_verified", format!("Not verified: {words}")).into(),
        HandoverError::Verify(error) => Request::not_verified(name, None, &error).into(),
    }
}
