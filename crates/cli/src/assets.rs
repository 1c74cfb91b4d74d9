//! Files that the command carries within it: the shipped service for `demo`, the blank pack for `init`.
//!
//! Each list is path below the folder, and content; tests hold the lists against the folders they come from.

macro_rules! files {
    ($base:literal: $($name:literal,)+) => {
        &[$(($name, include_str!(concat!($base, $name)))),+]
    };
}

/// The shipped service of invented people.
pub(crate) const DEMO: &[(&str, &str)] = files! { "../../../examples/programmes/service/":
    "README.md",
    "limits.toml",
    "policy.toml",
    "roster/codes.csv",
    "roster/conflicts.csv",
    "roster/groups.csv",
    "roster/matches.csv",
    "roster/minimums.csv",
    "roster/names.csv",
    "roster/nominated_peers.csv",
    "roster/pack.toml",
    "roster/people.csv",
    "roster/person_experiences.csv",
    "roster/person_identity.csv",
    "roster/person_preferences.csv",
    "roster/pins.csv",
    "roster/services.csv",
    "roster/worker_experiences.csv",
    "roster/worker_identity.csv",
    "roster/worker_skills.csv",
    "roster/worker_wishes.csv",
    "roster/workers.csv",
};

/// A blank pack with one filled example row a file, and a printable form.
pub(crate) const BLANK: &[(&str, &str)] = files! { "../assets/blank/":
    "README.txt",
    "codes.csv",
    "conflicts.csv",
    "groups.csv",
    "limits.csv",
    "matches.csv",
    "minimums.csv",
    "names.csv",
    "nominated_peers.csv",
    "pack.toml",
    "paper-form.html",
    "people.csv",
    "person_experiences.csv",
    "person_identity.csv",
    "person_preferences.csv",
    "pins.csv",
    "policy.toml",
    "services.csv",
    "worker_experiences.csv",
    "worker_identity.csv",
    "worker_skills.csv",
    "worker_wishes.csv",
    "workers.csv",
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn below(folder: &Path, base: &Path, out: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                below(&path, base, out);
            } else {
                out.insert(path.strip_prefix(base).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folders_is_carried() {
        for (folder, files) in
            [("../../examples/programmes/service", DEMO), ("assets/blank", BLANK)]
        {
            let base = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut found = BTreeSet::new();
            below(&base, &base, &mut found);
            let carried: BTreeSet<String> =
                files.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(carried, found, "{folder}");
        }
    }
}
