//! What is said of raw problems: results, refusals and obstacles, with ids.

use std::fmt::Display;

use peermatch_assignment::side::SideRejection;
use peermatch_assignment::{
    ChainRejection, Flow, FlowObstacle, FlowRejection, Left, Obstacle, OrdinalRejection, Rejection,
    Right, ordinal::Blocking,
};
use peermatch_formats::edges::{Coverage, Proposing, RawProblem, Rule};

use super::confirm::Confirmed;
use crate::exit::Stop;

/// The most ids that one sentence names; the rest is counted.
const NAMED_MAX: usize = 10;

/// The most grades that one sentence names.
const GRADES_MAX: usize = 10;

/// A count with its noun: "1 left", "2 lefts".
pub(super) fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let s = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// Ids in a sentence.
fn named<'a>(count: usize, ids: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<String> = ids.take(NAMED_MAX).map(|id| format!("`{id}`")).collect();
    let rest = count.saturating_sub(NAMED_MAX);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

fn lefts(raw: &RawProblem, lefts: &[Left]) -> String {
    named(lefts.len(), lefts.iter().map(|left| raw.left(*left)))
}

fn rights(raw: &RawProblem, rights: &[Right]) -> String {
    named(rights.len(), rights.iter().map(|right| raw.right(*right)))
}

/// How many places are wanted in all.
pub(super) fn wanted(raw: &RawProblem) -> u64 {
    Left::all(raw.lefts().len()).map(|left| u64::from(raw.supply().wanted(left))).sum()
}

/// Options that do not go together.
pub(super) fn refused(reasons: &[String]) -> Stop {
    Stop::invalid(reasons.join("\n"))
}

/// The solver's own result did not pass.
pub(super) fn defect(why: &str) -> Stop {
    Stop::check_failed(format!(
        "the result did not pass its check, so nothing was written; please report this: {why}"
    ))
}

/// Who has a place, and the total.
fn head(raw: &RawProblem, flow: &Flow, confirmed: &Confirmed, at_rights: bool) -> String {
    let lefts = counted(raw.lefts().len(), "left");
    let have = if raw.lefts().len() == 1 { "has" } else { "have" };
    let if_so = |so: bool, words: String| if so { words } else { String::new() };
    let at = if_so(at_rights, format!(" at {}", counted(raw.rights().len(), "right")));
    let wanted = counted(wanted(raw), "place");
    let several = if_so(
        !raw.supply().is_one_each(),
        format!(", {} of {wanted} wanted given", confirmed.given),
    );
    let before = if at_rights { ";" } else { "," };
    let total = if_so(raw.scored(), format!("{before} total score {}", raw.flow_score(flow)));
    format!("{} of {lefts} {have} a place{at}{several}{total}", confirmed.assigned)
}

/// What a solve came to.
pub(super) fn summary(raw: &RawProblem, rule: Rule, flow: &Flow, confirmed: &Confirmed) -> String {
    let least = raw.least_score(flow).filter(|_| rule.aim().is_some() && raw.scored());
    let least = least.map(|least| format!(", least score {least}")).unwrap_or_default();
    let edges = counted(confirmed.edges, "edge");
    let least = match confirmed.sums {
        Some((least, _)) => format!(", least sum of a left {least}"),
        None => least,
    };
    let proven = if let Rule::BestTotal { .. } = rule {
        format!(" Proven best over {edges}.")
    } else {
        let met = confirmed.sums.is_none_or(|(least, bound)| least == bound);
        let word = if rule.is_optimum() && met { "Proven" } else { "Checked" };
        format!("\n{word} over {edges}: {}.", claim(raw, rule, confirmed))
    };
    let mut lines = vec![format!("{}{least}.{proven}", head(raw, flow, confirmed, true))];
    lines.extend(confirmed.grades.as_deref().and_then(|grades| tally(rule, grades)));
    lines.extend(places_note(raw, rule).map(str::to_owned));
    if let Rule::Stable { proposing } = rule {
        lines.push(stable_note(raw, proposing, confirmed.ties).to_owned());
    }
    lines.join("\n")
}

/// What a verification found.
pub(super) fn verified(raw: &RawProblem, rule: Rule, flow: &Flow, confirmed: &Confirmed) -> String {
    format!(
        "verified: {}; {} (proof checked over {}).",
        head(raw, flow, confirmed, false),
        claim(raw, rule, confirmed),
        counted(confirmed.edges, "edge")
    ) + &places_note(raw, rule).map(|note| format!("\n{note}")).unwrap_or_default()
}

