//! The files of a pack and their columns: the one place that names them.

/// A file of a pack.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sheet {
    /// File name.
    pub file: &'static str,
    /// Whether a pack must have it.
    pub required: bool,
    /// What one row is.
    pub row: &'static str,
    /// Columns, in the order in which they are written. They are read in any order.
    pub columns: &'static [Column],
}

/// A column of a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Column {
    /// Its name in the first line.
    pub name: &'static str,
    /// Whether the file must have it.
    pub required: bool,
}

impl Sheet {
    /// The column names, for messages.
    pub(crate) fn header(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
    }
}

macro_rules! sheets {
    ($($(#[$doc:meta])* $name:ident = $file:literal $need:ident $row:literal [$($column:ident $star:tt)+];)+) => {
        $($(#[$doc])* pub static $name: Sheet = Sheet {
            file: $file,
            required: sheets!(@need $need),
            row: $row,
            columns: &[$(Column { name: stringify!($column), required: sheets!(@column $star) }),+],
        };)+
        /// Every file of a pack but `pack.toml` and `taxonomy.tsv`, in the order in which they are read.
        pub static ALL: &[&Sheet] = &[$(&$name),+];
    };
    (@need required) => { true };
    (@need optional) => { false };
    (@column *) => { true };
    (@column -) => { false };
}

// A star marks a column that must be there.
sheets! {
    /// Service users.
    PEOPLE = "people.csv" required "a service user" [
        person_id* services* wait_since* status* age_band* area- lat- lon- max_travel_min- transport- needs_lift- languages* modes*
        availability* zone- goals- support_types- demand- contact-
    ];
    /// Peer workers.
    WORKERS = "workers.csv" required "a peer worker" [
        worker_id* services* role- max_people* current_people- new_starts- paused_until- available_from- available_until- areas- lat- lon-
        max_travel_min- transport- licence- vehicle- languages- modes* availability* zone- places- support_types- goals- styles- interests-
        supervision_due- vetting_until- not_now- load_max- load_now- team- supervisor-
    ];
    /// Services.
    SERVICES = "services.csv" required "a service" [
        service_id* kaupapa- age_bands- required_training- modes- supervision_required- min_options_to_offer- crisis_text- complaints_text-
        while_waiting- person_word-
    ];
    /// Lived experience of service users.
    PERSON_EXPERIENCES = "person_experiences.csv" optional "a lived experience that a service user told" [
        person_id* concept* perspective- direction* importance- consent_match- consent_coordinator- consent_show-
    ];
    /// Wishes of service users.
    PERSON_PREFERENCES = "person_preferences.csv" optional "a wish of a service user" [
        person_id* dimension* direction- values* strength* status- stated_by- confirmed-
    ];
    /// Identity of service users.
    PERSON_IDENTITY = "person_identity.csv" optional "an identity of a service user" [person_id* system* code* use_for_matching-];
    /// People of the service users' own.
    NOMINATED_PEERS = "nominated_peers.csv" optional "somebody whom a service user named" [person_id* id* relation- consented-];
    /// Lived experience of peer workers.
    WORKER_EXPERIENCES = "worker_experiences.csv" optional "a lived experience that a peer worker told" [
        worker_id* concept* perspective- comfort* consent_match- consent_coordinator- consent_show-
    ];
    /// Identity of peer workers.
    WORKER_IDENTITY = "worker_identity.csv" optional "an identity of a peer worker" [
        worker_id* dimension* system- value* consent_match- consent_show-
    ];
    /// Training and competence of peer workers.
    WORKER_SKILLS = "worker_skills.csv" optional "a training or a competence of a peer worker" [worker_id* kind* code* level- date- expires-];
    /// Wishes of peer workers.
    WORKER_WISHES = "worker_wishes.csv" optional "a wish of a peer worker" [worker_id* dimension* direction- values* strength* status-];
    /// Who is kept apart.
    CONFLICTS = "conflicts.csv" optional "two parties to be kept apart" [a_id* b_id* kind* until-];
    /// Earlier matches.
    MATCHES = "matches.csv" optional "an earlier match" [match_id* person_id* worker_id* status* ended_at-];
    /// Groups.
    GROUPS = "groups.csv" optional "a group" [group_id* service* topics- open- seats_free- languages- schedule- area-];
    /// Decisions made before the run.
    PINS = "pins.csv" optional "a decision about a pair" [person_id* worker_id* kind*];
    /// How many people a worker is to be given at least.
    MINIMUMS = "minimums.csv" optional "a worker's minimum" [worker_id* minimum*];
    /// How many new people teams and supervisors can take.
    LIMITS = "limits.csv" optional "how many new people a team or a supervisor can take" [kind* id* new_people_max*];
    /// Identity codes.
    CODES = "codes.csv" optional "an identity code" [system* code* label- parent- residual-];
    /// Names.
    NAMES = "names.csv" optional "a name" [id* name*];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_and_column_is_named_once() {
        let mut files: Vec<&str> = ALL.iter().map(|sheet| sheet.file).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), ALL.len());
        for sheet in ALL {
            let mut columns: Vec<&str> = sheet.columns.iter().map(|column| column.name).collect();
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), sheet.columns.len(), "{}", sheet.file);
            assert!(sheet.columns[0].required, "{}: the first column says who", sheet.file);
        }
    }
}
