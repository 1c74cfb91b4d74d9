//! How sentences begin and end for whom: the person is "you", the coordinator reads about two others, the worker is "you" too.
//!
//! Sentences hold no numbers and no ranks, and no full stop: the presenting side joins them.

use peermatch_model::words::Audience;

/// "Speaks Samoan, as you wished": what the worker does, and that it was wished. `second` is the verb when the worker is "you".
pub(super) fn as_wished(audience: Audience, third: &str, second: &str, what: &str) -> String {
    match audience {
        Audience::ServiceUser => format!("{third} {what}, as you wished"),
        Audience::Coordinator | Audience::Auditor => format!("{third} {what}, as wished"),
        Audience::PeerWorker => format!("You {second} {what}, as this person wished"),
    }
}

/// "You wished for X; Y": a wish that is not, or not wholly, met, and what there is instead.
pub(super) fn wished_but(audience: Audience, wished: &str, but: &str) -> String {
    match audience {
        Audience::ServiceUser => format!("You wished for {wished}; {but}"),
        Audience::Coordinator | Audience::Auditor => format!("Wished for {wished}; {but}"),
        Audience::PeerWorker => format!("This person wished for {wished}; {but}"),
    }
}

/// "You would rather not have X; Y": the same of a wish away from something.
pub(super) fn rather_not_but(audience: Audience, unwished: &str, but: &str) -> String {
    match audience {
        Audience::ServiceUser => format!("You would rather not have {unwished}; {but}"),
        Audience::Coordinator | Audience::Auditor => {
            format!("Would rather not have {unwished}; {but}")
        }
        Audience::PeerWorker => format!("This person would rather not have {unwished}; {but}"),
    }
}

/// "We cannot say: X": nothing is told, or what is told may not be shown to this audience. The words are the same for both, and true of
/// both, so that they do not give away which it is.
pub(super) fn unknown(audience: Audience, what: &str) -> String {
    match audience {
        Audience::ServiceUser | Audience::PeerWorker => format!("We cannot say: {what}"),
        Audience::Coordinator | Audience::Auditor => {
            format!("Nothing that may be shown here about {what}")
        }
    }
}

/// "this worker" or "you", to go on with.
pub(super) fn this_worker(audience: Audience) -> &'static str {
    match audience {
        Audience::PeerWorker => "you",
        Audience::ServiceUser | Audience::Coordinator | Audience::Auditor => "this worker",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<S: AsRef<str>>(items: &[S], last: &str) -> String {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == items.len() { last } else { ", " });
        }
        out.push_str(item.as_ref());
    }
    out
}

/// A word of a word list as it is spoken: `one_to_one` is "one to one".
pub(super) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_address_whoever_reads() {
        assert_eq!(
            as_wished(Audience::ServiceUser, "Speaks", "speak", "Samoan"),
            "Speaks Samoan, as you wished"
        );
        assert_eq!(
            as_wished(Audience::PeerWorker, "Speaks", "speak", "Samoan"),
            "You speak Samoan, as this person wished"
        );
        assert_eq!(list(&["a", "b", "c"], " and "), "a, b and c");
        assert_eq!(list(&["a"], " or "), "a");
    }
}