/// Where several are wanted: that places are what is counted.
fn places_note(raw: &RawProblem, rule: Rule) -> Option<&'static str> {
    // Per person, lefts are what is counted; and where everybody must have one, nobody has none.
    let supply = raw.supply();
    let sure = Left::all(supply.lefts()).all(|left| supply.least(left) > 0);
    (!supply.is_one_each() && !sure && rule != Rule::PerPerson).then_some(
        "Places are counted, not lefts: one left may have several while another has none. A `minimum` of 1 in the demand file rules that out.",
    )
}

/// What a check has shown. Where somebody wants several places, places are what is counted, not lefts.
fn claim(raw: &RawProblem, rule: Rule, confirmed: &Confirmed) -> String {
    let several = !raw.supply().is_one_each();
    let (more, as_many, those) = if several {
        ("gives more places", "gives as many", "of those that give as many places")
    } else {
        ("serves more", "serves as many", "of those that serve as many")
    };
    // Fairness counts per pair, which is a person only where everybody has one.
    let (near, worst) = if several {
        ("every pair nearer to the best score of its left", "the worst pair")
    } else {
        ("everybody nearer to their best score", "the worst off")
    };
    match rule {
        Rule::BestTotal { coverage: Coverage::Total } => "no matching is better".to_owned(),
        Rule::BestTotal { coverage: Coverage::Most } => {
            format!("no matching {more}, and none that {as_many} is better")
        }
        Rule::MaxMin { .. } => {
            format!(
                "{those}, none keeps {near}, and none that keeps them as near has a larger total"
            )
        }
        Rule::PerPerson => match confirmed.sums {
            None => "no matching serves anybody".to_owned(),
            Some((least, bound)) if least == bound => format!(
                "no matching serves more lefts, and none that serves the same has a least sum of scores above {bound}; of the total score nothing is proven"
            ),
            Some((least, bound)) => format!(
                "no matching serves more lefts; the least sum of scores is {least}, and none that serves the same lefts has one above {bound} (gap {}); whether more than {least} can be had is not proven, nor anything of the total score",
                bound - least
            ),
        },
        Rule::Leximin { .. } => {
            format!(
                "{those}, none is better for {worst}, then for the next, and so on to the total"
            )
        }
        Rule::Nash => {
            format!("{those}, none has a larger product of 1 + score (to 0.7 parts per million)")
        }
        Rule::RankMaximal => {
            "none has more at rank 1, then at rank 2, and so on to the total".to_owned()
        }
        Rule::Stable { .. } => {
            let size =
                confirmed.largest.map(|most| format!(", and no matching serves more than {most}"));
            format!(
                "no left and right would both rather have each other{}",
                size.unwrap_or_default()
            )
        }
        Rule::Serial { seed } => format!(
            "in an order drawn with seed {seed}, each has the best right that was left, by its own ranks"
        ),
        Rule::FirstCome => "in the order of ids, each has the best right that was left".to_owned(),
        Rule::Greedy => "the best pair first, then the best of what was left".to_owned(),
        Rule::RandomEligible { seed } => format!(
            "in the order of ids, each has one of the rights that were left, drawn with seed {seed}"
        ),
    }
}

/// How many are at which grade.
fn tally(rule: Rule, grades: &[(u32, u64)]) -> Option<String> {
    if grades.is_empty() {
        return None;
    }
    let one = |(grade, count): &(u32, u64)| match (rule, rule.step()) {
        (Rule::RankMaximal, _) => format!("{count} at rank {grade}"),
        (_, Some(1) | None) => format!("{count} by {grade}"),
        (_, Some(_)) => format!("{count} by {}", counted(grade, "step")),
    };
    let mut told: Vec<String> = grades.iter().take(GRADES_MAX).map(one).collect();
    let rest = grades.len().saturating_sub(GRADES_MAX);
    if rest > 0 {
        told.push(format!("and so on ({rest} more)"));
    }
    let told = told.join(", ");
    Some(match rule.step() {
        None => format!("Pairs by rank: {told}."),
        Some(1) => format!("Pairs below the best score of their left, worst first: {told}."),
        Some(step) => {
            format!(
                "Pairs below the best score of their left in whole steps of {step}, worst first: {told}."
            )
        }
    })
}

/// How a stable matching stands among the stable ones.
fn stable_note(raw: &RawProblem, proposing: Proposing, ties: bool) -> &'static str {
    match (ties, proposing) {
        (false, _) if raw.scored() && !raw.ranks_given() => {
            "Both sides rank by score and nobody ranks two equally: this is the one stable matching, and the greedy one."
        }
        (false, _) => {
            "Nobody ranks two equally, so every stable matching serves the same lefts (Roth 1986)."
        }
        (true, Proposing::Lefts) => {
            "Some rank equally: it serves at least two thirds as many as the largest stable matching (Király 2013)."
        }
        (true, Proposing::Rights) => {
            "Some rank equally, broken by id: it serves at least half as many as the largest stable matching."
        }
    }
}

/// Whether only the proof of best failed.
pub(super) fn is_not_optimal(why: &Rejection) -> bool {
    matches!(why, Rejection::NotOptimal { .. })
}

/// The same of a flow.
pub(super) fn flow_is_not_optimal(why: &FlowRejection) -> bool {
    matches!(why, FlowRejection::NotOptimal { .. })
}

/// Why a matching or certificate was refused, with ids.
pub(super) fn rejection(raw: &RawProblem, why: &Rejection) -> String {
    let (left, right) = (|left: &Left| raw.left(*left), |right: &Right| raw.right(*right));
    match why {
        Rejection::NotEligible { left: u, right: w } => {
            format!("`{}` and `{}` are no edge", left(u), right(w))
        }
        Rejection::OverCapacity { right: w, load, capacity } => {
            let (lefts, places) = (counted(load, "left"), counted(capacity, "place"));
            format!("`{}` has {lefts} but only {places}", right(w))
        }
        Rejection::BelowMinimum { right: w, load, minimum } => {
            format!("`{}` has {} but must have {minimum}", right(w), counted(load, "left"))
        }
        Rejection::NotOptimal { cost, bound } => {
            format!(
                "the prices do not prove that nothing is better: the matching is worth {}, the bound is {}",
                -cost, -bound
            )
        }
        // The rest cannot come from files that were read whole; indexes are then the honest answer.
        other => other.to_string(),
    }
}

/// Why a flow or its prices were refused, with ids.
pub(super) fn flow_rejection(raw: &RawProblem, why: &FlowRejection) -> String {
    let (left, right) = (|left: &Left| raw.left(*left), |right: &Right| raw.right(*right));
    match why {
        FlowRejection::Input(why) => rejection(raw, why),
        FlowRejection::NotEligible { left: u, right: w } => {
            format!("`{}` and `{}` are no edge", left(u), right(w))
        }
        FlowRejection::MoreThanWanted { left: u, units, wanted } => {
            format!("`{}` has {} but wants {wanted}", left(u), counted(units, "right"))
        }
        FlowRejection::FewerThanLeast { left: u, units, least } => {
            format!("`{}` has {} but needs {least}", left(u), counted(units, "right"))
        }
        FlowRejection::OverCapacity { right: w, load, capacity } => {
            let (lefts, places) = (counted(load, "left"), counted(capacity, "place"));
            format!("`{}` has {lefts} but only {places}", right(w))
        }
        FlowRejection::BelowMinimum { right: w, load, minimum } => {
            format!("`{}` has {} but must have {minimum}", right(w), counted(load, "left"))
        }
        FlowRejection::NotOptimal { cost, bound } => {
            format!(
                "the prices do not prove that nothing is better: the matching is worth {}, the bound is {}",
                -cost, -bound
            )
        }
        other => other.to_string(),
    }
}

/// Why a chain of stages was refused, with ids.
pub(super) fn chain_rejection(raw: &RawProblem, why: &ChainRejection) -> String {
    match why {
        ChainRejection::Flow(why) => flow_rejection(raw, why),
        ChainRejection::Prices { at, stage, why } => {
            format!("stage {} ({stage}): {}", at + 1, rejection(raw, why))
        }
        ChainRejection::WitnessPrices(why) => format!("the witness: {}", rejection(raw, why)),
        // Grades and counts only: nothing to be named.
        other => other.to_string(),
    }
}

/// Why sums or their bound were refused, with ids.
pub(super) fn side_rejection(raw: &RawProblem, why: &SideRejection) -> String {
    match why {
        SideRejection::Basic(why) => rejection(raw, why),
        SideRejection::Units { left, units, least, wanted } => format!(
            "`{}` has {}, but wants {least} to {wanted}",
            raw.left(*left),
            counted(units, "right")
        ),
        // Leaves, scales and sums only: nothing to be named.
        other => other.to_string(),
    }
}

/// Why a matching does not keep an ordinal rule, with ids.
pub(super) fn ordinal_rejection(raw: &RawProblem, why: &OrdinalRejection) -> String {
    let having = |right: &Option<Right>| {
        right.map_or("having none".to_owned(), |right| format!("`{}`", raw.right(right)))
    };
    match why {
        OrdinalRejection::Feasibility(why) => rejection(raw, why),
        OrdinalRejection::Blocked { left, right, assigned, why } => {
            let (left, right) = (raw.left(*left), raw.right(*right));
            let why = match why {
                Blocking::SparePlace { load, capacity } => {
                    format!("has a place to spare ({load} of {capacity} taken)")
                }
                Blocking::Rather { than } => {
                    format!("would rather have `{left}` than `{}`, whom it has", raw.left(*than))
                }
            };
            format!(
                "`{left}` and `{right}` block the matching: `{left}` prefers `{right}` to {}, and `{right}` {why}",
                having(assigned)
            )
        }
        OrdinalRejection::OutOfTurn { left, due, assigned } => format!(
            "when the turn of `{}` came, {} was the best that was left, but the matching says {}",
            raw.left(*left),
            having(due),
            having(assigned)
        ),
        other => other.to_string(),
    }
}

/// Why no matching exists, with ids.
pub(super) fn obstacle(raw: &RawProblem, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::MinimumsOutOfReach { rights: who, needed, reachable } => {
            minimums(raw, who, *needed, reachable)
        }
        Obstacle::PinsOverCapacity { right, pinned, capacity } => {
            format!(
                "`{}` has {}, but these must stay there: {}",
                raw.right(*right),
                counted(capacity, "place"),
                lefts(raw, pinned)
            )
        }
        Obstacle::PinNotEligible { left, right } => {
            format!(
                "`{}` must stay with `{}`, but they are no edge",
                raw.left(*left),
                raw.right(*right)
            )
        }
    }
}

fn minimums(raw: &RawProblem, who: &[Right], needed: u64, reachable: &[Left]) -> String {
    let needed = counted(needed, "left");
    let to = if who.len() == 1 { "it" } else { "them" };
    let between = if who.len() == 1 { "" } else { " between them" };
    let few = match reachable.len() {
        0 => format!("none has an edge to {to}"),
        1 => format!("only 1 has an edge to {to}: {}", lefts(raw, reachable)),
        count => format!("only {count} have an edge to {to}: {}", lefts(raw, reachable)),
    };
    format!(
        "no matching keeps the minimums: {} must have {needed}{between}, but {few}. Lower a minimum or add edges.",
        rights(raw, who)
    )
}

/// The same where lefts want several rights.
pub(super) fn flow_obstacle(raw: &RawProblem, obstacle: &FlowObstacle) -> String {
    match obstacle {
        FlowObstacle::LeastOutOfReach { left, least, rights: who, reachable } => format!(
            "`{}` needs {}, but only {reachable} can be had: {}. Lower its minimum or add edges.",
            raw.left(*left),
            counted(least, "different right"),
            rights(raw, who)
        ),
        FlowObstacle::TooFewPlaces { lefts: who, needed, rights: where_, places } => format!(
            "no matching gives everybody what they need: {} must have {needed} of the places at {}, which {} only {places}. Lower a minimum or raise a capacity.",
            lefts(raw, who),
            rights(raw, where_),
            if where_.len() == 1 { "has" } else { "have" }
        ),
        FlowObstacle::MinimumsOutOfReach {
            rights: who,
            needed,
            lefts: reachable,
            reachable: most,
        } => {
            format!(
                "no matching keeps the minimums: {} must have {}, but those with an edge there can take only {most}: {}. Lower a minimum or add edges.",
                rights(raw, who),
                counted(needed, "left"),
                lefts(raw, reachable)
            )
        }
        // Nobody is pinned on raw edges.
        other => format!("{other:?}"),
    }
}
